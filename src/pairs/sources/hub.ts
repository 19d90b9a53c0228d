/**
 * Datasets of the Hugging Face Hub by their id. What is fetched lies in Hugging Face's own cache, in its layout, so that
 * Python finds it there too, and what Python has fetched is found here. Once fetched, no network is needed.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ApolabError } from '../../core/errors.js';
import { writeAtomic } from '../../core/atomicFile.js';
import { filesOfFolder, filesOfSplit, type DatasetOptions } from './datasetFolder.js';
import { formatOfName } from '../formats/formats.js';
import { fetchFile, type HubFile } from './hubFile.js';

export interface HubOptions {
  /** Branch, tag or commit of the dataset; `main` by default. */
  readonly revision?: string;
  /** Address of the Hub; HF_ENDPOINT or https://huggingface.co by default. */
  readonly hubUrl?: string;
  /** Where fetched datasets are kept; HF_HUB_CACHE, or `hub` in HF_HOME, or ~/.cache/huggingface/hub by default. */
  readonly cacheFolder?: string;
  /** Told while a file is fetched. */
  readonly onFetch?: (progress: FetchProgress) => void;
}

export interface FetchProgress {
  /** Name of the file, relative to the dataset. */
  readonly file: string;
  /** Bytes that are here, of all files that are wanted. */
  readonly bytes: number;
  readonly totalBytes: number;
}

export interface HubReference {
  /** `owner/name` */
  readonly id: string;
  readonly revision?: string;
}

export interface FetchedDataset {
  readonly folder: string;
  /** Data files of the split, relative to the folder. */
  readonly files: readonly string[];
}

/**
 * The dataset that a source means: `owner/name`, or `hf://datasets/owner/name@revision`; undefined where it means a file.
 */
export async function hubReference(source: string): Promise<HubReference | undefined> {
  const explicit = /^hf:\/\/datasets\/([\w.-]+\/[\w.-]+?)(?:@([^@]+))?\/?$/.exec(source);
  if (explicit) {
    const [, id, revision] = explicit;
    return { id: id!, ...(revision === undefined ? {} : { revision }) };
  }
  const isId = /^[A-Za-z0-9][\w.-]*\/[\w.-]+$/.test(source) && formatOfName(source) === undefined;
  // A path whose folder is there is a path, and its last part is missing or a file.
  return isId && !(await exists(source)) && !(await exists(path.dirname(source))) ? { id: source } : undefined;
}

/**
 * The files of one split, fetched where they are not in the cache yet; a file that broke off is gone on with.
 *
 * @throws ApolabError where the dataset isn't there, may not be read, or is in no cache while there is no network
 */
export async function fetchDataset(
  reference: HubReference,
  options: HubOptions & DatasetOptions,
): Promise<FetchedDataset> {
  const revision = reference.revision ?? options.revision ?? 'main';
  const place = path.join(cacheFolder(options), `datasets--${reference.id.replace('/', '--')}`);
  const target: Target = { ...reference, revision, place };
  if (isOffline()) return fromCache(target, options, 'HF_HUB_OFFLINE is set');
  try {
    return await fromHub(target, options);
  } catch (error) {
    const reason = whyUnreachable(error);
    if (reason === undefined) throw explain(error, target);
    return await fromCache(target, options, reason, error);
  }
}

interface Target extends HubReference {
  readonly revision: string;
  /** The dataset's folder in the cache. */
  readonly place: string;
}

/** Names and sizes of all files of a commit, kept beside them, so that a part of a dataset never passes for the whole. */
const listing = '.apolab-files.json';

async function fromHub(target: Target, options: HubOptions & DatasetOptions): Promise<FetchedDataset> {
  const { datasetInfo, listFiles } = await import('@huggingface/hub');
  const access = accessTo(options);
  const { sha } = await datasetInfo({
    ...access,
    name: target.id,
    revision: target.revision,
    additionalFields: ['sha'],
  });
  const folder = path.join(target.place, 'snapshots', sha);
  await mkdir(folder, { recursive: true });
  await writeAtomic(path.join(target.place, 'refs', target.revision), sha);
  const all: HubFile[] = [];
  const repo = { type: 'dataset', name: target.id } as const;
  for await (const entry of listFiles({ ...access, repo, recursive: true, revision: sha })) {
    if (entry.type !== 'file' || !isInside(entry.path)) continue;
    all.push({ path: entry.path, size: entry.size, oid: entry.oid, sha256: entry.lfs?.oid });
  }
  await writeAtomic(path.join(folder, listing), JSON.stringify(all.map((file) => file.path)));
  const get = (file: HubFile, onBytes: (bytes: number) => void) =>
    fetchFile({ access, repo, revision: sha, file, target: path.join(folder, file.path), onBytes });
  const card = all.find((file) => file.path === 'README.md');
  if (card !== undefined) await get(card, () => undefined);
  const files = filesOfSplit(
    target.id,
    all.map((file) => file.path),
    await readCard(folder),
    options,
  );
  const wanted = all.filter((file) => files.includes(file.path));
  const totalBytes = wanted.reduce((sum, { size }) => sum + size, 0);
  let before = 0;
  for (const file of wanted) {
    await get(file, (bytes) => options.onFetch?.({ file: file.path, bytes: before + bytes, totalBytes }));
    before += file.size;
  }
  return { folder, files };
}

/** The Hub's files have plain relative names; a name that leads out of the cache is nobody's file. */
function isInside(name: string): boolean {
  return !path.isAbsolute(name) && !name.split(/[\\/]/).includes('..');
}

async function fromCache(
  target: Target,
  options: DatasetOptions & HubOptions,
  reason: string,
  cause?: unknown,
): Promise<FetchedDataset> {
  const folder = await snapshotOf(target);
  if (folder === undefined) {
    throw new ApolabError(
      `There is no file or folder ${target.id}, and the Hub's dataset of that name is not in the cache, ` +
        `which can't be filled now (${reason}). Go on with a network, copy its folder from another machine to ` +
        `${target.place}, or give the path of a file.`,
      { cause },
    );
  }
  if (!existsSync(path.join(folder, listing)))
    return { folder, files: await filesOfFolder(folder, options, target.id) };
  const names = JSON.parse(await readFile(path.join(folder, listing), 'utf8')) as string[];
  const files = filesOfSplit(target.id, names, await readCard(folder), options);
  const missing = files.find((name) => !existsSync(path.join(folder, name)));
  if (missing === undefined) return { folder, files };
  throw new ApolabError(
    `${target.id} is in the cache without ${missing}, which can't be fetched now (${reason}). ` +
      'Run this again with a network: it goes on where it stopped.',
    { cause },
  );
}

/** The folder of the revision that was last fetched; of a commit the commit's. */
async function snapshotOf({ place, revision }: Target): Promise<string | undefined> {
  const snapshots = path.join(place, 'snapshots');
  const reference = path.join(place, 'refs', revision);
  const commit = existsSync(reference) ? (await readFile(reference, 'utf8')).trim() : revision;
  if (existsSync(path.join(snapshots, commit))) return path.join(snapshots, commit);
  if (revision !== 'main' || !existsSync(snapshots)) return undefined;
  const [only, ...others] = await readdir(snapshots);
  return only !== undefined && others.length === 0 ? path.join(snapshots, only) : undefined;
}

async function readCard(folder: string): Promise<string | undefined> {
  const card = path.join(folder, 'README.md');
  return existsSync(card) ? readFile(card, 'utf8') : undefined;
}

/** What every request to the Hub is given. The token comes from the environment alone and is told to nobody. */
function accessTo({ hubUrl = process.env.HF_ENDPOINT }: HubOptions) {
  const accessToken = process.env.HF_TOKEN;
  return {
    ...(hubUrl === undefined || hubUrl === '' ? {} : { hubUrl: hubUrl.replace(/\/+$/, '') }),
    ...(accessToken === undefined || accessToken === '' ? {} : { accessToken }),
  };
}

function cacheFolder({ cacheFolder: told }: HubOptions): string {
  const { HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME, XDG_CACHE_HOME } = process.env;
  const home = HF_HOME ?? path.join(XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'huggingface');
  return told ?? HF_HUB_CACHE ?? HUGGINGFACE_HUB_CACHE ?? path.join(home, 'hub');
}

function isOffline(): boolean {
  return ['1', 'true', 'yes', 'on'].includes((process.env.HF_HUB_OFFLINE ?? '').toLowerCase());
}

/** Why the Hub didn't answer, where what it has in the cache may do instead; undefined where it answered no. */
function whyUnreachable(error: unknown): string | undefined {
  const status = statusOf(error);
  if (status !== undefined) return status >= 500 || status === 429 ? `the Hub answers ${status}` : undefined;
  const isNetwork = error instanceof TypeError && /fetch|network|terminated/i.test(error.message);
  if (!isNetwork) return undefined;
  const { cause } = error as { cause?: { code?: unknown } };
  return `the Hub can't be reached${typeof cause?.code === 'string' ? `: ${cause.code}` : ''}`;
}

function statusOf(error: unknown): number | undefined {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' ? status : undefined;
}

/** The Hub's refusals, in words; its own message may hold an address with a signature, so it is not repeated. */
function explain(error: unknown, { id, revision }: Target): unknown {
  const token = 'Set HF_TOKEN to a token that may read it';
  const meanings: Readonly<Record<number, string>> = {
    401: `The Hub has no dataset ${id} for you. Check its name. ${token} if it is private or gated.`,
    403: `The Hub doesn't let you read ${id}. Accept its conditions on its page. ${token}.`,
    404: `The Hub has no dataset ${id} with a revision ${revision}. Check both names.`,
  };
  const status = statusOf(error);
  if (status === undefined) {
    const isToken = error instanceof TypeError && error.message.includes("start with 'hf_'");
    return isToken ? new ApolabError("HF_TOKEN holds no token of the Hub: those start with 'hf_'.") : error;
  }
  return new ApolabError(meanings[status] ?? `The Hub refuses ${id} (${status}). Try again later.`);
}

async function exists(place: string): Promise<boolean> {
  try {
    await stat(place);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return false;
    throw error;
  }
}
