/**
 * The folder that JupyterLab serves, and the page on which it opens.
 *
 * By default the root is the work folder, not its `notebooks/`, so that a notebook's links to `datasets/` and `results/` open:
 * JupyterLab opens nothing outside of its root. The file list begins in `notebooks/`.
 */
import { existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { ApolabError } from '../core/errors.js';
import { isInstalledPackage, packageRoot, workFolder } from '../core/packageRoot.js';

/** The folder of the notebooks, in the root. */
const notebooks = 'notebooks';

/** What the notebooks link to besides each other; an installed package copies it with them. */
export const linkedFromNotebooks = ['datasets/workshop/README.md'];

/** A folder that is ready to be served. */
export interface LabFolder {
  /** JupyterLab's root. */
  readonly root: string;
  /** The folder, relative to the root, in which the file list begins; empty for the root itself. */
  readonly start: string;
  /** The path of the page to open, below the server's address: `lab/tree/notebooks/first-steps.ipynb`. */
  readonly page: string;
}

/**
 * Prepares the folder. An installed package copies its notebooks into the current folder if that has none, and says so.
 *
 * @param given a folder to serve instead of the work folder
 * @throws ApolabError if there is no such folder
 * @example
 * const { root, page } = await prepareLabFolder();
 */
export async function prepareLabFolder(given?: string): Promise<LabFolder> {
  const root = given ?? workFolder;
  if (!existsSync(root)) throw new ApolabError(`${root} is not a folder; give --root a folder that exists.`);
  if (isInstalledPackage && given === undefined && !existsSync(path.join(root, notebooks))) await copyNotebooks(root);
  if (!existsSync(path.join(root, notebooks))) return { root, start: '', page: 'lab' };
  // JupyterLab shows an error if the page is a file that was deleted.
  const first = `${notebooks}/first-steps.ipynb`;
  return { root, start: notebooks, page: `lab/tree/${existsSync(path.join(root, first)) ? first : notebooks}` };
}

async function copyNotebooks(root: string): Promise<void> {
  for (const name of [notebooks, ...linkedFromNotebooks])
    await cp(path.join(packageRoot, name), path.join(root, name), { recursive: true, force: false });
  console.log(`The example notebooks were copied to ${path.join(root, notebooks)}`);
}
