/** Contrastiveness against an implementation of its own in Python (tests/golden/contrastiveness.py). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ApolabError } from '../../src/errors.js';
import {
  contrastiveness,
  contrastivenessOfPair,
  type PairContrastiveness,
} from '../../src/preference/contrast/contrastiveness.js';
import type { PreferencePair } from '../../src/preference/pair.js';

const golden = JSON.parse(readFileSync(new URL('../golden/contrastiveness.json', import.meta.url), 'utf8')) as {
  mean: PairContrastiveness;
  pairs: ({ pair: PreferencePair } & PairContrastiveness)[];
};

const pair = (chosen: string, rejected: string): PreferencePair => ({ prompt: '?', chosen, rejected });

describe('contrastiveness', () => {
  it.each(golden.pairs)("is the textbook's for $pair.chosen against $pair.rejected", ({ pair, ...expected }) => {
    const { jaccard, ...counts } = contrastivenessOfPair(pair);
    expect(jaccard).toBeCloseTo(expected.jaccard, 12);
    expect({ jaccard: expected.jaccard, ...counts }).toEqual(expected);
  });

  it('of a set is the mean over its pairs, in whose order their own values come', () => {
    const { pairs, ...means } = contrastiveness(golden.pairs.map(({ pair }) => pair));
    for (const [field, mean] of Object.entries(golden.mean)) {
      expect(means[field as keyof PairContrastiveness], field).toBeCloseTo(mean as number, 10);
    }
    expect(pairs.map(({ levenshtein }) => levenshtein)).toEqual(golden.pairs.map(({ levenshtein }) => levenshtein));
  });

  it('is higher for a minimal revision than for another answer', () => {
    const revised = contrastivenessOfPair(pair('sure : 3 + 4 = 7 coins', 'sure : 3 + 4 = 8 coins'));
    const other = contrastivenessOfPair(pair('7 coins it is', 'sure : 3 + 4 = 8 coins'));
    expect(revised.jaccard).toBeGreaterThan(other.jaccard);
    expect(revised.levenshtein).toBeLessThan(other.levenshtein);
  });

  it("takes a model's own tokens", () => {
    const letters = (text: string) => Array.from(text, (letter) => letter.codePointAt(0)!);
    expect(contrastivenessOfPair(pair('abc', 'abd'), letters)).toMatchObject({ jaccard: 0.5, chosenTokens: 3 });
  });

  it('calls two responses without tokens alike', () => {
    expect(contrastivenessOfPair(pair('', '')).jaccard).toBe(1);
  });

  it('says in words that there is no mean over no pairs', () => {
    expect(() => contrastiveness([])).toThrow(ApolabError);
    expect(() => contrastiveness([])).toThrow('there are none');
  });
});
