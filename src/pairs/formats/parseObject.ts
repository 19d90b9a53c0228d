/** JSON text to the columns of a row. */
import { parseJson } from './exactJson.js';
import type { Row } from './fileRow.js';

/** The columns of an object, or the reason why a text is not one. */
export type Parsed =
  { readonly kind: 'values'; readonly values: Row } | { readonly kind: 'unreadable'; readonly reason: string };

/** One line of JSONL as an object, or the reason why it is not one. */
export function parseObject(text: string): Parsed {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    const spread = /^\s*[[{]\s*$/.test(text);
    const reason = spread
      ? 'the JSON is spread over several lines; write one object per line (JSONL)'
      : `broken JSON (${(error as SyntaxError).message}); write one whole JSON object per line`;
    return { kind: 'unreadable', reason };
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return { kind: 'values', values: value as Row };
  const kind = value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
  const reason = `${kind}, not an object; write {"prompt": "...", "chosen": "...", "rejected": "..."}`;
  return { kind: 'unreadable', reason };
}
