/** Reads the tokenizer of a model, to measure texts in the model's tokens. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ApolabError } from '../../core/errors.js';
import { createTokenizer } from '../../model/tokenizer.js';
import type { TokenizerConfigJson, TokenizerJson } from '../../model/tokenizerFiles.js';
import type { Tokenize } from './splitAtWhiteSpace.js';

/**
 * Reads the tokenizer of a model's folder (tokenizer.json, tokenizer_config.json). It adds no special tokens. The weights are
 * not read.
 *
 * @throws ApolabError if the folder has no tokenizer, or one that can't be read
 * @example
 * const tokenize = await readTokenize('datasets/miniature-world/policy-0');
 * preference.describe(pairs, { tokenize });
 */
export async function readTokenize(folder: string): Promise<Tokenize> {
  const [tokenizer, config] = await Promise.all(
    ['tokenizer.json', 'tokenizer_config.json'].map((file) => readJson(path.join(folder, file))),
  );
  const created = createTokenizer(tokenizer as TokenizerJson, config as TokenizerConfigJson, folder);
  return (text) => created.encodeResponse(text);
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ApolabError(
      `${file} can't be read (${reason}). Give the folder of a model, with tokenizer.json and tokenizer_config.json; ` +
        `'whitespace' needs no tokenizer.`,
      { cause: error },
    );
  }
}
