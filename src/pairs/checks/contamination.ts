/**
 * Test prompts that a training set holds already: word for word, or nearly.
 *
 * The test set is indexed by hashes of its word n-grams and the training set is read once beside it, so memory is bounded
 * by the test set, and by hashes of its texts, not by the texts.
 */
import { promptText, type PreferencePair, type Prompt } from '../pair.js';
import { hashOf } from '../rows/duplicates.js';
import { streamPairs, type ReadPairsOptions } from '../rows/readPairs.js';
import { streamPrompts } from '../rows/readPrompts.js';

export interface ContaminationOptions extends ReadPairsOptions {
  /** Words of an n-gram; 13 by default, as GPT-3's report has it. */
  readonly words?: number;
  /** Share of a test prompt's n-grams that has to be met for a near duplicate; 0.5 by default. */
  readonly threshold?: number;
}

export interface Contaminated {
  /** Row of the test set. */
  readonly row: number;
  /** The same prompt, or one whose n-grams are met. */
  readonly kind: 'exact' | 'near';
  /** Share of the test prompt's n-grams that the training set holds, 0 to 1; 1 where it is exact. */
  readonly share: number;
  /** The first row of the training set in which it was met. */
  readonly trainRow: number;
}

export interface Contamination {
  readonly testPrompts: number;
  readonly trainPairs: number;
  /** Test prompts that the training set holds, in the order of the test set. */
  readonly contaminated: readonly Contaminated[];
}

/** A shorter prompt than this many words says too little to be met by chance alone. */
const fewestWords = 5;

interface TestPrompt {
  readonly row: number;
  grams: number;
  met: number;
  trainRow: number | undefined;
  isExact: boolean;
}

/**
 * Compares the prompts of a test set with the prompts and responses of a training set.
 *
 * A test prompt is contaminated exactly where a training prompt is the same after normalisation (Unicode NFKC, lower case,
 * letters and digits alone), and nearly where at least `threshold` of its word n-grams stand in training texts. A prompt of
 * fewer words than an n-gram, and five or more, is one n-gram of its own length.
 *
 * Source of the n-gram criterion: Brown et al., arXiv 2005.14165, appendix C (13-grams).
 *
 * @param train pairs, or where to read them
 * @param test prompts or pairs, or where to read them
 * @example
 * const { contaminated } = await contamination('train.jsonl', 'test.jsonl');
 */
export async function contamination(
  train: string | Iterable<PreferencePair> | AsyncIterable<PreferencePair>,
  test: string | Iterable<Prompt> | AsyncIterable<Prompt>,
  options: ContaminationOptions = {},
): Promise<Contamination> {
  const { words = 13, threshold = 0.5 } = options;
  const index = await indexOf(test, words);
  let trainPairs = 0;
  for await (const { row, pair } of numberedPairs(train, options)) {
    trainPairs += 1;
    const prompt = wordsOf(pair.prompt);
    for (const found of index.exact.get(hashOf(prompt.join(' '))) ?? []) {
      found.isExact = true;
      found.trainRow ??= row;
    }
    for (const text of [prompt, wordsOf(pair.chosen), wordsOf(pair.rejected)]) meet(text, row, index);
  }
  const contaminated = index.prompts.flatMap(({ row, grams, met, isExact, trainRow }): Contaminated[] => {
    const share = isExact ? 1 : grams === 0 ? 0 : met / grams;
    if (trainRow === undefined || share < threshold || share === 0) return [];
    return [{ row, kind: isExact ? 'exact' : 'near', share, trainRow }];
  });
  return { testPrompts: index.prompts.length, trainPairs, contaminated };
}

interface Index {
  readonly prompts: TestPrompt[];
  readonly exact: Map<number, TestPrompt[]>;
  /** The prompts that an n-gram belongs to, by its hash, by its number of words; gone once it is met. */
  readonly grams: Map<number, Map<number, TestPrompt[]>>;
}

async function indexOf(test: string | Iterable<Prompt> | AsyncIterable<Prompt>, words: number): Promise<Index> {
  const index: Index = { prompts: [], exact: new Map(), grams: new Map() };
  for await (const { row, prompt } of numberedPrompts(test)) {
    const text = wordsOf(promptText(prompt));
    const entry: TestPrompt = { row, grams: 0, met: 0, trainRow: undefined, isExact: false };
    index.prompts.push(entry);
    put(index.exact, hashOf(text.join(' ')), entry);
    if (text.length < fewestWords) continue;
    const length = Math.min(words, text.length);
    const ofLength = index.grams.get(length) ?? new Map<number, TestPrompt[]>();
    index.grams.set(length, ofLength);
    const hashes = new Set(gramHashes(text, length));
    for (const hash of hashes) put(ofLength, hash, entry);
    entry.grams = hashes.size;
  }
  return index;
}

function put(map: Map<number, TestPrompt[]>, hash: number, entry: TestPrompt): void {
  const entries = map.get(hash);
  if (entries === undefined) map.set(hash, [entry]);
  else entries.push(entry);
}

/** Counts the n-grams of a training text for the prompts that hold them, each of them once. */
function meet(text: readonly string[], row: number, { grams }: Index): void {
  for (const [length, ofLength] of grams) {
    for (const hash of gramHashes(text, length)) {
      const entries = ofLength.get(hash);
      if (entries === undefined) continue;
      for (const entry of entries) {
        entry.met += 1;
        entry.trainRow ??= row;
      }
      ofLength.delete(hash);
    }
  }
}

/** Letters and digits of all scripts, in lower case, word by word. */
function wordsOf(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  );
}

/** Two polynomials modulo 2^32, of which 53 bits make a hash: `h = sum of w_i * base^(n - 1 - i)`. */
const bases = [0x01000193, 0x85ebca6b] as const;

/** A hash for each run of `length` words, in constant time a word. */
function* gramHashes(words: readonly string[], length: number): Generator<number, void> {
  if (words.length < length) return;
  const codes = words.map(codeOf);
  const powers = bases.map((base) => power(base, length));
  const sums = [0, 0];
  for (const [end, code] of codes.entries()) {
    for (const [which, base] of bases.entries()) {
      const leaving = end >= length ? Math.imul(codes[end - length]!, powers[which]!) : 0;
      sums[which] = (Math.imul(sums[which]!, base) + code - leaving) | 0;
    }
    if (end >= length - 1) yield (sums[0]! >>> 0) + ((sums[1]! >>> 11) & 0x1fffff) * 2 ** 32;
  }
}

function power(base: number, exponent: number): number {
  let result = 1;
  for (let step = 0; step < exponent; step += 1) result = Math.imul(result, base);
  return result;
}

/** FNV-1a of a word, with its bits mixed (the finaliser of MurmurHash3). */
function codeOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < word.length; at += 1) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

async function* numberedPairs(
  train: string | Iterable<PreferencePair> | AsyncIterable<PreferencePair>,
  options: ReadPairsOptions,
): AsyncGenerator<{ readonly row: number; readonly pair: PreferencePair }, void> {
  if (typeof train === 'string') {
    for await (const row of streamPairs(train, options)) if (row.kind === 'pair') yield row;
    return;
  }
  let row = 0;
  for await (const pair of train) yield { row: (row += 1), pair };
}

async function* numberedPrompts(
  test: string | Iterable<Prompt> | AsyncIterable<Prompt>,
): AsyncGenerator<{ readonly row: number; readonly prompt: Prompt }, void> {
  if (typeof test === 'string') {
    for await (const row of streamPrompts(test)) if (row.kind === 'prompt') yield row;
    return;
  }
  let row = 0;
  for await (const prompt of test) yield { row: (row += 1), prompt };
}
