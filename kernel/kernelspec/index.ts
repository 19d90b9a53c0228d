/** The kernelspec: the folder with which Jupyter finds the kernel. */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { dataFolder, isInstalledPackage, packageRoot } from '../../src/core/packageRoot.js';
import { activeEnvironment, userDataFolder } from './environment.js';
import { installLabextension, uninstallLabextension } from './labextension.js';
import { launcher } from './launcher.js';

/** The place of a spec: one of `prefix`, `sysPrefix` and `user`; without any, the `.venv` that set-up makes. */
export interface InstallOptions {
  /** An environment's folder: the spec goes to `<prefix>/share/jupyter/kernels`. */
  readonly prefix?: string;
  /** The Python environment that is active (`VIRTUAL_ENV` or `CONDA_PREFIX`). */
  readonly sysPrefix?: boolean;
  /** The user's own Jupyter folder. */
  readonly user?: boolean;
  /** The kernel's name in Jupyter; `apolab` by default. */
  readonly name?: string;
}

/** A spec of this kernel that was found. */
export interface InstalledKernelspec {
  readonly name: string;
  readonly folder: string;
  readonly displayName: string;
  readonly argv: readonly string[];
  /** The first file of `argv` that is gone. */
  readonly gone?: string;
  /** The command that writes the spec again. */
  readonly fix: string;
}

const assets = path.join(packageRoot, 'kernel/kernelspec');
const logos = ['logo-svg.svg', 'logo-32x32.png', 'logo-64x64.png'] as const;
const defaultName = 'apolab';
const launcherName = 'start.sh';

/**
 * The content of the kernel.json in `folder`. Paths are absolute: a Jupyter server may have another PATH, and not every client
 * supports `{resource_dir}`. The shell is named because a copied script may not be executable.
 */
export function kernelspec(folder: string) {
  const start = process.platform === 'win32' ? [process.execPath] : ['/bin/sh', path.join(folder, launcherName)];
  return {
    argv: [...start, path.join(packageRoot, 'dist/kernel/main.js'), '{connection_file}'],
    display_name: 'TypeScript (apolab)',
    language: 'typescript',
    interrupt_mode: 'message',
    metadata: { debugger: false },
  };
}

/**
 * Writes the spec, over an older one (for example, of a Node that has moved), and returns its folder. Beside it goes the extension
 * of JupyterLab that redraws figures in place.
 *
 * @example
 * await installKernelspec({ user: true }); // '.../jupyter/kernels/apolab'
 */
export async function installKernelspec(options: InstallOptions = {}): Promise<string> {
  const folder = kernelspecFolder(options);
  const { prefix, sysPrefix, user } = options;
  if (
    isInstalledPackage &&
    (prefix ?? sysPrefix ?? user) === undefined &&
    !existsSync(path.join(dataFolder, '.venv'))
  ) {
    throw new Error(
      'name the Jupyter: --user for your own, --sys-prefix for the active environment, or --prefix <folder>.',
    );
  }
  await mkdir(folder, { recursive: true });
  await installLabextension(kernelsFolder(options));
  for (const logo of logos) await copyFile(path.join(assets, logo), path.join(folder, logo));
  const { engines } = JSON.parse(await readFile(path.join(packageRoot, 'package.json'), 'utf8')) as {
    engines: { node: string };
  };
  const minimum = engines.node.replace('>=', '');
  await writeFile(path.join(folder, launcherName), launcher(process.execPath, minimum), { mode: 0o755 });
  // Last, and at once by a rename: a folder with kernel.json is a spec that works.
  const file = path.join(folder, 'kernel.json');
  await writeFile(`${file}.part`, `${JSON.stringify(kernelspec(folder), null, 2)}\n`);
  await rename(`${file}.part`, file);
  return folder;
}

/**
 * Removes the spec, and the extension with the last one; returns the spec's folder, or `undefined` if there was none. Throws an
 * Error if it is another kernel's.
 */
export async function uninstallKernelspec(options: InstallOptions = {}): Promise<string | undefined> {
  const folder = kernelspecFolder(options);
  const spec = await readSpec(folder);
  if (spec === undefined) return undefined;
  if (!isOurs(spec))
    throw new Error(`${folder} is another kernel's: ${spec.display_name ?? 'it starts something else'}.`);
  await rm(folder, { recursive: true });
  const kernels = kernelsFolder(options);
  const others = await Promise.all((await entriesOf(kernels)).map((name) => readSpec(path.join(kernels, name))));
  if (!others.some((other) => other !== undefined && isOurs(other))) await uninstallLabextension(kernels);
  return folder;
}

/** Specs of this kernel in the active environment, the user's own folder and the project's environment. */
export async function listKernelspecs(): Promise<InstalledKernelspec[]> {
  const places = new Map<string, string>();
  if (activeEnvironment() !== undefined) places.set(kernelsFolder({ sysPrefix: true }), ' --sys-prefix');
  places.set(kernelsFolder({ user: true }), ' --user');
  places.set(kernelsFolder({}), '');
  const found: InstalledKernelspec[] = [];
  for (const [place, option] of places) {
    for (const name of await entriesOf(place)) {
      const folder = path.join(place, name);
      const spec = await readSpec(folder);
      if (spec === undefined || !isOurs(spec)) continue;
      const gone = spec.argv.find((word) => path.isAbsolute(word) && !existsSync(word));
      found.push({
        name,
        folder,
        displayName: spec.display_name ?? name,
        argv: spec.argv,
        ...(gone === undefined ? {} : { gone }),
        fix: `npx apolab install${option}${name === defaultName ? '' : ` --name ${name}`}`,
      });
    }
  }
  return found;
}

const isOurs = ({ argv }: Spec) => argv.some((word) => /dist[\\/]kernel[\\/]main\.js$/.test(word));

/** The folder that `installKernelspec` writes with the same options; throws an Error if the name can't be a kernel's. */
export function kernelspecFolder(options: InstallOptions = {}): string {
  const name = options.name ?? defaultName;
  if (!/^[a-z0-9._-]+$/i.test(name)) {
    throw new Error(
      `'${name}' is not a name for a kernel: letters, digits, '.', '_' and '-' only, as in '${defaultName}'.`,
    );
  }
  return path.join(kernelsFolder(options), name);
}

function kernelsFolder({ prefix, sysPrefix, user }: InstallOptions): string {
  if (prefix !== undefined) return path.join(path.resolve(prefix), 'share/jupyter/kernels');
  if (user === true) return path.join(userDataFolder(), 'kernels');
  const environment = sysPrefix === true ? activeEnvironment() : path.join(dataFolder, '.venv');
  if (environment === undefined) {
    throw new Error('no Python environment is active: activate one, or give its folder with --prefix.');
  }
  return path.join(environment, 'share/jupyter/kernels');
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

interface Spec {
  readonly argv: readonly string[];
  readonly display_name?: string;
}

/** Another kernel's spec may have any content: one that is not JSON has no `argv`. */
async function readSpec(folder: string): Promise<Spec | undefined> {
  try {
    const text = await readFile(path.join(folder, 'kernel.json'), 'utf8');
    const { argv, ...spec } = JSON.parse(text) as Partial<Spec>;
    return {
      ...spec,
      argv: Array.isArray(argv) ? argv.filter((word): word is string => typeof word === 'string') : [],
    };
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (error instanceof SyntaxError) return { argv: [] };
    throw error;
  }
}

const isMissing = (error: unknown) =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
