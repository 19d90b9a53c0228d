import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

function nearestPackage(folder: string): string {
  const parent = path.dirname(folder);
  return existsSync(path.join(folder, 'package.json')) || parent === folder ? folder : nearestPackage(parent);
}

/** The folder of this package's package.json, whether the code runs from `src/` or from `dist/src/`. */
export const packageRoot = nearestPackage(path.dirname(fileURLToPath(import.meta.url)));

/** This package's version, from its package.json. */
export const packageVersion = (
  JSON.parse(readFileSync(path.join(packageRoot, 'package.json'), 'utf8')) as { version: string }
).version;

/** Whether this is the package that npm installed: a checkout of the repository has the sources and compiles them. */
export const isInstalledPackage = !existsSync(path.join(packageRoot, 'tsconfig.json'));

/**
 * The folder of what set-up makes (`.venv`, `.tensorflow`): the project's folder in a checkout. A package's folder may be
 * read-only and npm empties it, so there it is a folder of the user's, one per version. src/setup/paths.mjs has the same rule.
 */
export const dataFolder = isInstalledPackage ? path.join(userFolder(), 'apolab', packageVersion) : packageRoot;

/** The folder for results and copied notebooks: the project's folder in a checkout, the current folder for a package. */
export const workFolder = isInstalledPackage ? process.cwd() : packageRoot;

/** The command that runs set-up, for messages. */
export const setupCommand = isInstalledPackage ? 'npx apolab setup' : 'npm run setup';

function userFolder(): string {
  const { XDG_DATA_HOME = '', LOCALAPPDATA } = process.env;
  if (path.isAbsolute(XDG_DATA_HOME)) return XDG_DATA_HOME;
  return process.platform === 'win32' && LOCALAPPDATA ? LOCALAPPDATA : path.join(homedir(), '.local', 'share');
}
