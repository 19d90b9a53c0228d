/** Text to token ids and back, by Hugging Face's own JavaScript tokenizers, from tokenizer.json as it lies in a model's folder. */
import * as huggingFaceTokenizers from '@huggingface/tokenizers';
import { ApolabError } from '../core/errors.js';
import { createChatTemplate, type ChatMessage, type ChatTemplate, type RenderOptions } from './chatTemplate.js';
import { fieldsOf, quoted, type JsonFields } from './json.js';

export interface Tokenizer {
  /** The ids of a text; with what the tokenizer puts round it (a `<bos>`, say) unless `addSpecialTokens` is false. */
  encode(text: string, options?: { readonly addSpecialTokens?: boolean }): number[];
  /** The ids of a text that opens a sequence, with what the tokenizer puts before it (a `<bos>`, say). */
  encodePrompt(text: string): number[];
  /** The ids of a text that goes on after a prompt: no special tokens. */
  encodeResponse(text: string): number[];
  /**
   * The ids of a conversation as the chat template writes it, with what opens the answer unless told otherwise.
   *
   * @throws ApolabError where the tokenizer has no chat template, or the template refuses the conversation.
   */
  encodeChat(messages: readonly ChatMessage[], options?: RenderOptions): number[];
  /** The text of ids, special tokens left out. */
  decode(ids: readonly number[]): string;
  /** The words of a text that are not in the vocabulary. */
  unknownWords(text: string): string[];
  readonly chatTemplate?: ChatTemplate;
  readonly beginningOfSequence?: number;
  readonly endOfSequence: number;
  readonly padding: number;
  /** Texts that `decode` may shorten once the next token is there: a space before a full stop. */
  readonly tidied: readonly string[];
  /** What was read, for saving a model beside its tokenizer. */
  readonly files: TokenizerFiles;
}

/** The files of a tokenizer, parsed; their texts too where they were read from a folder. */
export interface TokenizerFiles {
  readonly tokenizer: TokenizerJson;
  readonly config: TokenizerConfigJson;
  /** chat_template.jinja, which counts before tokenizer_config.json's own. */
  readonly chatTemplate?: string;
  /** Word for word, by file name. */
  readonly texts?: Readonly<Record<string, string>>;
}

export interface TokenizerJson {
  readonly model: {
    readonly type?: string;
    readonly vocab: Readonly<Record<string, number>> | readonly unknown[];
    readonly unk_token?: string | null;
  };
  readonly added_tokens?: readonly unknown[];
  readonly [field: string]: unknown;
}

export interface TokenizerConfigJson {
  readonly bos_token?: SpecialToken;
  readonly eos_token?: SpecialToken;
  readonly pad_token?: SpecialToken;
  readonly chat_template?: unknown;
  readonly [field: string]: unknown;
}

/** What is used of the package; its own declarations do not resolve under Node's module resolution. */
interface HuggingFaceTokenizer {
  encode(text: string, options?: { readonly add_special_tokens?: boolean }): { readonly ids: number[] };
  decode(
    ids: number[],
    options: { readonly skip_special_tokens: boolean; readonly clean_up_tokenization_spaces: boolean },
  ): string;
  token_to_id(token: string): number | undefined;
  readonly decoder: { readonly decoders?: readonly unknown[] } | null;
}

/** The part of a decoder that makes text of tokens that stand for bytes. */
interface ByteFallbackDecoder {
  text_decoder: { decode(bytes: Uint8Array): string };
}

const { Tokenizer: HuggingFaceTokenizer, ByteFallbackDecoder } = huggingFaceTokenizers as unknown as {
  readonly Tokenizer: new (tokenizer: object, config: object) => HuggingFaceTokenizer;
  readonly ByteFallbackDecoder: new () => ByteFallbackDecoder;
};

type SpecialToken = string | { readonly content: string } | null;

/** What tidying up shortens, as transformers' clean_up_tokenization. */
const tidiedTexts = [' .', ' ?', ' !', ' ,', " ' ", " n't", " 'm", " 's", " 've", " 're"];

/**
 * A tokenizer from the content of tokenizer.json and tokenizer_config.json.
 *
 * @param vocabularySize ids must lie below it, where it is given
 * @throws ApolabError where the files are no tokenizer, an id is none of the model's, or no end-of-sequence token is named.
 */
export function createTokenizer(
  tokenizer: TokenizerJson,
  config: TokenizerConfigJson,
  where: string,
  {
    chatTemplate,
    texts,
    vocabularySize,
  }: Omit<Partial<TokenizerFiles>, 'tokenizer' | 'config'> & {
    readonly vocabularySize?: number;
  } = {},
): Tokenizer {
  checkVocabulary(tokenizer, vocabularySize, where);
  const huggingFace = load(tokenizer, config, where);
  const special = specialTokens(config, where);
  const idOf = (name: string): number | undefined =>
    special[name] === undefined ? undefined : huggingFace.token_to_id(special[name]);
  const endOfSequence = idOf('eos_token');
  if (endOfSequence === undefined) {
    throw new ApolabError(
      `${where}: tokenizer_config.json names no eos_token that the vocabulary has; a response could never end.`,
    );
  }
  const beginningOfSequence = idOf('bos_token');
  const unknownToken = tokenizer.model.unk_token ?? undefined;
  const unknownId = unknownToken === undefined ? undefined : huggingFace.token_to_id(unknownToken);
  const encode = (text: string, addSpecialTokens: boolean): number[] => {
    const { ids } = huggingFace.encode(text, { add_special_tokens: addSpecialTokens });
    if (ids.every(Number.isInteger)) return ids;
    throw new ApolabError(
      `${where}: the tokenizer has no token for some of ${quoted(text)}, and none for what is unknown.`,
    );
  };
  // As transformers 5: never for BPE, whose text it would corrupt.
  const tidies = config.clean_up_tokenization_spaces === true && tokenizer.model.type !== 'BPE';
  const templateSource = chatTemplate ?? namedTemplate(config.chat_template, where);
  const template =
    templateSource === undefined
      ? undefined
      : createChatTemplate(
          templateSource,
          special,
          `${where}: ${chatTemplate === undefined ? 'tokenizer_config.json' : 'chat_template.jinja'}`,
        );
  return {
    encode: (text, { addSpecialTokens = true } = {}) => encode(text, addSpecialTokens),
    encodePrompt: (text) => encode(text, true),
    encodeResponse: (text) => encode(text, false),
    encodeChat: (messages, { addGenerationPrompt = true, ...options } = {}) => {
      if (template === undefined) {
        throw new ApolabError(
          `${where} has no chat template, so it cannot say how a conversation is written. Give the prompt as text, or ` +
            'put a chat_template into tokenizer_config.json.',
        );
      }
      return encode(template.render(messages, { addGenerationPrompt, ...options }), false);
    },
    decode: (ids) =>
      ids.length === 0
        ? ''
        : huggingFace.decode([...ids], { skip_special_tokens: true, clean_up_tokenization_spaces: tidies }),
    unknownWords: (text) =>
      unknownId === undefined
        ? []
        : text.split(/\s+/).filter((word) => word !== '' && encode(word, false).includes(unknownId)),
    ...(template === undefined ? {} : { chatTemplate: template }),
    ...(beginningOfSequence === undefined ? {} : { beginningOfSequence }),
    endOfSequence,
    padding: idOf('pad_token') ?? endOfSequence,
    tidied: tidies ? tidiedTexts : [],
    files: {
      tokenizer,
      config,
      ...(chatTemplate === undefined ? {} : { chatTemplate }),
      ...(texts === undefined ? {} : { texts }),
    },
  };
}

/** Every special token that tokenizer_config.json names (`bos_token`, `eos_token`, ...), by its name. */
function specialTokens(config: TokenizerConfigJson, where: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config).flatMap(([name, value]) => {
      if (!name.endsWith('_token') || typeof value === 'boolean' || (value ?? null) === null) return [];
      const content = typeof value === 'object' ? (value as { readonly content?: unknown }).content : value;
      if (typeof content === 'string') return [[name, content]];
      throw new ApolabError(
        `${where}: tokenizer_config.json: ${name} is ${quoted(value)}, expected a text or {"content": a text}.`,
      );
    }),
  );
}

/** The template itself, or of a list of named ones the default. */
function namedTemplate(given: unknown, where: string): string | undefined {
  if ((given ?? undefined) === undefined) return undefined;
  if (typeof given === 'string') return given;
  const templates: unknown[] = Array.isArray(given) ? given : [];
  for (const entry of templates) {
    const { name, template } = fieldsOf(entry, `${where}: tokenizer_config.json: chat_template`);
    if (name === 'default' && typeof template === 'string') return template;
  }
  throw new ApolabError(
    `${where}: tokenizer_config.json: chat_template is ${quoted(given)}, expected a text or a list with one named default.`,
  );
}

const modelTypes: readonly unknown[] = ['BPE', 'WordPiece', 'Unigram', 'WordLevel'];

/** What the package would trip over only later, or not at all. */
function checkVocabulary(tokenizer: TokenizerJson, vocabularySize: number | undefined, where: string): void {
  const file = `${where}: tokenizer.json`;
  const { vocab, type } = fieldsOf(fieldsOf(tokenizer, file).model, `${file}: model`);
  if (type !== undefined && !modelTypes.includes(type)) {
    throw new ApolabError(`${file}: model.type is ${quoted(type)}; read are ${modelTypes.join(', ')}.`);
  }
  const entries: (readonly [string, unknown])[] = Array.isArray(vocab)
    ? (vocab as unknown[]).map((entry, id) => [String(Array.isArray(entry) ? entry[0] : entry), id])
    : Object.entries(fieldsOf(vocab, `${file}: model.vocab`));
  const added = tokenizer.added_tokens ?? [];
  if (!Array.isArray(added)) throw new ApolabError(`${file}: added_tokens is ${quoted(added)}, expected a list.`);
  for (const token of added) {
    const { content, id } = fieldsOf(token, `${file}: an entry of added_tokens`);
    if (typeof content !== 'string' || content === '') {
      throw new ApolabError(`${file}: added_tokens has the content ${quoted(content)}, expected a text.`);
    }
    entries.push([content, id]);
  }
  const most = vocabularySize ?? Infinity;
  const wrong = entries.find(([, id]) => !(Number.isInteger(id) && (id as number) >= 0 && (id as number) < most));
  if (wrong === undefined) return;
  throw new ApolabError(
    `${file}: the id of ${quoted(wrong[0])} is ${quoted(wrong[1])}, expected a whole number from 0` +
      (vocabularySize === undefined
        ? '.'
        : ` to ${vocabularySize - 1}: config.json's vocab_size is ${vocabularySize}.`),
  );
}

/**
 * Runs of byte tokens as the original reads them: UTF-8 as a whole, or a replacement character a byte. The package's own
 * decoder loses a byte-order mark, and keeps what it can of a run that is no UTF-8.
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

/** The package's own tokenizer, tried once: it reads what it does not understand until it comes to use it. */
function load(tokenizer: TokenizerJson, config: TokenizerConfigJson, where: string): HuggingFaceTokenizer {
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
      `${where}: tokenizer.json and tokenizer_config.json make no tokenizer: ${(error as Error).message} ` +
        'Fetch the two files again, or save the tokenizer again with transformers.',
      { cause: error },
    );
  }
}

/** The same tokenizer in the parts that the JavaScript package has, and has right. */
function rewritten(json: TokenizerJson): TokenizerJson {
  return { ...withoutWordLevel(json), pre_tokenizer: withoutDigits(json.pre_tokenizer ?? null) };
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

/** Their Digits part splits at decimal digits only; the original also at Ⅷ, ½ and all else that is a number. */
function withoutDigits(preTokenizer: unknown): unknown {
  if (typeof preTokenizer !== 'object' || preTokenizer === null) return preTokenizer;
  const { type, pretokenizers, individual_digits: individually } = preTokenizer as JsonFields;
  if (type === 'Sequence' && Array.isArray(pretokenizers)) {
    return { ...preTokenizer, pretokenizers: pretokenizers.map(withoutDigits) };
  }
  if (type !== 'Digits') return preTokenizer;
  const pattern = { Regex: individually === true ? '\\p{N}' : '\\p{N}+' };
  return { type: 'Split', pattern, behavior: 'Isolated', invert: false };
}
