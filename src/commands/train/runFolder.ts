/**
 * The folder of a run of `apolab train`: checkpoints, and at the end the model, beside the metrics of every step, the settings
 * and the rows that were skipped.
 */
import { existsSync, realpathSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { ApolabError } from '../../core/errors.js';
import { writeAtomic } from '../../core/atomicFile.js';
import type { LanguageModel } from '../../model/index.js';
import type { PreferencePair } from '../../preference.js';

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
 * Reads the pairs that can be trained on. Every other row is reported on standard error and kept with its reason.
 *
 * @param maxLength tokens that a sequence is cut to
 * @throws ApolabError if no row can be trained on.
 */
export async function readUsablePairs(
  file: string,
  out: string,
  { tokenizer, config }: LanguageModel,
  maxLength: number,
): Promise<PreferencePair[]> {
  const { formatSkipped, readPairs } = await import('../../preference.js');
  const { whyNotTrainable } = await import('../../training/index.js');
  const { pairs, skipped } = await readPairs(file, {
    check: (pair) => whyNotTrainable(tokenizer, config.maxPositions, pair, maxLength),
  });
  const place = path.join(out, runFiles.skipped);
  await writeAtomic(place, skipped.map((row) => `${JSON.stringify(row)}\n`).join(''));
  if (skipped.length > 0) console.error(`${formatSkipped(skipped, file)}\nAll of them are in ${place}.`);
  if (pairs.length === 0) throw new ApolabError(`${file} has no row that can be trained on.`);
  return pairs;
}
