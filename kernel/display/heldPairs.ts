/** Pairs inside other values: maps, sets, records and lists that hold pairs show each of them as a difference, under its key. */
import { types } from 'node:util';
import type { MimeBundle } from '../../src/core/display.js';
import { jupyterDisplay } from '../../src/core/display.js';
import { escapeHtml } from '../../src/core/html.js';
import { countOf } from '../../src/core/text.js';
import { asPair, draw, isPair, isPairs, type Drawing } from './pair.js';
import type { Renderer } from './renderer.js';
import { inspectText } from './text.js';

/** A value that can hold pairs. */
export type Holder = object;

declare module './renderer.js' {
  interface RenderedTypes {
    heldPairs: Holder;
  }
}

/** How many entries are looked at and shown, and how deep pairs are looked for. */
const most = 20;
const deepest = 3;

type Entry = readonly [key: string, value: unknown];

/** The first entries of a map, set, list or plain object, and how many there are; undefined for any other value. */
function entriesOf(value: unknown): { readonly entries: readonly Entry[]; readonly count: number } | undefined {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return undefined;
  if (types.isMap(value)) {
    const entries = [...value.entries()].slice(0, most);
    return {
      entries: entries.map(([key, held]) => [typeof key === 'string' ? key : inspectText(key), held]),
      count: value.size,
    };
  }
  if (types.isSet(value)) return entriesOf([...value]);
  if (Array.isArray(value)) {
    const entries = value.slice(0, most).map((held, index): Entry => [String(index), held]);
    return { entries, count: value.length };
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return undefined;
  const names = Object.keys(value);
  const entries = names
    .slice(0, most)
    .map((name): Entry => [name, Object.getOwnPropertyDescriptor(value, name)?.value]);
  return { entries, count: names.length };
}

function holdsPairs(value: unknown, depth = 1): boolean {
  const entries = entriesOf(value)?.entries ?? [];
  return entries.some(([, held]) => isPair(held) || isPairs(held) || (depth < deepest && holdsPairs(held, depth + 1)));
}

/** Each entry under its key: pairs as differences, sets of pairs as tables, everything else as text. */
export const heldPairsRenderer: Renderer<Holder> = {
  matches: (value): value is Holder => holdsPairs(value),
  render: (value) => draw((drawing) => showHolder(value, drawing)),
};

function showHolder(value: unknown, drawing: Drawing): MimeBundle {
  const { entries, count } = entriesOf(value)!;
  const shown = entries.map(([key, held]) => ({ key, bundle: showHeld(held, drawing) }));
  const rest = count > entries.length ? `... ${countOf(count - entries.length, 'more')}` : '';
  const html = shown.map(
    ({ key, bundle }) =>
      `<div style="margin-bottom:10px"><b>${escapeHtml(key)}</b><div style="margin-left:14px">${String(bundle['text/html'])}</div></div>`,
  );
  const text = shown.map(({ key, bundle }) => `${key}:\n${String(bundle['text/plain']).replaceAll(/^(?=.)/gm, '  ')}`);
  return {
    'text/html': html.join('') + (rest === '' ? '' : `<div>${rest}</div>`),
    'text/plain': [...text, ...(rest === '' ? [] : [rest])].join('\n'),
  };
}

function showHeld(value: unknown, drawing: Drawing): MimeBundle {
  if (isPair(value)) return drawing.showPair(asPair(value))[jupyterDisplay]();
  if (isPairs(value)) return drawing.showPairs(value.map(asPair))[jupyterDisplay]();
  if (holdsPairs(value)) return showHolder(value, drawing);
  const text = inspectText(value);
  return { 'text/html': `<pre>${escapeHtml(text)}</pre>`, 'text/plain': text };
}
