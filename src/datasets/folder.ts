/** The folder `datasets/` of this package. Paths hold wherever the code runs from. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../core/packageRoot.js';

/** The absolute path of `datasets/`. */
export const datasetsFolder = path.join(packageRoot, 'datasets');

/** The content of a JSON file in `datasets/`, given by its path there. */
export function readJson(file: string): unknown {
  return JSON.parse(readFileSync(path.join(datasetsFolder, file), 'utf8'));
}
