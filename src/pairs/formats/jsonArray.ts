/**
 * A JSON file that holds one list of objects, as `json.dump` and many download pages write it. It is split into its elements
 * without being parsed as a whole, so that it may be larger than memory, and an element that is not JSON is one unreadable row.
 */
import { readBytes } from '../../core/readBytes.js';
import type { FileRow } from './fileRow.js';
import { longestLine, type ReadOptions } from './format.js';
import { parseObject } from './parseObject.js';
import { beginningOf, decodeLeniently, decodeUtf8, notUtf8, tooLong } from './utf8.js';

/** Whether a file is a list, by its first characters: not if only its first line is one, and other lines follow. */
export function isArray(head: string): boolean {
  if (!/^\s*\[/.test(head)) return false;
  const [first = '', ...others] = head.trimStart().split('\n');
  return !(first.trimEnd().endsWith(']') && others.join('').trim() !== '' && parses(first));
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** The elements of a list, each as a row; rows count from 1. No element takes more memory than `maxLineBytes`. */
export async function* readArrayRows(
  file: string,
  { maxLineBytes = longestLine, onBytes }: ReadOptions,
): AsyncGenerator<FileRow, void> {
  const splitter = elementSplitter(maxLineBytes);
  for await (const chunk of readBytes(file, onBytes)) yield* splitter.take(chunk);
  yield* splitter.end();
}

const code = { quote: 0x22, backslash: 0x5c, comma: 0x2c, lineFeed: 0x0a, open: [0x5b, 0x7b], close: [0x5d, 0x7d] };
const [openList] = code.open as [number, number];
const [closeList] = code.close as [number, number];
/** White space, and the bytes of a byte order mark. */
const blank = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);

/** `outside` of the list, `between` two elements, inside an `element`, or on a `line` of text that no list holds. */
type Place = 'outside' | 'between' | 'element' | 'line';

/** Splits the bytes of a list into its elements. */
function elementSplitter(maxBytes: number) {
  let place: Place = 'outside';
  let row = 0;
  let depth = 0;
  let inString = false;
  let escaped = false;
  let parts: Buffer[] = [];
  let length = 0;

  const keep = (part: Buffer) => {
    const room = Math.max(0, maxBytes - length);
    if (room > 0) parts.push(part.subarray(0, room));
    length += part.length;
  };
  const finish = (next: Place, fault?: string): FileRow => {
    const bytes = Buffer.concat(parts);
    const isLong = length > maxBytes;
    place = next;
    parts = [];
    length = 0;
    return rowOf((row += 1), bytes, fault ?? (isLong ? tooLong(maxBytes) : undefined));
  };
  /** Whether an element ends before this byte. */
  const endsAt = (byte: number): boolean => {
    if (inString) {
      if (escaped) escaped = false;
      else if (byte === code.backslash) escaped = true;
      else if (byte === code.quote) inString = false;
      return false;
    }
    if (byte === code.quote) inString = true;
    else if (code.open.includes(byte)) depth += 1;
    else if (code.close.includes(byte)) depth -= 1;
    return depth < 0 || (depth === 0 && byte === code.comma);
  };
  return {
    *take(chunk: Buffer): Generator<FileRow, void> {
      let start = 0;
      for (let at = 0; at < chunk.length; at += 1) {
        const byte = chunk[at]!;
        if (place === 'outside' || place === 'between') {
          if (blank.has(byte) || (place === 'between' && byte === code.comma)) continue;
          if (place === 'outside' && byte === openList) place = 'between';
          else if (place === 'between' && byte === closeList) place = 'outside';
          else {
            place = place === 'outside' ? 'line' : 'element';
            [depth, inString, escaped, start] = [0, false, false, at];
            if (place === 'element') endsAt(byte);
          }
        } else if (place === 'line' ? byte === code.lineFeed : endsAt(byte)) {
          keep(chunk.subarray(start, at));
          yield finish(place === 'line' || byte !== code.comma ? 'outside' : 'between');
        }
      }
      if (place === 'element' || place === 'line') keep(chunk.subarray(start));
    },
    *end(): Generator<FileRow, void> {
      const isCut = place === 'element' || place === 'between';
      if (isCut) yield finish('outside', 'the list does not end with "]"; the file may be cut off, write it again');
      else if (place === 'line') yield finish('outside');
    },
  };
}

function rowOf(row: number, bytes: Buffer, fault: string | undefined): FileRow {
  const unreadable = (reason: string, text: () => string): FileRow => ({ row, kind: 'unreadable', reason, text });
  if (fault !== undefined) return unreadable(fault, () => beginningOf(bytes));
  const text = decodeUtf8(bytes)?.trim();
  if (text === undefined) return unreadable(notUtf8, () => decodeLeniently(bytes));
  return { row, ...parseObject(text), text: () => text };
}
