/** Datasets of the Hub in Hugging Face's cache. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ApolabError } from '../../core/errors.js';
import { filesOfFolder, filesOfSplit, type DatasetOptions } from './datasetFolder.js';

/** A dataset of the Hub. */
export interface HubReference {
  /** `owner/name` */
  readonly id: string;
  readonly revision?: string;
}

/** A revision of a dataset, and its folder in the cache. */
export interface HubTarget extends HubReference {
  readonly revision: string;
  /** The dataset's folder in the cache. */
  readonly place: string;
}

/** A split in the cache. */
export interface FetchedDataset {
  readonly folder: string;
  /** Data files of the split, relative to the folder. */
  readonly files: readonly string[];
}

/**
 * The names of all files of a commit, kept in its snapshot, so that an incomplete download is not taken for the whole dataset.
 */
export const listing = '.apolab-files.json';

/**
 * The files of one split from the cache alone.
 *
 * @param reason why the Hub can't be asked, for the messages
 * @throws ApolabError if the dataset, or one of the split's files, is not in the cache
 */
export async function fromCache(
  target: HubTarget,
  options: DatasetOptions,
  reason: string,
  cause?: unknown,
): Promise<FetchedDataset> {
  const folder = await snapshotOf(target);
  if (folder === undefined) {
    throw new ApolabError(
      `There is no file or folder ${target.id}, and the Hub's dataset of that name is not in the cache ` +
        `and can't be fetched now (${reason}). Connect to a network, copy its folder from another machine to ` +
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
      'Run this again with a network: the download resumes.',
    { cause },
  );
}

/** The folder of the revision as it was last fetched; undefined if it never was. */
async function snapshotOf({ place, revision }: HubTarget): Promise<string | undefined> {
  const snapshots = path.join(place, 'snapshots');
  const reference = path.join(place, 'refs', revision);
  const commit = existsSync(reference) ? (await readFile(reference, 'utf8')).trim() : revision;
  if (existsSync(path.join(snapshots, commit))) return path.join(snapshots, commit);
  if (revision !== 'main' || !existsSync(snapshots)) return undefined;
  const [only, ...others] = await readdir(snapshots);
  return only !== undefined && others.length === 0 ? path.join(snapshots, only) : undefined;
}

/** The text of a snapshot's README.md; undefined if it has none. */
export async function readCard(folder: string): Promise<string | undefined> {
  const card = path.join(folder, 'README.md');
  return existsSync(card) ? readFile(card, 'utf8') : undefined;
}

/** The folder of the Hub's cache, by Hugging Face's rules. */
export function cacheFolder(chosen: string | undefined): string {
  const { HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME, XDG_CACHE_HOME } = process.env;
  const home = HF_HOME ?? path.join(XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'huggingface');
  return chosen ?? HF_HUB_CACHE ?? HUGGINGFACE_HUB_CACHE ?? path.join(home, 'hub');
}
