/**
 * Finished cells on disk, one file per cell, each written whole or not at all.
 *
 * A cell's key is a hash of all that its result depends on: the version, the settings, the pairs' text, the base policy's
 * files and its item scores. A cell with another key is trained again, so files of an earlier version are never read.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { writeAtomic } from '../../core/atomicFile.js';
import { hash } from '../../core/hash.js';
import { packageVersion } from '../../core/packageRoot.js';
import type { CellResult, CellSettings, PolicyScore } from './cell.js';

/** What a cell's process sends back. */
export interface TrainedCell {
  readonly result: CellResult;
  /** The tensor backend that trained it. */
  readonly backend: string;
}

/** The key of a cell; `policyHash` is the `folderHash` of the base policy. */
export function cellKey(settings: CellSettings, base: PolicyScore, policyHash: string): string {
  const contents = { ...settings, policy: policyHash, pairs: hash(readFileSync(settings.pairs)) };
  return hash(packageVersion, JSON.stringify(contents), JSON.stringify(base.itemScores));
}

/** The stored cell with this key; `undefined` if it is not finished or has another key. */
export function readCell(runFolder: string, settings: CellSettings, key: string): TrainedCell | undefined {
  const file = cellFile(runFolder, settings);
  if (!existsSync(file)) return undefined;
  const stored = JSON.parse(readFileSync(file, 'utf8')) as { key: string; cell: TrainedCell };
  return stored.key === key ? stored.cell : undefined;
}

/** Stores a finished cell in `<run folder>/cells/`, in place of an earlier one of the same dataset, objective and seed. */
export async function writeCell(
  runFolder: string,
  settings: CellSettings,
  key: string,
  cell: TrainedCell,
): Promise<void> {
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
