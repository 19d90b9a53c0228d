/** What several commands take, and how texts of the command line become values. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { ApolabError } from '../core/errors.js';

/** A number as it is written; its range is for the command's own checks to say. */
export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

export function wholeNumber(text: string): number {
  const value = number(text);
  if (!Number.isInteger(value)) throw new InvalidArgumentError('It must be a whole number.');
  return value;
}

export function positiveWholeNumber(text: string): number {
  const value = wholeNumber(text);
  if (value < 1) throw new InvalidArgumentError('It must be a whole number of 1 or more.');
  return value;
}

/** The texts of an option that may be given several times. */
export const repeated = (text: string, before: readonly string[] = []): string[] => [...before, text];

/** `--model DIR`, which a command cannot do without. */
export const modelOption = () =>
  new Option('--model <folder>', "folder of the model, in Hugging Face's layout").makeOptionMandatory();

/** `--pairs FILE`, which a command cannot do without. */
export const pairsOption = () =>
  new Option(
    '--pairs <file>',
    'prompt, chosen, rejected, as texts or lists of messages: JSONL, CSV, Parquet, a dataset folder or one of the Hub',
  ).makeOptionMandatory();

/** `--backend NAME`. */
export const backendOption = () => new Option('--backend <name>', 'where tensor arithmetic runs (see: apolab backend)');

/** Refuses a model's folder that is none before TensorFlow.js is loaded. */
export function checkModelFolder(folder: string): void {
  if (existsSync(path.join(folder, 'config.json'))) return;
  throw new ApolabError(
    existsSync(folder)
      ? `${folder} has no config.json: give --model the folder of a model in Hugging Face's layout.`
      : `There is no folder ${folder}: give --model the folder of a model in Hugging Face's layout.`,
  );
}
