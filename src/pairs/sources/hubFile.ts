/** Fetches one file of the Hub. An interrupted download is resumed, and the finished file is compared with its hash. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ApolabError } from '../../core/errors.js';
import { statusOf } from './hubErrors.js';
import { statIfExists } from './statIfExists.js';

/** A file as the Hub lists it. */
export interface HubFile {
  readonly path: string;
  readonly size: number;
  /** Git's hash of the file, or of its LFS pointer. */
  readonly oid: string | undefined;
  /** SHA-256 of the content, for a large file. */
  readonly sha256: string | undefined;
}

/** Which file to fetch, and its target. */
export interface FetchFileOptions {
  readonly access: { readonly hubUrl?: string; readonly accessToken?: string };
  readonly repo: { readonly type: 'dataset'; readonly name: string };
  readonly revision: string;
  readonly file: HubFile;
  readonly target: string;
  /** Called with the number of bytes of the file fetched so far. */
  readonly onBytes: (bytes: number) => void;
}

/** How many attempts in a row may fail without a new byte. */
const fruitlessAttempts = 3;

/**
 * Fetches one file, unless it is there already.
 *
 * @throws ApolabError if the file does not have the hash that the Hub lists
 */
export async function fetchFile(options: FetchFileOptions): Promise<void> {
  const { file, target, onBytes } = options;
  if ((await sizeOf(target)) === file.size) {
    onBytes(file.size);
    return;
  }
  const incomplete = `${target}.incomplete`;
  await mkdir(path.dirname(target), { recursive: true });
  let have = await sizeOf(incomplete);
  if (have > file.size) {
    await rm(incomplete);
    have = 0;
  }
  for (let fruitless = 0; have < file.size;) {
    try {
      await fetchRest(options, incomplete, have);
    } catch (error) {
      const now = await sizeOf(incomplete);
      fruitless = now > have ? 0 : fruitless + 1;
      if (fruitless >= fruitlessAttempts || isRefusal(error)) throw error;
    }
    const now = await sizeOf(incomplete);
    if (now > file.size) break;
    have = now;
  }
  if (file.size === 0) await pipeline(Readable.from([]), createWriteStream(incomplete));
  if (!(await isWhole(incomplete, file))) {
    await rm(incomplete);
    throw new ApolabError(
      `${file.path} of ${options.repo.name} came damaged: its hash is not the one that the Hub lists. Run this again to fetch it anew.`,
    );
  }
  await rename(incomplete, target);
}

/** Whether a retry would get the same answer. */
function isRefusal(error: unknown): boolean {
  const status = statusOf(error) ?? 0;
  return status >= 400 && status < 500 && status !== 429;
}

async function fetchRest(
  { access, repo, revision, file, onBytes }: FetchFileOptions,
  place: string,
  have: number,
): Promise<void> {
  const { downloadFile } = await import('@huggingface/hub');
  // Plain HTTP instead of Xet: its byte ranges are exact, so no byte is fetched twice.
  const blob = await downloadFile({ ...access, repo, path: file.path, revision, xet: false });
  if (blob === null) throw new ApolabError(`${repo.name} lists ${file.path} but doesn't have it. Try again later.`);
  let bytes = have;
  const counting = new Transform({
    transform(chunk: Buffer, _, done) {
      onBytes((bytes += chunk.length));
      done(null, chunk);
    },
  });
  const stream = (have === 0 ? blob : blob.slice(have)).stream();
  await pipeline(Readable.fromWeb(stream), counting, createWriteStream(place, { flags: 'a' }));
}

/** Size in bytes; 0 if there is no such file. */
async function sizeOf(place: string): Promise<number> {
  return (await statIfExists(place))?.size ?? 0;
}

/** Whether a file has the hash that the Hub lists: SHA-256 of its content, or Git's hash. */
async function isWhole(place: string, { sha256, oid, size }: HubFile): Promise<boolean> {
  if ((await sizeOf(place)) !== size) return false;
  const wanted = sha256 ?? oid;
  if (wanted === undefined) return true;
  const hash = sha256 === undefined ? createHash('sha1').update(`blob ${size}\0`) : createHash('sha256');
  for await (const chunk of createReadStream(place)) hash.update(chunk as Buffer);
  return hash.digest('hex') === wanted;
}
