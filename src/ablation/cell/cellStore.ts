/**
 * Finished cells on disk, one file each, written whole or not at all.
 *
 * A cell's key is a hash of all that its result depends on: settings, the pairs' text, and the base policy's files. A cell
 * whose key has changed is trained again.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { writeAtomic } from '../../core/atomicFile.js';
import { packageVersion } from '../../core/packageRoot.js';
import type { CellResult, CellSettings, Evaluation } from './cell.js';
import { hash } from '../run/runFolder.js';

/** What a cell's process sends back. */
export interface TrainedCell {
  readonly result: CellResult;
  readonly backend: string;
}

/** Hash of the program's version, the settings, the pairs' text, the base's answers, and the base's files (`policyHash`). */
export function cellKey(settings: CellSettings, base: Evaluation, policyHash: string): string {
  const contents = { ...settings, policy: policyHash, pairs: hash(readFileSync(settings.pairs)) };
  return hash(packageVersion, JSON.stringify(contents), base.correct);
}

/** The cell of that key, or `undefined` where it was not finished or something it depends on has changed. */
export function readCell(runFolder: string, settings: CellSettings, key: string): TrainedCell | undefined {
  const file = cellFile(runFolder, settings);
  if (!existsSync(file)) return undefined;
  const stored = JSON.parse(readFileSync(file, 'utf8')) as { key: string; cell: TrainedCell };
  return stored.key === key ? stored.cell : undefined;
}

export async function writeCell(runFolder: string, settings: CellSettings, key: string, cell: TrainedCell) {
  await writeAtomic(cellFile(runFolder, settings), `${JSON.stringify({ key, cell })}\n`);
}

function cellFile(runFolder: string, { dataset, objective, seed }: CellSettings): string {
  return path.join(runFolder, 'cells', `${dataset}-${objective}-seed${seed}.json`);
}

/** Hash of a folder's files, by name and content. */
export function folderHash(folder: string): string {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  return hash(...files.flatMap(({ name }) => [name, readFileSync(path.join(folder, name))]));
}
