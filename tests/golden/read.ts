import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The folder of the golden files. */
export const goldenFolder = import.meta.dirname;

// The caller says what the file holds; its generator is the authority.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
export function readGolden<T>(file: string): T {
  return JSON.parse(readFileSync(path.join(goldenFolder, file), 'utf8')) as T;
}
