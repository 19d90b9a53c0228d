/** The policy of the miniature world: a small Llama model whose tokens are the world's words. */
import {
  createTokenizer,
  initialParameters,
  LanguageModel,
  type ModelConfig,
  type TokenizerJson,
} from '../../model/index.js';
import { specialTokens, vocabulary } from './vocabulary.js';

/** The policy's architecture: 119 thousand parameters. The longest sequence of the world has 40 tokens. */
export const policyConfig: ModelConfig = {
  vocabularySize: vocabulary.length,
  hiddenSize: 64,
  intermediateSize: 192,
  layers: 2,
  heads: 4,
  keyValueHeads: 4,
  headSize: 16,
  maxPositions: 64,
  normEpsilon: 1e-6,
  ropeTheta: 10_000,
  tiedEmbeddings: true,
};

/**
 * A policy with random weights and the world's tokenizer: one token per word, and `<bos>` before each sequence.
 *
 * @example
 * const policy = untrainedPolicy(0);
 */
export function untrainedPolicy(seed: number): LanguageModel {
  const tokenizer = createTokenizer(tokenizerJson(), tokenizerConfig, 'the miniature world');
  return new LanguageModel(policyConfig, initialParameters(policyConfig, seed), tokenizer);
}

const [padding, beginning, end] = specialTokens;

const tokenizerConfig = {
  tokenizer_class: 'PreTrainedTokenizerFast',
  bos_token: beginning,
  eos_token: end,
  pad_token: padding,
  clean_up_tokenization_spaces: false,
  model_max_length: policyConfig.maxPositions,
};

function tokenizerJson(): TokenizerJson {
  const id = (token: string) => vocabulary.indexOf(token);
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specialTokens.map((content) => ({
      id: id(content),
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: { type: 'WhitespaceSplit' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: beginning, type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
      pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 1 } }],
      special_tokens: { [beginning]: { id: beginning, ids: [id(beginning)], tokens: [beginning] } },
    },
    decoder: null,
    model: {
      type: 'WordLevel',
      vocab: Object.fromEntries(vocabulary.map((word, index) => [word, index])),
      // A word outside the vocabulary becomes padding, which no text of the world contains.
      unk_token: padding,
    },
  };
}
