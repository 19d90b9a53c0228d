/** Texts into the tokens whose sets are compared: words between white space, or those of a model's tokenizer. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ApolabError } from '../../errors.js';
import { createTokenizer, type TokenizerConfigJson, type TokenizerJson } from '../../model/tokenizer.js';

export type Tokenize = (text: string) => readonly (string | number)[];

/**
 * What Python's `str.split()` takes for white space, in which the field's numbers are computed. JavaScript's `\s` differs: it
 * has the byte order mark U+FEFF, and lacks the separators U+001C to U+001F and the next line U+0085.
 */
// eslint-disable-next-line no-control-regex
const whiteSpace = /[\t-\r\u001c- \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

/**
 * The words between white space, as Python's `str.split()` gives them.
 *
 * @example
 * splitAtWhiteSpace('  it is\n4 '); // ['it', 'is', '4']
 */
export function splitAtWhiteSpace(text: string): string[] {
  return text.split(whiteSpace).filter((word) => word !== '');
}

/**
 * The tokenizer of a model's folder (tokenizer.json, tokenizer_config.json), without the special tokens that it puts round a
 * sequence. The model's weights are not read.
 *
 * @throws ApolabError where the folder has no tokenizer, or one that can't be read
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
      `${file} can't be read (${reason}). A tokenizer is the folder of a model, with tokenizer.json and tokenizer_config.json; ` +
        `'whitespace' needs none.`,
      { cause: error },
    );
  }
}
