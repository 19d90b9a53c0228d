/** Preference pairs, one or a set: the word-level difference of their responses. The library (src/pairs) draws them. */
import type { PreferencePair } from '../../src/pairs/pair.js';
import { jupyterDisplay, type MimeBundle } from '../../src/core/display.js';
import type { Renderer } from './renderer.js';

declare module './renderer.js' {
  interface RenderedTypes {
    pair: PreferencePair;
    pairs: readonly PreferencePair[];
  }
}

/** An array is a set of pairs if its first 50 items are pairs. */
const checkedItems = 50;

/** The optional fields of a pair, and their types in rows of JSON. */
const fields = {
  rationale: 'string',
  scores: 'object',
  provenance: 'object',
  conversation: 'object',
  columns: 'object',
} as const;
const texts = ['prompt', 'chosen', 'rejected'] as const;
const known = new Set<string>([...texts, ...Object.keys(fields)]);

/** True for a plain object with the three texts. An optional field may be null, as it is in rows of JSON. */
export function isPair(value: unknown): value is PreferencePair {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  const row = value as Readonly<Record<string, unknown>>;
  return (
    texts.every((name) => typeof row[name] === 'string') &&
    Object.entries(fields).every(
      ([name, type]) => row[name] === undefined || row[name] === null || typeof row[name] === type,
    )
  );
}

/** What draws pairs. */
export interface Drawing {
  readonly showPair: (typeof import('../../src/pairs/contrast/showPair.js'))['showPair'];
  readonly showPairs: (typeof import('../../src/pairs/contrast/showPairs.js'))['showPairs'];
  readonly cells: typeof import('../../src/pairs/contrast/pairCell.js');
}

let drawing: Drawing | undefined;

/** Loads the modules that draw pairs. The kernel does so while it is idle after its start, so that it starts as fast without. */
export async function loadDrawing(): Promise<Drawing> {
  const [{ showPair }, { showPairs }, cells] = await Promise.all([
    import('../../src/pairs/contrast/showPair.js'),
    import('../../src/pairs/contrast/showPairs.js'),
    import('../../src/pairs/contrast/pairCell.js'),
  ]);
  return (drawing = { showPair, showPairs, cells });
}

/** Calls `show` with what draws pairs; a promise until `loadDrawing` is done. */
export function draw(show: (drawing: Drawing) => MimeBundle): MimeBundle | Promise<MimeBundle> {
  return drawing === undefined ? loadDrawing().then(show) : show(drawing);
}

/** One pair, as `preference.showPair` shows it; a promise until `loadDrawing` is done. */
export const pairRenderer: Renderer<PreferencePair> = {
  matches: isPair,
  render: (pair) => draw(({ showPair }) => showPair(asPair(pair))[jupyterDisplay]()),
};

/** A set of pairs, as `preference.showPairs` shows it; a promise until `loadDrawing` is done. */
export const pairsRenderer: Renderer<readonly PreferencePair[]> = {
  matches: isPairs,
  render: (pairs) => draw(({ showPairs }) => showPairs(pairs.map(asPair))[jupyterDisplay]()),
};

/** True for a set of pairs. */
export function isPairs(value: unknown): value is readonly PreferencePair[] {
  return Array.isArray(value) && value.length > 0 && value.slice(0, checkedItems).every(isPair);
}

/** A row of JSON as a pair: without null fields, and with fields that a pair does not have under `columns`. */
export function asPair(row: PreferencePair): PreferencePair {
  if (!isPair(row)) return row;
  const present = Object.entries(row).filter(([, value]) => value !== null && value !== undefined);
  const others = present.filter(([name]) => !known.has(name));
  const pair = Object.fromEntries(present.filter(([name]) => known.has(name))) as unknown as PreferencePair;
  return others.length === 0 ? pair : { ...pair, columns: { ...pair.columns, ...Object.fromEntries(others) } };
}
