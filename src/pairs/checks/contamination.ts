/**
 * Finds test prompts that occur in a training set, exactly or nearly.
 *
 * The test set is indexed by hashes of its word n-grams, and the training set is read once. So memory is bounded by the
 * number of n-grams of the test set.
 */
import { promptText, type Prompt } from '../pair.js';
import { hashOf } from '../rows/duplicates.js';
import { streamPrompts } from '../rows/readPrompts.js';
import { streamTrainingRows, type ReadTrainingRowsOptions } from '../rows/readTrainingRows.js';
import { isUnpaired, type TrainingRow } from '../rows/trainingRow.js';

/** How training rows are read and compared. */
export interface ContaminationOptions extends ReadTrainingRowsOptions {
  /** Words per n-gram; 13 by default, as in the GPT-3 paper. */
  readonly words?: number;
  /** Share of a test prompt's n-grams that must occur in the training set for a near duplicate; 0.5 by default. */
  readonly threshold?: number;
}

/** A test prompt that occurs in the training set. */
export interface Contaminated {
  /** Its row in the test set. */
  readonly row: number;
  /** `exact` if the whole prompt is a training prompt, `near` if enough of its n-grams occur in training texts. */
  readonly kind: 'exact' | 'near';
  /** Share of its n-grams that occur in the training set, 0 to 1; 1 if exact. */
  readonly share: number;
  /** The first row of the training set that matched. */
  readonly trainRow: number;
}

/** The result of `contamination`. */
export interface Contamination {
  readonly testPrompts: number;
  readonly trainPairs: number;
  /** Unpaired examples (`prompt`, `completion`, `label`) of the training set. */
  readonly trainUnpaired: number;
  /** In the order of the test set. */
  readonly contaminated: readonly Contaminated[];
}

/** Prompts of fewer words are compared only as a whole: their n-grams would occur by chance. */
const fewestWords = 5;

interface TestPrompt {
  readonly row: number;
  grams: number;
  matched: number;
  trainRow: number | undefined;
  isExact: boolean;
}

/**
 * Compares the prompts of a test set with the prompts and responses of a training set.
 *
 * A test prompt is an exact match if a training prompt is the same after normalisation (Unicode NFKC, lower case, only letters
 * and digits), and a near match if at least `threshold` of its word n-grams occur in training texts. A prompt of at least
 * five words that is shorter than an n-gram counts as one n-gram.
 *
 * Source of the n-gram criterion: Brown et al., arXiv 2005.14165, appendix C (13-grams).
 *
 * @param train pairs and unpaired examples, or the source to read them from
 * @param test prompts, or the source to read them from (prompts or pairs)
 * @example
 * const { contaminated } = await contamination('train.jsonl', 'test.jsonl');
 */
export async function contamination(
  train: string | Iterable<TrainingRow> | AsyncIterable<TrainingRow>,
  test: string | Iterable<Prompt> | AsyncIterable<Prompt>,
  options: ContaminationOptions = {},
): Promise<Contamination> {
  const { words = 13, threshold = 0.5 } = options;
  const index = await indexOf(test, words);
  const counts = { trainPairs: 0, trainUnpaired: 0 };
  for await (const { row, texts } of numberedTexts(train, options)) {
    counts[texts.responses.length === 1 ? 'trainUnpaired' : 'trainPairs'] += 1;
    const prompt = wordsOf(texts.prompt);
    for (const found of index.exact.get(hashOf(prompt.join(' '))) ?? []) {
      found.isExact = true;
      found.trainRow ??= row;
    }
    for (const text of [prompt, ...texts.responses.map(wordsOf)]) matchGrams(text, row, index);
  }
  const contaminated = index.prompts.flatMap(({ row, grams, matched, isExact, trainRow }): Contaminated[] => {
    const share = isExact ? 1 : grams === 0 ? 0 : matched / grams;
    if (trainRow === undefined || share < threshold || share === 0) return [];
    return [{ row, kind: isExact ? 'exact' : 'near', share, trainRow }];
  });
  return { testPrompts: index.prompts.length, ...counts, contaminated };
}

interface Index {
  readonly prompts: TestPrompt[];
  readonly exact: Map<number, TestPrompt[]>;
  /** Number of words -> hash of an n-gram -> the prompts that contain it. An n-gram is removed once it has matched. */
  readonly grams: Map<number, Map<number, TestPrompt[]>>;
}

async function indexOf(test: string | Iterable<Prompt> | AsyncIterable<Prompt>, words: number): Promise<Index> {
  const index: Index = { prompts: [], exact: new Map(), grams: new Map() };
  for await (const { row, prompt } of numberedPrompts(test)) {
    const text = wordsOf(promptText(prompt));
    const entry: TestPrompt = { row, grams: 0, matched: 0, trainRow: undefined, isExact: false };
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

/** Counts the n-grams of a training text for the prompts that contain them; each n-gram counts once. */
function matchGrams(text: readonly string[], row: number, { grams }: Index): void {
  for (const [length, ofLength] of grams) {
    for (const hash of gramHashes(text, length)) {
      const entries = ofLength.get(hash);
      if (entries === undefined) continue;
      for (const entry of entries) {
        entry.matched += 1;
        entry.trainRow ??= row;
      }
      ofLength.delete(hash);
    }
  }
}

/** The words of a text: runs of letters and digits of any script, in lower case. */
function wordsOf(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  );
}

/** A hash is 53 bits of two polynomials modulo 2^32 over the words' codes: `h = sum of w_i * base^(n - 1 - i)`. */
const bases = [0x01000193, 0x85ebca6b] as const;

/** A rolling hash of each run of `length` words, in constant time per word. */
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

/** FNV-1a of a word, with the finaliser of MurmurHash3. */
function codeOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < word.length; at += 1) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

async function* numberedTexts(
  train: string | Iterable<TrainingRow> | AsyncIterable<TrainingRow>,
  options: ReadTrainingRowsOptions,
): AsyncGenerator<{ readonly row: number; readonly texts: RowTexts }, void> {
  if (typeof train === 'string') {
    for await (const row of streamTrainingRows(train, options)) {
      if (row.kind !== 'skipped') yield { row: row.row, texts: textsOf(row.kind === 'pair' ? row.pair : row.example) };
    }
    return;
  }
  let row = 0;
  for await (const given of train) yield { row: (row += 1), texts: textsOf(given) };
}

/** The texts of a row that are compared. */
interface RowTexts {
  readonly prompt: string;
  /** Two of a pair, one of an unpaired example. */
  readonly responses: readonly string[];
}

function textsOf(row: TrainingRow): RowTexts {
  return { prompt: row.prompt, responses: isUnpaired(row) ? [row.completion] : [row.chosen, row.rejected] };
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
