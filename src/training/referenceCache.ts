/**
 * Reference log-probabilities on disk: they depend only on the reference's parameters and the pairs' tokens, so one
 * computation serves every objective and every run on them.
 *
 * A file is named by the fingerprint of both. It opens with 64 bytes (a mark, the format, the number of values, the
 * SHA-256 of what follows), then the values as little-endian float32: chosen, rejected, chosen, rejected ...
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { writeAtomic } from '../core/atomicFile.js';

const mark = Buffer.from('apolab reference');
const format = 1;
const headerBytes = 64;
const digestAt = headerBytes - 32;

export interface ReferenceKey {
  /** Fingerprint of the reference's parameters. */
  readonly model: string;
  /** Fingerprint of the pairs' tokens. */
  readonly pairs: string;
}

/** Where the values of this reference on these pairs lie in a cache's folder. */
export function referenceCacheFile(folder: string, { model, pairs }: ReferenceKey): string {
  const name = createHash('sha256').update(`${model} ${pairs}`).digest('hex');
  return path.join(folder, `${name}.logps`);
}

export type CachedReference =
  | { readonly kind: 'found'; readonly values: Float32Array }
  | { readonly kind: 'none' }
  | { readonly kind: 'damaged'; readonly reason: string };

/** Reads `count` values; a file that is short, or whose bytes are not those that were written, is told as damaged. */
export async function readReferenceCache(file: string, count: number): Promise<CachedReference> {
  const damaged = (reason: string) => ({ kind: 'damaged', reason: `${file} ${reason}` }) as const;
  const handle = await open(file, 'r').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (handle === undefined) return { kind: 'none' };
  try {
    const header = Buffer.alloc(headerBytes);
    const { bytesRead } = await handle.read(header, 0, headerBytes, 0);
    if (bytesRead < headerBytes || !header.subarray(0, mark.length).equals(mark)) return damaged('has no header');
    const [version, values] = [header.readUInt32LE(mark.length), header.readUInt32LE(mark.length + 4)];
    if (version !== format) return damaged(`is of format ${version}, not ${format}`);
    if (values !== count) return damaged(`holds ${values} values, not ${count}`);
    const bytes = Buffer.alloc(4 * count);
    const body = await handle.read(bytes, 0, bytes.length, headerBytes);
    if (body.bytesRead < bytes.length) return damaged('is cut short');
    if (!digest(bytes).equals(header.subarray(digestAt))) return damaged('has other bytes than were written');
    return { kind: 'found', values: Float32Array.from({ length: count }, (_, index) => bytes.readFloatLE(4 * index)) };
  } finally {
    await handle.close();
  }
}

/** Writes values whole or not at all, so that several runs may share a folder. */
export async function writeReferenceCache(file: string, values: ArrayLike<number>): Promise<void> {
  const bytes = Buffer.alloc(headerBytes + 4 * values.length);
  mark.copy(bytes);
  bytes.writeUInt32LE(format, mark.length);
  bytes.writeUInt32LE(values.length, mark.length + 4);
  for (let index = 0; index < values.length; index++) bytes.writeFloatLE(values[index]!, headerBytes + 4 * index);
  digest(bytes.subarray(headerBytes)).copy(bytes, digestAt);
  await writeAtomic(file, bytes);
}

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
