import { readBytes } from './readBytes.js';

/** One line of a file, as bytes. */
export interface Line {
  /** From 1. */
  readonly number: number;
  /** Without the line feed. If the line is overlong, only its first `maxBytes`. */
  readonly bytes: Buffer;
  /** Whether the line has more than `maxBytes`. */
  readonly overlong: boolean;
}

const lineFeed = 0x0a;

/**
 * The lines of a file, one at a time. No line takes more memory than `maxBytes`, so files of any size and lines of any length can
 * be read. A file that is compressed with gzip is unpacked as it is read.
 *
 * @param onBytes called after each chunk with the number of the file's own bytes read so far
 * @throws the file system's error if the file cannot be read; ApolabError if its gzip data are damaged.
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
  for await (const chunk of readBytes(file, onBytes)) {
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
