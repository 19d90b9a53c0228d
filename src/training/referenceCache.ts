/**
 * Reference log-probabilities on disk. They depend only on the reference's parameters and the rows' tokens, so all objectives and
 * runs on the same inputs share them.
 *
 * The file's name is a hash of both fingerprints. A header of 64 bytes (mark, format, number of values, SHA-256 of the values) is
 * followed by the values in nats as little-endian float32, in the order of the rows' responses (of a pair chosen, then rejected).
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { writeAtomic } from '../core/atomicFile.js';

const mark = Buffer.from('apolab reference');
const format = 1;
const headerBytes = 64;
const digestAt = headerBytes - 32;

/** What reference log-probabilities depend on. */
export interface ReferenceKey {
  /** Fingerprint of the reference's parameters, see `fingerprintParameters`. */
  readonly model: string;
  /** Fingerprint of the rows' tokens, see `fingerprintPairs`. */
  readonly pairs: string;
}

/** The file in a cache's folder for this reference and these rows. */
export function referenceCacheFile(folder: string, { model, pairs }: ReferenceKey): string {
  const name = createHash('sha256').update(`${model} ${pairs}`).digest('hex');
  return path.join(folder, `${name}.logps`);
}

/** The result of reading a cache file. */
export type CachedReference =
  | { readonly kind: 'found'; readonly values: Float32Array }
  | { readonly kind: 'none' }
  | { readonly kind: 'damaged'; readonly reason: string };

/**
 * Reads the values of a cache file. Damage is a result, not an error: the values can be computed again.
 *
 * @param count expected number of values
 */
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

/** Writes the values. The file appears only when it is complete, so several runs can share a folder. */
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
