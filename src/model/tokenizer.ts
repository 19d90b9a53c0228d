/** Text to token ids and back, by Hugging Face's JavaScript tokenizers. */
import { ApolabError } from '../core/errors.js';
import type { ChatMessage, ChatTemplate, RenderOptions } from './chatTemplate.js';
import { chatTemplateOf } from './chatTemplates.js';
import { createHuggingFaceTokenizer } from './huggingFaceTokenizer.js';
import { quoted } from './json.js';
import {
  checkVocabulary,
  specialTokens,
  type TokenizerConfigJson,
  type TokenizerFiles,
  type TokenizerJson,
} from './tokenizerFiles.js';

/** Converts between text and token ids. */
export interface Tokenizer {
  /** The ids of a text, with the special tokens that the tokenizer adds (such as `<bos>`) unless `addSpecialTokens` is false. */
  encode(text: string, options?: { readonly addSpecialTokens?: boolean }): number[];
  /** The ids of a text at the beginning of a sequence, with the special tokens that the tokenizer adds. */
  encodePrompt(text: string): number[];
  /** The ids of a text that follows a prompt, without special tokens. */
  encodeResponse(text: string): number[];
  /**
   * The ids of a conversation, by the chat template. It ends with the opening of the assistant's answer, unless
   * `addGenerationPrompt` is false.
   *
   * @throws ApolabError if the tokenizer has no chat template, or the template refuses the conversation.
   */
  encodeChat(messages: readonly ChatMessage[], options?: RenderOptions): number[];
  /** The text of token ids, without special tokens. */
  decode(ids: readonly number[]): string;
  /** The words of a text (separated by spaces) that are encoded with the unknown token. */
  unknownWords(text: string): string[];
  readonly chatTemplate?: ChatTemplate;
  readonly beginningOfSequence?: number;
  readonly endOfSequence: number;
  /** The padding token, or the end-of-sequence token if there is none. */
  readonly padding: number;
  /** Texts that `decode` shortens as soon as they are complete, such as a space before a full stop. */
  readonly tidied: readonly string[];
  /** The tokenizer's files, which are saved with a model. */
  readonly files: TokenizerFiles;
}

/** The texts that transformers' clean_up_tokenization shortens. */
const tidiedTexts = [' .', ' ?', ' !', ' ,', " ' ", " n't", " 'm", " 's", " 've", " 're"];

/**
 * A tokenizer from the content of tokenizer.json and tokenizer_config.json.
 *
 * @param origin the folder that error messages name
 * @param vocabularySize every id must be smaller; not given: no limit
 * @throws ApolabError if the files are not a usable tokenizer, an id is out of range, or there is no end-of-sequence token.
 */
export function createTokenizer(
  tokenizer: TokenizerJson,
  config: TokenizerConfigJson,
  origin: string,
  {
    vocabularySize,
    ...files
  }: Omit<Partial<TokenizerFiles>, 'tokenizer' | 'config'> & {
    readonly vocabularySize?: number;
  } = {},
): Tokenizer {
  checkVocabulary(tokenizer, vocabularySize, origin);
  const huggingFace = createHuggingFaceTokenizer(tokenizer, config, origin);
  const special = specialTokens(config, origin);
  const idOf = (name: string): number | undefined =>
    special[name] === undefined ? undefined : huggingFace.token_to_id(special[name]);
  const endOfSequence = idOf('eos_token');
  if (endOfSequence === undefined) {
    throw new ApolabError(
      `${origin}: tokenizer_config.json has no eos_token that is in the vocabulary, so a response could never end.`,
    );
  }
  const beginningOfSequence = idOf('bos_token');
  const unknownToken = tokenizer.model.unk_token ?? undefined;
  const unknownId = unknownToken === undefined ? undefined : huggingFace.token_to_id(unknownToken);
  const encode = (text: string, addSpecialTokens: boolean): number[] => {
    const { ids } = huggingFace.encode(text, { add_special_tokens: addSpecialTokens });
    if (ids.every(Number.isInteger)) return ids;
    throw new ApolabError(
      `${origin}: the tokenizer has no token for some of ${quoted(text)}, and no token for unknown text.`,
    );
  };
  // As in transformers 5: never for BPE, because it would corrupt the text.
  const tidies = config.clean_up_tokenization_spaces === true && tokenizer.model.type !== 'BPE';
  const template = chatTemplateOf({ config, ...files }, special, origin);
  return {
    encode: (text, { addSpecialTokens = true } = {}) => encode(text, addSpecialTokens),
    encodePrompt: (text) => encode(text, true),
    encodeResponse: (text) => encode(text, false),
    encodeChat: (messages, { addGenerationPrompt = true, ...options } = {}) => {
      if (template === undefined) {
        throw new ApolabError(
          `${origin} has no chat template, so it cannot write a conversation as text. Give the prompt as text, or ` +
            'add a chat_template to tokenizer_config.json.',
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
    files: { tokenizer, config, ...files },
  };
}
