/** The extension of JupyterLab that redraws figures in place: a folder beside the kernelspecs, shared by all of them. */
import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import { packageRoot } from '../../src/core/packageRoot.js';

const source = path.join(packageRoot, 'kernel/kernelspec/labextension');

/** The extension's folder in the Jupyter data folder that has this folder of kernelspecs. */
const folderBeside = (kernels: string) => path.join(path.dirname(kernels), 'labextensions/apolab-figures');

/** Copies the extension to where JupyterLab looks for it, over an older one. */
export async function installLabextension(kernels: string): Promise<void> {
  const folder = folderBeside(kernels);
  await rm(folder, { recursive: true, force: true });
  await cp(source, folder, { recursive: true });
}

/** Removes the extension, if it is there. */
export async function uninstallLabextension(kernels: string): Promise<void> {
  await rm(folderBeside(kernels), { recursive: true, force: true });
}
