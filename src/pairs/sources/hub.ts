/**
 * Datasets of the Hugging Face Hub by their id. They are kept in Hugging Face's own cache, in its layout, and shared with
 * Python. Once a dataset is fetched, no network is needed.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { writeAtomic } from '../../core/atomicFile.js';
import { formatOfName } from '../formats/formats.js';
import { filesOfSplit, type DatasetOptions } from './datasetFolder.js';
import {
  cacheFolder,
  fromCache,
  listing,
  readCard,
  type FetchedDataset,
  type HubReference,
  type HubTarget,
} from './hubCache.js';
import { explainRefusal, whyUnreachable } from './hubErrors.js';
import { fetchFile, type HubFile } from './hubFile.js';
import { statIfExists } from './statIfExists.js';

/** How a dataset of the Hub is fetched. */
export interface HubOptions {
  /** Branch, tag or commit of the dataset; `main` by default. */
  readonly revision?: string;
  /** URL of the Hub; by default HF_ENDPOINT, else https://huggingface.co. */
  readonly hubUrl?: string;
  /** The cache folder; by default HF_HUB_CACHE, else `hub` in HF_HOME, else ~/.cache/huggingface/hub. */
  readonly cacheFolder?: string;
  /** Called while a file is fetched. */
  readonly onFetch?: (progress: FetchProgress) => void;
}

/** How much of a dataset is fetched. */
export interface FetchProgress {
  /** Name of the file, relative to the dataset. */
  readonly file: string;
  /** Bytes fetched so far, over all files of the split. */
  readonly bytes: number;
  readonly totalBytes: number;
}

/**
 * Reads `owner/name` or `hf://datasets/owner/name@revision` as a dataset of the Hub; undefined if the source is a file or
 * folder.
 */
export async function hubReference(source: string): Promise<HubReference | undefined> {
  const explicit = /^hf:\/\/datasets\/([\w.-]+\/[\w.-]+?)(?:@([^@]+))?\/?$/.exec(source);
  if (explicit) {
    const [, id, revision] = explicit;
    return { id: id!, ...(revision === undefined ? {} : { revision }) };
  }
  const isId = /^[A-Za-z0-9][\w.-]*\/[\w.-]+$/.test(source) && formatOfName(source) === undefined;
  if (!isId) return undefined;
  // If the folder `owner` exists, `owner/name` is a path, also if `name` is missing.
  const isPath = (await statIfExists(source)) !== undefined || (await statIfExists(path.dirname(source))) !== undefined;
  return isPath ? undefined : { id: source };
}

/**
 * The files of one split. Files that are not in the cache are fetched; an interrupted download is resumed.
 *
 * @throws ApolabError if the dataset does not exist, may not be read, or is not in the cache while there is no network
 */
export async function fetchDataset(
  reference: HubReference,
  options: HubOptions & DatasetOptions,
): Promise<FetchedDataset> {
  const revision = reference.revision ?? options.revision ?? 'main';
  const place = path.join(cacheFolder(options.cacheFolder), `datasets--${reference.id.replace('/', '--')}`);
  const target: HubTarget = { ...reference, revision, place };
  if (isOffline()) return fromCache(target, options, 'HF_HUB_OFFLINE is set');
  try {
    return await fromHub(target, options);
  } catch (error) {
    const reason = whyUnreachable(error);
    if (reason === undefined) throw explainRefusal(error, target);
    return await fromCache(target, options, reason, error);
  }
}

async function fromHub(target: HubTarget, options: HubOptions & DatasetOptions): Promise<FetchedDataset> {
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

/** Refuses names that lead out of the cache folder; the Hub's own are plain relative paths. */
function isInside(name: string): boolean {
  return !path.isAbsolute(name) && !name.split(/[\\/]/).includes('..');
}

/** Options of every request to the Hub. The token is read from the environment only, and is never shown. */
function accessTo({ hubUrl = process.env.HF_ENDPOINT }: HubOptions) {
  const accessToken = process.env.HF_TOKEN;
  return {
    ...(hubUrl === undefined || hubUrl === '' ? {} : { hubUrl: hubUrl.replace(/\/+$/, '') }),
    ...(accessToken === undefined || accessToken === '' ? {} : { accessToken }),
  };
}

function isOffline(): boolean {
  return ['1', 'true', 'yes', 'on'].includes((process.env.HF_HUB_OFFLINE ?? '').toLowerCase());
}
