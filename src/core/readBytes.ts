/** The bytes of a file, unpacked if they are compressed with gzip. The file's first two bytes tell, not its name. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ApolabError } from './errors.js';

const chunkBytes = 2 ** 18;

/**
 * The bytes of a file, chunk by chunk.
 *
 * @param onBytes called after each chunk with the number of the file's own bytes read so far: compressed ones for gzip
 * @throws the file system's error if the file cannot be read; ApolabError if its gzip data are damaged or incomplete
 * @example
 * for await (const chunk of readBytes('pairs.jsonl.gz')) console.log(chunk.length);
 */
export async function* readBytes(file: string, onBytes?: (bytes: number) => void): AsyncGenerator<Buffer, void> {
  const source = createReadStream(file, { highWaterMark: chunkBytes });
  try {
    for await (const chunk of (await isGzip(file)) ? gunzip(source) : source) {
      onBytes?.(source.bytesRead);
      yield chunk as Buffer;
    }
  } catch (error) {
    throw isGzipError(error) ? damaged(file, error) : error;
  } finally {
    source.destroy();
  }
}

/** The first `length` bytes of a file, unpacked; fewer if the file is shorter. Throws as `readBytes` does. */
export async function readHead(file: string, length: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let read = 0;
  for await (const chunk of readBytes(file)) {
    parts.push(chunk);
    read += chunk.length;
    if (read >= length) break;
  }
  return Buffer.concat(parts).subarray(0, length);
}

/** Whether a file begins as gzip data do. */
export async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer.readUInt16BE(0) === 0x1f8b;
  } finally {
    await handle.close();
  }
}

function gunzip(source: Readable): Readable {
  const unpacked = createGunzip({ chunkSize: chunkBytes });
  // `pipe` does not pass errors on.
  source.on('error', (error) => unpacked.destroy(error));
  return source.pipe(unpacked);
}

function isGzipError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}

function damaged(file: string, error: Error): ApolabError {
  return new ApolabError(
    `${file} is not a complete gzip file (${error.message}). Download or write it again; the usual cause is an incomplete download.`,
    { cause: error },
  );
}
