/** Preference pairs, one or a set: the difference of their responses, word by word. The drawing is the library's own. */
import type { PreferencePair } from '../../src/pairs/pair.js';
import { jupyterDisplay, type MimeBundle } from '../../src/core/display.js';

/** So many of a set are looked at before it is called one; as many are drawn. */
const lookedAt = 50;

/** The fields of a pair beside its three texts, and what each is in rows that have it. */
const fields = {
  rationale: 'string',
  scores: 'object',
  provenance: 'object',
  conversation: 'object',
  columns: 'object',
} as const;
const texts = ['prompt', 'chosen', 'rejected'] as const;
const known = new Set<string>([...texts, ...Object.keys(fields)]);

/** A plain object with the three texts; a field that is null, as in rows of JSON, is one that isn't there. */
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

export function isPairs(value: unknown): value is readonly PreferencePair[] {
  return Array.isArray(value) && value.length > 0 && value.slice(0, lookedAt).every(isPair);
}

interface Drawing {
  readonly showPair: (typeof import('../../src/pairs/contrast/showPair.js'))['showPair'];
  readonly showPairs: (typeof import('../../src/pairs/contrast/showPairs.js'))['showPairs'];
}

let drawing: Drawing | undefined;

/** The drawing is read while the person still reads, so that no kernel starts later for it. */
export async function loadDrawing(): Promise<Drawing> {
  const [{ showPair }, { showPairs }] = await Promise.all([
    import('../../src/pairs/contrast/showPair.js'),
    import('../../src/pairs/contrast/showPairs.js'),
  ]);
  return (drawing = { showPair, showPairs });
}

type Drawn = MimeBundle | Promise<MimeBundle>;

const draw = (how: (drawing: Drawing) => MimeBundle): Drawn =>
  drawing === undefined ? loadDrawing().then(how) : how(drawing);

export const renderPair = (pair: PreferencePair): Drawn =>
  draw(({ showPair }) => showPair(asPair(pair))[jupyterDisplay]());
export const renderPairs = (pairs: readonly PreferencePair[]): Drawn =>
  draw(({ showPairs }) =>
    showPairs([...pairs.slice(0, lookedAt).map(asPair), ...pairs.slice(lookedAt)])[jupyterDisplay](),
  );

/** What a row has beyond a pair's fields is shown as its columns. */
function asPair(row: PreferencePair): PreferencePair {
  const present = Object.entries(row).filter(([, value]) => value !== null && value !== undefined);
  const others = present.filter(([name]) => !known.has(name));
  const pair = Object.fromEntries(present.filter(([name]) => known.has(name))) as unknown as PreferencePair;
  return others.length === 0 ? pair : { ...pair, columns: { ...pair.columns, ...Object.fromEntries(others) } };
}
