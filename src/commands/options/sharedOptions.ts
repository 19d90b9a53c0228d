/** Options that several commands have, each written once. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ApolabError } from '../../core/errors.js';
import { longestLine } from '../../pairs/formats/format.js';
import { optionTable } from './optionTable.js';
import { parseCount } from './parseValues.js';

/** `--model`, for commands that need a model on this disk. */
export const modelOption = optionTable({
  model: { value: '<folder>', help: "folder of the model, in Hugging Face's layout", required: true },
});

/** `--pairs`, for commands that need pairs. */
export const pairsOption = optionTable({
  pairs: {
    value: '<file>',
    help: 'prompt, chosen, rejected, as texts or lists of messages: JSONL, CSV, Parquet, a dataset folder or a dataset of the Hub',
    required: true,
  },
});

/** `--backend`, for commands that compute with tensors. */
export const backendOption = optionTable({
  backend: { value: '<name>', help: 'the tensor backend (see: apolab backend)' },
});

/** `--json`, for commands whose report is one object. */
export const jsonOption = optionTable({ json: { help: 'report as JSON' } });

/** Which part of a source of pairs is meant, and how it is read. Every reader of pairs takes them under these names. */
export const sourceOptions = optionTable({
  split: {
    value: '<name>',
    help: 'split of a dataset folder or of a dataset of the Hub',
    shownDefault: 'train',
  },
  config: { value: '<name>', help: 'configuration of such a dataset, if it has several' },
  revision: { value: '<name>', help: 'branch, tag or commit of a dataset of the Hub', shownDefault: 'main' },
  maxLineBytes: {
    value: '<bytes>',
    help: 'longest line of JSONL or row of CSV that is read',
    parse: parseCount,
    shownDefault: longestLine,
  },
  delimiter: { value: '<character>', help: 'delimiter of the cells of a CSV file', shownDefault: 'detected' },
});

/**
 * Checks the folder of `--model` before TensorFlow.js is loaded.
 *
 * @throws ApolabError if the folder does not exist or has no config.json.
 */
export function checkModelFolder(folder: string): void {
  if (existsSync(path.join(folder, 'config.json'))) return;
  throw new ApolabError(
    existsSync(folder)
      ? `${folder} has no config.json: give --model the folder of a model in Hugging Face's layout.`
      : `There is no folder ${folder}: give --model the folder of a model in Hugging Face's layout.`,
  );
}
