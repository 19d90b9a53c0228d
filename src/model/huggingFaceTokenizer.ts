/** Hugging Face's JavaScript tokenizers, with workarounds for what they do differently from the original library. */
import * as huggingFaceTokenizers from '@huggingface/tokenizers';
import { ApolabError } from '../core/errors.js';
import type { JsonFields } from './json.js';
import type { TokenizerConfigJson, TokenizerJson } from './tokenizerFiles.js';

/** The used part of the package's tokenizer; the package's own declarations do not resolve under Node's module resolution. */
export interface HuggingFaceTokenizer {
  encode(text: string, options?: { readonly add_special_tokens?: boolean }): { readonly ids: number[] };
  decode(
    ids: number[],
    options: { readonly skip_special_tokens: boolean; readonly clean_up_tokenization_spaces: boolean },
  ): string;
  token_to_id(token: string): number | undefined;
  readonly decoder: { readonly decoders?: readonly unknown[] } | null;
}

/** The part of a decoder that converts byte tokens to text. */
interface ByteFallbackDecoder {
  text_decoder: { decode(bytes: Uint8Array): string };
}

const { Tokenizer: HuggingFaceTokenizer, ByteFallbackDecoder } = huggingFaceTokenizers as unknown as {
  readonly Tokenizer: new (tokenizer: object, config: object) => HuggingFaceTokenizer;
  readonly ByteFallbackDecoder: new () => ByteFallbackDecoder;
};

/**
 * Decodes a run of byte tokens as the original library does: as UTF-8, or as one replacement character per byte if it is not
 * UTF-8. The package's decoder drops a byte-order mark, and decodes the valid parts of invalid UTF-8.
 */
const byteRuns = {
  decode: (bytes: Uint8Array): string => {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (error) {
      if (error instanceof TypeError) return '\uFFFD'.repeat(bytes.length);
      throw error;
    }
  },
};

/**
 * Creates the package's tokenizer and tries it once, because it accepts files that it cannot use later.
 *
 * @param origin the folder that error messages name
 * @throws ApolabError if the package cannot use the files.
 */
export function createHuggingFaceTokenizer(
  tokenizer: TokenizerJson,
  config: TokenizerConfigJson,
  origin: string,
): HuggingFaceTokenizer {
  try {
    const json = { added_tokens: [], normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };
    const result = new HuggingFaceTokenizer({ ...json, ...rewritten(tokenizer) }, config);
    for (const part of [result.decoder, ...(result.decoder?.decoders ?? [])]) {
      if (part instanceof ByteFallbackDecoder) part.text_decoder = byteRuns;
    }
    const { ids } = result.encode('An example: 12 words, é and 漢字!\n');
    const known = ids.filter(Number.isInteger);
    if (known.length > 0) result.decode(known, { skip_special_tokens: true, clean_up_tokenization_spaces: false });
    return result;
  } catch (error) {
    throw new ApolabError(
      `${origin}: tokenizer.json and tokenizer_config.json are not a usable tokenizer: ${(error as Error).message} ` +
        'Fetch the two files again, or save the tokenizer again with transformers.',
      { cause: error },
    );
  }
}

/** The same tokenizer, expressed with parts that the JavaScript package implements correctly. */
function rewritten(json: TokenizerJson): TokenizerJson {
  return { ...withoutWordLevel(json), pre_tokenizer: corrected(json.pre_tokenizer ?? null) };
}

/**
 * The package has no WordLevel model. WordPiece with a continuation prefix that no word has can match whole words only, so it
 * maps text to the same ids.
 */
function withoutWordLevel(json: TokenizerJson): TokenizerJson {
  if (json.model.type !== 'WordLevel') return json;
  return {
    ...json,
    model: {
      ...json.model,
      type: 'WordPiece',
      continuing_subword_prefix: '\u0000',
      max_input_chars_per_word: 10_000,
    } as TokenizerJson['model'],
  };
}

/**
 * Pre-tokenizers in other words. The package's Digits part splits at decimal digits only, the original also at other numbers such
 * as Ⅷ and ½. Its white space is JavaScript's, which lacks the next line (U+0085) and has the byte-order mark.
 */
function corrected(preTokenizer: unknown): unknown {
  if (typeof preTokenizer !== 'object' || preTokenizer === null) return preTokenizer;
  const part = preTokenizer as JsonFields;
  if (part.type === 'Sequence' && Array.isArray(part.pretokenizers)) {
    return { ...part, pretokenizers: part.pretokenizers.map(corrected) };
  }
  if (part.type === 'Digits') return splitAt(part.individual_digits === true ? '\\p{N}' : '\\p{N}+');
  const pattern = (part.pattern as { readonly Regex?: unknown } | undefined)?.Regex;
  if (part.type === 'Split' && typeof pattern === 'string') {
    return { ...part, pattern: { Regex: withUnicodeSpaces(pattern) } };
  }
  // With a prefix space the order of the two steps would matter.
  if (part.type === 'ByteLevel' && (part.use_regex ?? true) === true && part.add_prefix_space === false) {
    const pretokenizers = [splitAt(withUnicodeSpaces(gpt2Words)), { ...part, use_regex: false }];
    return { type: 'Sequence', pretokenizers };
  }
  return preTokenizer;
}

/** The words of GPT-2, the pattern of the ByteLevel part. */
const gpt2Words = "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

const splitAt = (pattern: string) => ({
  type: 'Split',
  pattern: { Regex: pattern },
  behavior: 'Isolated',
  invert: false,
});

/** A pattern whose white space is Unicode's. An escaped backslash is skipped, so that what follows it stays a letter. */
const withUnicodeSpaces = (pattern: string) =>
  pattern.replace(/\\([\s\S])/g, (escape, letter: string) =>
    letter === 's' ? '\\p{White_Space}' : letter === 'S' ? '\\P{White_Space}' : escape,
  );
