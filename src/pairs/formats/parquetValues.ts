/** Converts hyparquet's values to the values that rows of any format have. */
import type { ParquetParsers } from 'hyparquet';
import { isExact, parseJson } from './exactJson.js';
import { decodeLeniently, decodeUtf8 } from './utf8.js';

/** The placeholder in a row for bytes that are not UTF-8. */
export class UnreadableText {
  /** @param text the bytes decoded with replacement characters */
  constructor(readonly text: string) {}
}

/** Parsers that keep texts exact: a byte order mark is kept, and invalid UTF-8 is reported instead of replaced. */
export const textParser: Partial<ParquetParsers> = {
  stringFromBytes(bytes: Uint8Array | undefined) {
    if (bytes === undefined) return undefined;
    return decodeUtf8(bytes) ?? new UnreadableText(decodeLeniently(bytes));
  },
  jsonFromBytes(bytes: Uint8Array | undefined) {
    return bytes && parseJson(decodeLeniently(bytes));
  },
};

/**
 * Converts a value to JSON's types: integers to numbers if that is exact and to `bigint` otherwise, dates to ISO 8601, bytes
 * to base64, missing fields of a struct to null.
 *
 * @param onUnreadable called if the value holds a text that is not UTF-8
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
