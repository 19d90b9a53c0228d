/** The kernelspec: the folder by which Jupyter finds the kernel. */
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where a spec goes: one of `prefix`, `sysPrefix` and `user`; without any, the project's own `.venv`. */
export interface InstallOptions {
  /** An environment's folder: the spec goes to `<prefix>/share/jupyter/kernels`. */
  readonly prefix?: string;
  /** The Python environment that is active (`VIRTUAL_ENV` or `CONDA_PREFIX`). */
  readonly sysPrefix?: boolean;
  /** The person's own Jupyter folder. */
  readonly user?: boolean;
  /** The kernel's name for Jupyter, `apolab` unless given. */
  readonly name?: string;
}

export interface InstalledKernelspec {
  readonly name: string;
  readonly folder: string;
  readonly displayName: string;
  /** Whether the Node and the kernel that it starts are there. */
  readonly argv: readonly string[];
}

const packageFolder = fileURLToPath(new URL('../../..', import.meta.url));
const assets = path.join(packageFolder, 'kernel/kernelspec');
const logos = ['logo-svg.svg', 'logo-32x32.png', 'logo-64x64.png'] as const;
const defaultName = 'apolab';

/** The content of kernel.json. Paths are absolute: a Jupyter server has its own idea of PATH. */
export function kernelspec() {
  return {
    argv: [process.execPath, path.join(packageFolder, 'dist/kernel/main.js'), '{connection_file}'],
    display_name: 'TypeScript (apolab)',
    language: 'typescript',
    interrupt_mode: 'message',
    metadata: { debugger: false },
  };
}

/**
 * Writes the spec, over an older one (say, of a Node that has moved), and returns its folder.
 *
 * @example
 * await installKernelspec({ user: true }); // '/home/me/.local/share/jupyter/kernels/apolab'
 */
export async function installKernelspec(options: InstallOptions = {}): Promise<string> {
  const folder = kernelspecFolder(options);
  await mkdir(folder, { recursive: true });
  for (const logo of logos) await copyFile(path.join(assets, logo), path.join(folder, logo));
  // Last and whole: a folder with kernel.json is a spec that works.
  const file = path.join(folder, 'kernel.json');
  await writeFile(`${file}.part`, `${JSON.stringify(kernelspec(), null, 2)}\n`);
  await rename(`${file}.part`, file);
  return folder;
}

/** Removes the spec; returns its folder, or `undefined` where there was none. */
export async function uninstallKernelspec(options: InstallOptions = {}): Promise<string | undefined> {
  const folder = kernelspecFolder(options);
  if ((await readSpec(folder)) === undefined) return undefined;
  await rm(folder, { recursive: true });
  return folder;
}

/** Specs of this kernel in the project's environment, the active one, and the person's own. */
export async function listKernelspecs(): Promise<InstalledKernelspec[]> {
  const places = new Set([
    kernelsFolder({}),
    kernelsFolder({ user: true }),
    ...(activeEnvironment() === undefined ? [] : [kernelsFolder({ sysPrefix: true })]),
  ]);
  const found: InstalledKernelspec[] = [];
  for (const place of places) {
    for (const name of await entriesOf(place)) {
      const folder = path.join(place, name);
      const spec = await readSpec(folder);
      if (!spec?.argv.some((part) => /dist[\\/]kernel[\\/]main\.js$/.test(part))) continue;
      found.push({ name, folder, displayName: spec.display_name, argv: spec.argv });
    }
  }
  return found;
}

/** The folder that `installKernelspec` with the same options writes. */
export function kernelspecFolder(options: InstallOptions = {}): string {
  const name = options.name ?? defaultName;
  if (!/^[a-z0-9._-]+$/i.test(name)) {
    throw new Error(
      `'${name}' is no name for a kernel: letters, digits, '.', '_' and '-' only, as in '${defaultName}'.`,
    );
  }
  return path.join(kernelsFolder(options), name);
}

function kernelsFolder({ prefix, sysPrefix, user }: InstallOptions): string {
  if (prefix !== undefined) return path.join(path.resolve(prefix), 'share/jupyter/kernels');
  if (user === true) return path.join(userDataFolder(), 'kernels');
  const environment = sysPrefix === true ? activeEnvironment() : path.join(packageFolder, '.venv');
  if (environment === undefined) {
    throw new Error('no Python environment is active: activate one, or give its folder with --prefix.');
  }
  return path.join(environment, 'share/jupyter/kernels');
}

const activeEnvironment = () => process.env.VIRTUAL_ENV ?? process.env.CONDA_PREFIX;

/** The person's own Jupyter folder, as jupyter_core finds it. */
export function userDataFolder(): string {
  const given = process.env.JUPYTER_DATA_DIR;
  if (given !== undefined && given !== '') return given;
  if (process.platform === 'darwin') return path.join(homedir(), 'Library/Jupyter');
  if (process.platform === 'win32') return path.join(process.env.APPDATA ?? homedir(), 'jupyter');
  return path.join(process.env.XDG_DATA_HOME ?? path.join(homedir(), '.local/share'), 'jupyter');
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function readSpec(folder: string): Promise<ReturnType<typeof kernelspec> | undefined> {
  try {
    return JSON.parse(await readFile(path.join(folder, 'kernel.json'), 'utf8')) as ReturnType<typeof kernelspec>;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

const isMissing = (error: unknown) =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
