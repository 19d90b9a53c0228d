/** Text to token ids and back, by Hugging Face's own JavaScript tokenizers, from tokenizer.json as it lies in a model's folder. */
import * as huggingFaceTokenizers from '@huggingface/tokenizers';
import { ApolabError } from '../errors.js';

export interface Tokenizer {
  /** The ids of a text that opens a sequence, with what the tokenizer puts before it (a `<bos>`, say). */
  encodePrompt(text: string): number[];
  /** The ids of a text that goes on after a prompt: no special tokens. */
  encodeResponse(text: string): number[];
  /** The text of ids, special tokens left out. */
  decode(ids: readonly number[]): string;
  /** The words of a text that are not in the vocabulary. */
  unknownWords(text: string): string[];
  readonly endOfSequence: number;
  readonly padding: number;
  /** What was read, for saving a model beside its tokenizer. */
  readonly files: { readonly tokenizer: TokenizerJson; readonly config: TokenizerConfigJson };
}

export interface TokenizerJson {
  readonly model: {
    readonly type?: string;
    readonly vocab: Readonly<Record<string, number>> | readonly unknown[];
    readonly unk_token?: string | null;
  };
  readonly [field: string]: unknown;
}

export interface TokenizerConfigJson {
  readonly eos_token?: SpecialToken;
  readonly pad_token?: SpecialToken;
  readonly [field: string]: unknown;
}

/** What is used of the package; its own declarations do not resolve under Node's module resolution. */
interface HuggingFaceTokenizer {
  encode(text: string, options?: { readonly add_special_tokens?: boolean }): { readonly ids: number[] };
  decode(ids: number[], options: { readonly skip_special_tokens: boolean }): string;
  token_to_id(token: string): number | undefined;
}

const { Tokenizer: HuggingFaceTokenizer } = huggingFaceTokenizers as unknown as {
  readonly Tokenizer: new (tokenizer: object, config: object) => HuggingFaceTokenizer;
};

type SpecialToken = string | { readonly content: string } | null;

/** @throws ApolabError where tokenizer_config.json names no end-of-sequence token, or one that the vocabulary lacks. */
export function createTokenizer(tokenizer: TokenizerJson, config: TokenizerConfigJson, where: string): Tokenizer {
  const huggingFace = new HuggingFaceTokenizer(withoutWordLevel(tokenizer), config);
  const special = (field: 'eos_token' | 'pad_token'): number | undefined => {
    const token = config[field];
    const content = typeof token === 'object' ? token?.content : token;
    return content === undefined ? undefined : huggingFace.token_to_id(content);
  };
  const endOfSequence = special('eos_token');
  if (endOfSequence === undefined) {
    throw new ApolabError(
      `${where}: tokenizer_config.json names no eos_token that the vocabulary has; a response could never end.`,
    );
  }
  const unknownToken = tokenizer.model.unk_token ?? undefined;
  const unknownId = unknownToken === undefined ? undefined : huggingFace.token_to_id(unknownToken);
  const encodeResponse = (text: string) => huggingFace.encode(text, { add_special_tokens: false }).ids;
  return {
    encodePrompt: (text) => huggingFace.encode(text).ids,
    encodeResponse,
    decode: (ids) => (ids.length === 0 ? '' : huggingFace.decode([...ids], { skip_special_tokens: true })),
    unknownWords: (text) =>
      unknownId === undefined
        ? []
        : text.split(/\s+/).filter((word) => word !== '' && encodeResponse(word).includes(unknownId)),
    endOfSequence,
    padding: special('pad_token') ?? endOfSequence,
    files: { tokenizer, config },
  };
}

/**
 * The JavaScript tokenizers know no WordLevel model. WordPiece with whole words only and a continuation prefix that no
 * word has is the same map from text to ids.
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
