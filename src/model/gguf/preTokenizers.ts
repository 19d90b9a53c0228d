/**
 * How byte-level vocabularies cut a text into words before they merge letters: GGUF stores a name only (`tokenizer.ggml.pre`).
 * The patterns are those of the models' own tokenizer.json.
 */

/** How a named kind of byte-level tokenizer works. */
export interface PreTokenizer {
  /** The `pre_tokenizer` of tokenizer.json. */
  readonly preTokenizer: object;
  /** The `normalizer` of tokenizer.json. */
  readonly normalizer?: object;
  /** A word that is in the vocabulary is not merged from letters. */
  readonly ignoreMerges?: true;
  /** The beginning of the sequence is added, unless the file says otherwise. */
  readonly addsBeginning?: true;
}

const byteLevel = (useRegex: boolean) => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: useRegex,
});
const sequence = (...pretokenizers: object[]) => ({ type: 'Sequence', pretokenizers });
const splitBy = (pattern: string) =>
  sequence({ type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false }, byteLevel(false));

const contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|";
const rest = '| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';
const words = '[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|';
/** Llama 3's pattern keeps up to three digits together, Qwen's takes each digit alone. */
const llama3Split = splitBy(`${contractions}${words}\\p{N}{1,3}${rest}`);
const qwenSplit = splitBy(`${contractions}${words}\\p{N}${rest}`);
const upper = '\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}';
const lower = '\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}';
const tekkenSplit = splitBy(
  `[^\\r\\n\\p{L}\\p{N}]?[${upper}]*[${lower}]+|[^\\r\\n\\p{L}\\p{N}]?[${upper}]+[${lower}]*|\\p{N}` +
    '| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+',
);
const singleDigits = sequence({ type: 'Digits', individual_digits: true }, byteLevel(true));

const llama3: PreTokenizer = { preTokenizer: llama3Split, ignoreMerges: true, addsBeginning: true };
const gpt2: PreTokenizer = { preTokenizer: byteLevel(true) };
const smollm: PreTokenizer = { preTokenizer: singleDigits };

/** The known kinds by `tokenizer.ggml.pre`. */
export const preTokenizers = {
  default: gpt2,
  'gpt-2': gpt2,
  smollm,
  starcoder: smollm,
  'llama-bpe': llama3,
  llama3,
  'llama-v3': llama3,
  pixtral: llama3,
  falcon3: llama3,
  // Llama 3's pattern without its beginning of sequence; SmolLM3's files have this name.
  'smaug-bpe': { preTokenizer: llama3Split },
  qwen2: { preTokenizer: qwenSplit, normalizer: { type: 'NFC' } },
  'deepseek-r1-qwen': { preTokenizer: qwenSplit },
  tekken: { preTokenizer: tekkenSplit, ignoreMerges: true, addsBeginning: true },
} as const satisfies Readonly<Record<string, PreTokenizer>>;
