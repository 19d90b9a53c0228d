/**
 * The folder of a run of `apolab train`: checkpoints, and at the end the model, beside the metrics of every step, the settings
 * and the rows that were skipped.
 */
import { existsSync, realpathSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { ApolabError } from '../../core/errors.js';
import { writeAtomic } from '../../core/atomicFile.js';
import { countOf } from '../../core/text.js';
import type { LanguageModel } from '../../model/index.js';
import type { CatalogEntry } from '../../objectives/catalog.js';
import type { TrainingRow } from '../../preference.js';

/** What a run's folder holds beside the model's own files and the checkpoints. */
export const runFiles = {
  settings: 'settings.json',
  history: 'history.jsonl',
  skipped: 'skipped.jsonl',
  adapter: 'adapter',
  references: 'reference-cache',
} as const;

/**
 * Makes the folder.
 *
 * @throws ApolabError if it is the folder of `model`, holds a model that no run of apolab left there, or cannot be made.
 */
export async function makeRunFolder(out: string, model: string): Promise<void> {
  if (existsSync(out) && realpathSync(out) === realpathSync(model)) {
    throw new ApolabError(
      `--out ${out} is the folder of --model, which the trained model would replace; give another.`,
    );
  }
  if (existsSync(path.join(out, 'config.json')) && !existsSync(path.join(out, runFiles.settings))) {
    throw new ApolabError(`--out ${out} holds a model that no run of apolab left there; give another folder.`);
  }
  try {
    await mkdir(out, { recursive: true });
  } catch (error) {
    throw new ApolabError(`--out ${out} can't be made (${(error as Error).message}); give another folder.`, {
      cause: error,
    });
  }
}

/** Removes what a run continues from. The reference's log-probabilities stay: a fingerprint says what they belong to. */
export async function removeRun(out: string): Promise<void> {
  const { listCheckpoints } = await import('../../training/index.js');
  const { settings, history, skipped, adapter } = runFiles;
  const files = [settings, history, skipped, adapter].map((name) => path.join(out, name));
  for (const place of [...(await listCheckpoints(out)), ...files]) await rm(place, { recursive: true, force: true });
}

/**
 * Reads the rows that can be trained on: pairs, or unpaired examples if the objective takes them. Every other row is reported on
 * standard error and kept with its reason.
 *
 * In a file with both kinds nothing is lost that the objective can use: an objective on single responses gets each pair as two
 * examples, and for an objective on pairs the unpaired rows are skipped.
 *
 * @param maxLength tokens that a sequence is cut to
 * @returns all pairs, or all unpaired examples
 * @throws ApolabError if no row can be trained on.
 */
export async function readUsableRows(
  file: string,
  out: string,
  entry: Pick<CatalogEntry, 'paired' | 'label'>,
  { tokenizer, config }: LanguageModel,
  maxLength: number,
): Promise<TrainingRow[]> {
  const { formatSkipped, isUnpaired, readTrainingRows } = await import('../../preference.js');
  const { refusalOfUnpaired, whyNotTrainable } = await import('../../training/index.js');
  const refusal = refusalOfUnpaired(entry);
  let refused = 0;
  const { rows, skipped } = await readTrainingRows(file, {
    check: (row) => {
      if (refusal === undefined || !isUnpaired(row)) {
        return whyNotTrainable(tokenizer, config.maxPositions, row, maxLength);
      }
      refused += 1;
      return refusal;
    },
  });
  const place = path.join(out, runFiles.skipped);
  await writeAtomic(place, skipped.map((row) => `${JSON.stringify(row)}\n`).join(''));
  if (refused > 0 && rows.length === 0 && refused === skipped.length) throw new ApolabError(`${refusal!}.`);
  if (skipped.length > 0) console.error(`${formatSkipped(skipped, file)}\nAll of them are in ${place}.`);
  if (rows.length === 0) throw new ApolabError(`${file} has no row that can be trained on.`);
  return inOneForm(rows, file);
}

/** The rows as they are if all are of one kind, otherwise every pair as two examples. */
async function inOneForm(rows: TrainingRow[], file: string): Promise<TrainingRow[]> {
  const { isUnpaired, unpairPairs } = await import('../../preference.js');
  const pairs = rows.filter((row) => !isUnpaired(row)).length;
  if (pairs === 0 || pairs === rows.length) return rows;
  const [counted, examples] = [countOf(pairs, 'pair'), countOf(rows.length + pairs, 'example')];
  console.error(
    `note: ${file} has unpaired rows, so its ${counted} count as two unpaired examples each: ${examples} in all.`,
  );
  return rows.flatMap((row) => (isUnpaired(row) ? [row] : unpairPairs([row])));
}
