import { existsSync, readFileSync } from 'node:fs';
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
