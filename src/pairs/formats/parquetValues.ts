/** What hyparquet gives, as the values that rows of any format have. */
import type { ParquetParsers } from 'hyparquet';
import { isExact, parseJson } from './exactJson.js';

/** Stands in a row for bytes that are no text. */
export class UnreadableText {
  constructor(readonly text: string) {}
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder();

/** Texts to the last character: a byte order mark inside of one is kept, and what is no UTF-8 is told, not replaced. */
export const textParser: Partial<ParquetParsers> = {
  stringFromBytes(bytes: Uint8Array | undefined) {
    if (bytes === undefined) return undefined;
    try {
      return strict.decode(bytes);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return new UnreadableText(lenient.decode(bytes));
    }
  },
  jsonFromBytes(bytes: Uint8Array | undefined) {
    return bytes && parseJson(lenient.decode(bytes));
  },
};

/**
 * A value as JSON has them: whole numbers as numbers where they are exact and as `bigint` where not, dates as ISO 8601,
 * bytes as base64, what is missing inside of a struct as null.
 */
export function plainValue(value: unknown, onUnreadable: () => void): unknown {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return toNumber(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof UnreadableText) {
    onUnreadable();
    return value.text;
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  const inside = (part: unknown) => plainValue(part, onUnreadable) ?? null;
  if (Array.isArray(value)) return value.map(inside);
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>, inside);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, inside(part)]));
}

function toNumber(value: bigint): number | bigint {
  return isExact(String(value)) ? Number(value) : value;
}
