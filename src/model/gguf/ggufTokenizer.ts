/** The tokenizer in a GGUF file's metadata, as the tokenizer.json and tokenizer_config.json of the same model. */
import { ApolabError } from '../../core/errors.js';
import { quoted } from '../json.js';
import type { TokenizerConfigJson, TokenizerJson } from '../tokenizerFiles.js';
import type { GgufMetadata } from './metadata.js';
import { preTokenizers, type PreTokenizer } from './preTokenizers.js';
import { sentencePieceMerges } from './sentencePieceMerges.js';

/** The two files of a tokenizer. */
export interface TokenizerContents {
  readonly tokenizer: TokenizerJson;
  readonly config: TokenizerConfigJson;
}

/** The vocabulary with the kinds of its tokens. */
interface Vocabulary {
  readonly tokens: readonly string[];
  readonly kinds: readonly number[];
}

const key = (name: string) => `tokenizer.ggml.${name}`;
/** ggml's kinds of tokens that are looked for in the text before anything else. */
const control = 3;
const userDefined = 4;

/** What makes up a tokenizer.json, by `tokenizer.ggml.model`. */
const models = { gpt2: byteLevel, llama: sentencePiece } as const;

/**
 * Reads the tokenizer: byte-level byte-pair encoding (`gpt2`) or SentencePiece's byte-pair encoding (`llama`).
 *
 * @param origin the file that error messages name
 * @throws ApolabError if a value is missing or wrong, or the kind is not supported; it names the key.
 */
export function ggufTokenizer(metadata: GgufMetadata, origin: string): TokenizerContents {
  const model = metadata.text(key('model'));
  if (!Object.hasOwn(models, model)) {
    throw new ApolabError(
      `${origin}: ${key('model')} is ${quoted(model)}; supported are ${Object.keys(models).join(', ')}.`,
    );
  }
  const vocabulary = readVocabulary(metadata, origin);
  const { parts, addsBeginning } = models[model as keyof typeof models](metadata, vocabulary, origin);
  const special = specialTokens(metadata, vocabulary, origin);
  const beginning = metadata.flag(key('add_bos_token'), addsBeginning) ? special.bos_token : undefined;
  const end = metadata.flag(key('add_eos_token'), false) ? special.eos_token : undefined;
  return {
    tokenizer: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: addedTokens(vocabulary),
      ...parts,
      post_processor: template(vocabulary, beginning, end),
    },
    config: {
      tokenizer_class: 'PreTrainedTokenizerFast',
      ...special,
      clean_up_tokenization_spaces: false,
      ...chatTemplates(metadata),
    },
  };
}

function readVocabulary(metadata: GgufMetadata, origin: string): Vocabulary {
  // The package that reads the file drops a byte-order mark, which is a token of some vocabularies.
  const tokens = metadata.texts(key('tokens')).map((token) => (token === '' ? '\uFEFF' : token));
  const kinds = metadata.has(key('token_type')) ? metadata.numbers(key('token_type')) : tokens.map(() => 1);
  if (tokens.length === 0 || kinds.length !== tokens.length) {
    throw new ApolabError(
      `${origin}: ${key('tokens')} has ${tokens.length} tokens and ${key('token_type')} ${kinds.length}; expected as many, and some. ` +
        'Fetch the file again.',
    );
  }
  return { tokens, kinds };
}

const idsOf = (tokens: readonly string[]) => Object.fromEntries(tokens.map((token, id) => [token, id]));

/** Byte-level byte-pair encoding with the merges of the file. */
function byteLevel(metadata: GgufMetadata, { tokens }: Vocabulary, origin: string) {
  const kind = preTokenizerOf(metadata, origin);
  const merges = metadata.texts(key('merges')).map((merge) => {
    const space = merge.indexOf(' ', 1);
    if (space > 0 && space < merge.length - 1) return [merge.slice(0, space), merge.slice(space + 1)];
    throw new ApolabError(
      `${origin}: ${key('merges')} has ${quoted(merge)}, expected two texts with a space between. Fetch it again.`,
    );
  });
  const model = {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: kind.ignoreMerges ?? false,
    vocab: idsOf(tokens),
    merges,
  };
  const decoder = { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true };
  const parts = { normalizer: kind.normalizer ?? null, pre_tokenizer: kind.preTokenizer, decoder, model };
  return { parts, addsBeginning: kind.addsBeginning ?? false };
}

/** The row of `tokenizer.ggml.pre`. Old files have none; Qwen's are known by their architecture. */
function preTokenizerOf(metadata: GgufMetadata, origin: string): PreTokenizer {
  const fallback = metadata.text('general.architecture').startsWith('qwen') ? 'qwen2' : 'default';
  const name = metadata.text(key('pre'), fallback);
  const known = name === 'default' ? fallback : name;
  if (Object.hasOwn(preTokenizers, known)) return preTokenizers[known as keyof typeof preTokenizers];
  throw new ApolabError(
    `${origin}: ${key('pre')} is ${quoted(name)}; known are ${Object.keys(preTokenizers).join(', ')}. ` +
      "Use the model's folder in Hugging Face's layout, which has the whole tokenizer.",
  );
}

/** SentencePiece's byte-pair encoding: spaces are letters, and unknown characters become bytes. */
function sentencePiece(metadata: GgufMetadata, { tokens, kinds }: Vocabulary, origin: string) {
  const space = '\u2581';
  const scores = metadata.numbers(key('scores'));
  if (scores.length !== tokens.length) {
    throw new ApolabError(
      `${origin}: ${key('scores')} has ${scores.length} values for ${tokens.length} tokens. Fetch it again.`,
    );
  }
  const prefix = metadata.flag(key('add_space_prefix'), true);
  const replaced = { type: 'Replace', pattern: { String: ' ' }, content: space };
  const unknown = tokens[metadata.count(key('unknown_token_id'), 0)];
  if (unknown === undefined) throw new ApolabError(`${origin}: ${key('unknown_token_id')} is not in the vocabulary.`);
  const model = {
    type: 'BPE',
    dropout: null,
    unk_token: unknown,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: true,
    byte_fallback: true,
    ignore_merges: false,
    vocab: idsOf(tokens),
    merges: sentencePieceMerges(tokens, scores, kinds),
  };
  const parts = {
    normalizer: prefix ? { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: space }, replaced] } : replaced,
    pre_tokenizer: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: space }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        ...(prefix ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
      ],
    },
    model,
  };
  return { parts, addsBeginning: true };
}

/** Control tokens do not appear in decoded text, tokens of the model's authors do. */
function addedTokens({ tokens, kinds }: Vocabulary): object[] {
  return tokens.flatMap((content, id) => {
    if (kinds[id] !== control && kinds[id] !== userDefined) return [];
    const special = kinds[id] === control;
    return [{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special }];
  });
}

function specialTokens(
  metadata: GgufMetadata,
  { tokens }: Vocabulary,
  origin: string,
): Readonly<Record<string, string>> {
  const names = { bos_token: 'bos', eos_token: 'eos', unk_token: 'unknown', pad_token: 'padding' };
  const found = Object.entries(names).flatMap(([field, name]) => {
    const idKey = key(`${name}_token_id`);
    if (!metadata.has(idKey)) return [];
    const token = tokens[metadata.count(idKey)];
    if (token !== undefined) return [[field, token] as const];
    throw new ApolabError(
      `${origin}: ${idKey} is ${metadata.count(idKey)}, but the vocabulary has ${tokens.length} tokens.`,
    );
  });
  return Object.fromEntries(found);
}

/** The post-processor that writes the beginning and the end of a sequence around a text. */
function template({ tokens }: Vocabulary, beginning: string | undefined, end: string | undefined): object {
  const around = (id: string, type: number) =>
    [beginning, id, end].flatMap((part) => {
      if (part === undefined) return [];
      return [part === id ? { Sequence: { id, type_id: type } } : { SpecialToken: { id: part, type_id: type } }];
    });
  const used = [beginning, end].filter((token) => token !== undefined);
  return {
    type: 'TemplateProcessing',
    single: around('A', 0),
    pair: [...around('A', 0), ...around('B', 1)],
    special_tokens: Object.fromEntries(
      used.map((token) => [token, { id: token, ids: [tokens.indexOf(token)], tokens: [token] }]),
    ),
  };
}

/** One template is a text; several are a list with names, as in transformers' tokenizer_config.json. */
function chatTemplates(metadata: GgufMetadata): { readonly chat_template?: unknown } {
  const single = 'tokenizer.chat_template';
  const names = metadata.has('tokenizer.chat_templates') ? metadata.texts('tokenizer.chat_templates') : [];
  const named = names.map((name) => ({ name, template: metadata.text(`${single}.${name}`) }));
  const standard = metadata.has(single) ? metadata.text(single) : undefined;
  if (named.length === 0) return standard === undefined ? {} : { chat_template: standard };
  return {
    chat_template: [...(standard === undefined ? [] : [{ name: 'default', template: standard }]), ...named],
  };
}
