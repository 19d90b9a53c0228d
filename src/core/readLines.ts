/** Lines of a file as bytes, one at a time, in bounded memory: for files larger than memory and lines without an end. */
import { createReadStream } from 'node:fs';

/** One line of a file. */
export interface Line {
  /** From 1. */
  readonly number: number;
  /** Without its line feed; only the first `maxBytes` bytes if the line is longer. */
  readonly bytes: Buffer;
  /** Whether the line is longer than `maxBytes`. */
  readonly overlong: boolean;
}

const lineFeed = 0x0a;

/**
 * Splits a file at its line feeds. No line takes more memory than `maxBytes`.
 *
 * @param onBytes called after each chunk with the number of bytes read so far
 * @example
 * for await (const { number, bytes } of readLines('pairs.jsonl', 1_000_000)) console.log(number, bytes.length);
 */
export async function* readLines(
  file: string,
  maxBytes: number,
  onBytes?: (bytes: number) => void,
): AsyncGenerator<Line, void> {
  let number = 1;
  let parts: Buffer[] = [];
  let length = 0;
  const take = (part: Buffer) => {
    const room = Math.max(0, maxBytes - length);
    if (room > 0) parts.push(part.subarray(0, room));
    length += part.length;
  };
  const finish = (): Line => {
    const line = { number, bytes: Buffer.concat(parts), overlong: length > maxBytes };
    number += 1;
    parts = [];
    length = 0;
    return line;
  };
  let read = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 18 }) as AsyncIterable<Buffer>) {
    onBytes?.((read += chunk.length));
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      take(chunk.subarray(start, end));
      yield finish();
      start = end + 1;
    }
    take(chunk.subarray(start));
  }
  if (length > 0) yield finish();
}
