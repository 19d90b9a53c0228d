/** Contrastiveness compared with an independent implementation in Python (tests/golden/contrastiveness.py). */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { distance } from 'fastest-levenshtein';
import { beforeAll, describe, expect, it } from 'vitest';
import { ApolabError } from '../../../src/core/errors.js';
import { contrastiveness, contrastivenessOfPair } from '../../../src/pairs/contrast/contrastiveness.js';
import { editDistance } from '../../../src/pairs/contrast/editDistance.js';
import { readTokenize } from '../../../src/pairs/contrast/readTokenize.js';
import { splitAtWhiteSpace, type Tokenize } from '../../../src/pairs/contrast/splitAtWhiteSpace.js';
import type { PreferencePair } from '../../../src/pairs/pair.js';
import { createRandom } from '../../../src/core/random.js';
import { goldenFolder } from '../../golden/read.js';

/** Shared tokens, all tokens, tokens of each response, tokens of the common prefix. */
type Tokens = readonly [shared: number, all: number, chosen: number, rejected: number, beginning: number];
interface Row {
  readonly chosen: string;
  readonly rejected: string;
  readonly characters: readonly [edits: number, chosen: number, rejected: number, beginning: number];
  readonly whitespace: Tokens;
  /** Absent if a text has a lone surrogate, which the `tokenizers` library refuses. */
  readonly qwen?: Tokens;
  readonly mistral?: Tokens;
}

const golden = readFileSync(path.join(goldenFolder, 'contrastiveness-pairs.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Row);

const pair = (chosen: string, rejected: string): PreferencePair => ({ prompt: '?', chosen, rejected });
const ratio = (part: number, whole: number) => (whole === 0 ? 1 : part / whole);
const tokenFolder = (name: string) => path.join(goldenFolder, 'tokenizers', name);

const tokenizers: Record<'whitespace' | 'qwen' | 'mistral', Tokenize> = {
  whitespace: splitAtWhiteSpace,
  qwen: splitAtWhiteSpace,
  mistral: splitAtWhiteSpace,
};
beforeAll(async () => {
  tokenizers.qwen = await readTokenize(tokenFolder('qwen'));
  tokenizers.mistral = await readTokenize(tokenFolder('mistral'));
});

describe('contrastiveness', () => {
  it.each(['whitespace', 'qwen', 'mistral'] as const)("of 1,000 pairs equals Python's, in the tokens of %s", (name) => {
    const expected = golden.filter((row) => row[name] !== undefined);
    expect(expected.length).toBeGreaterThan(name === 'whitespace' ? 999 : 800);
    for (const row of expected) {
      const [edits, chosen, rejected, beginning] = row.characters;
      const [shared, all, chosenTokens, rejectedTokens, tokens] = row[name]!;
      expect(contrastivenessOfPair(pair(row.chosen, row.rejected), tokenizers[name]), JSON.stringify(row)).toEqual({
        jaccard: ratio(shared, all),
        levenshtein: edits,
        chosenTokens,
        rejectedTokens,
        chosenCharacters: chosen,
        rejectedCharacters: rejected,
        prefixCharacters: ratio(beginning, Math.max(chosen, rejected)),
        prefixTokens: ratio(tokens, Math.max(chosenTokens, rejectedTokens)),
      });
    }
  });

  it('of a set is the mean over its pairs, with the values of each pair in order', () => {
    const { pairs, ...means } = contrastiveness(golden.map(({ chosen, rejected }) => pair(chosen, rejected)));
    const mean = (value: (row: Row) => number) => golden.reduce((sum, row) => sum + value(row), 0) / golden.length;
    expect(means.jaccard).toBeCloseTo(
      mean(({ whitespace: [shared, all] }) => ratio(shared, all)),
      12,
    );
    expect(means.levenshtein).toBeCloseTo(
      mean(({ characters: [edits] }) => edits),
      9,
    );
    expect(means.rejectedTokens).toBeCloseTo(
      mean(({ whitespace }) => whitespace[3]),
      9,
    );
    expect(pairs.map(({ levenshtein }) => levenshtein)).toEqual(golden.map(({ characters: [edits] }) => edits));
  });

  it('is higher for a minimal revision than for another answer', () => {
    const revised = contrastivenessOfPair(pair('sure : 3 + 4 = 7 coins', 'sure : 3 + 4 = 8 coins'));
    const other = contrastivenessOfPair(pair('7 coins it is', 'sure : 3 + 4 = 8 coins'));
    expect(revised.jaccard).toBeGreaterThan(other.jaccard);
    expect(revised.levenshtein).toBeLessThan(other.levenshtein);
  });

  it('is 1 for two responses without tokens', () => {
    expect(contrastivenessOfPair(pair('', ''))).toMatchObject({ jaccard: 1, prefixCharacters: 1, prefixTokens: 1 });
    expect(contrastivenessOfPair(pair('', 'one'))).toMatchObject({ jaccard: 0, prefixCharacters: 0, prefixTokens: 0 });
  });

  it('of no pairs is an error', () => {
    expect(() => contrastiveness([])).toThrow(ApolabError);
    expect(() => contrastiveness([])).toThrow('there are no pairs');
  });
});

describe('white space', () => {
  it("is Python's: with the separators U+001C to U+001F, without the byte order mark", () => {
    const separators =
      '\t\n\v\f\r\u001c\u001d\u001e\u001f \u0085\u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000';
    for (const separator of separators)
      expect(splitAtWhiteSpace(`a${separator}b`), JSON.stringify(separator)).toEqual(['a', 'b']);
    for (const other of '\ufeff\u180e\u200b\u2060\u0000\u001b') {
      expect(splitAtWhiteSpace(`a${other}b`), JSON.stringify(other)).toEqual([`a${other}b`]);
    }
    expect(splitAtWhiteSpace(' \u0085 ')).toEqual([]);
  });
});

describe('the edit distance', () => {
  it('equals the full matrix of another library, for texts of any length and similarity', () => {
    const random = createRandom(3, 'edits');
    const alphabets = ['ab', 'abcdef', 'abcdefghijklmnopqrstuvwxyz .,\u00e9\u4eac'].map((letters) =>
      Array.from(letters),
    );
    const text = (most: number, letters: string[]) =>
      Array.from({ length: random.integer(most) }, () => random.pick(letters)).join('');
    for (let round = 0; round < 3000; round++) {
      const letters = random.pick(alphabets);
      // Some are longer than the width of the first pass, and than two words of packed rows.
      const length = round % 20 === 0 ? 900 : 100;
      const a = text(length, letters);
      let b = random.chance(0.5) ? text(length, letters) : a;
      for (let edit = random.integer(5); edit > 0; edit--) {
        const place = random.integer(b.length + 1);
        b = b.slice(0, place) + text(10, letters) + b.slice(place + random.integer(10));
      }
      expect(editDistance(a, b), JSON.stringify([a, b])).toBe(distance(a, b));
    }
  });

  it('counts a code point of two units once, also if only one unit is common', () => {
    expect(editDistance('\u{1f600}', '\u{1f601}')).toBe(1);
    expect(editDistance('a\u{1f600}b', 'a\u{1fa00}b')).toBe(1);
    expect(editDistance('x\u{1f600}', 'x')).toBe(1);
    // A lone surrogate counts as a character, as in Python.
    expect(editDistance('\ud83d\u{1f600}', '\ud83d')).toBe(1);
    expect(editDistance('\ud83d', '\u{1f600}')).toBe(1);
    expect(editDistance('\ude00', '\u{1f600}')).toBe(1);
  });
});

describe("a model's tokenizer", () => {
  it('is missing: the error says what to give', async () => {
    await expect(readTokenize('no-such-folder')).rejects.toThrow(/no-such-folder.*tokenizer\.json.*whitespace/s);
    await expect(readTokenize('no-such-folder')).rejects.toThrow(ApolabError);
  });
});
