/** Tokens and log-probabilities of rows against TRL's DPOTrainer; the numbers are from tests/golden/tokenization.py. */
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createTokenizer, fromPretrained, type Tokenizer } from '../../src/model/index.js';
import { parsePair } from '../../src/pairs/rows/parsePair.js';
import { computeResponseLogProbs, tokenizePair, truncateRow } from '../../src/training/index.js';
import { goldenFolder, readGolden } from '../golden/read.js';

interface Case {
  readonly row: number;
  readonly prompt: number[];
  readonly chosen: number[];
  readonly rejected: number[];
  readonly chosenLogProb: number;
  readonly rejectedLogProb: number;
}
const { groups } = readGolden<{
  groups: { rows: object[]; template: string | null; maxLength: number | null; cases: Case[] }[];
}>('tokenization.json');
const model = await fromPretrained(path.join(goldenFolder, 'chat-llama'));

/** The model's tokenizer with another chat template. */
function withTemplate(template: string | null): Tokenizer {
  if (template === null) return model.tokenizer;
  const { tokenizer, config } = model.tokenizer.files;
  return createTokenizer(tokenizer, { ...config, chat_template: template }, 'golden');
}

const pairOf = (row: object) => {
  const parsed = parsePair(JSON.stringify(row));
  if (parsed.kind === 'skipped') throw new Error(parsed.reason);
  return parsed.pair;
};

describe.each(groups.map((group, index) => [index, group] as const))(
  'group %i of rows',
  (_, { rows, template, maxLength, cases }) => {
    const tokenizer = withTemplate(template);
    const tokenized = rows.map((row) => {
      const whole = tokenizePair(tokenizer, pairOf(row));
      return maxLength === null ? whole : truncateRow(whole, maxLength);
    });

    test('is tokenized as in TRL, with the same rows skipped', () => {
      const kept = tokenized.flatMap((pair, row) =>
        pair === undefined
          ? []
          : [{ row, prompt: pair.prompt, chosen: pair.responses[0], rejected: pair.responses[1] }],
      );
      expect(kept).toEqual(cases.map(({ row, prompt, chosen, rejected }) => ({ row, prompt, chosen, rejected })));
    });

    test("has TRL's log-probabilities within 1e-4", async () => {
      const kept = tokenized.filter((pair) => pair !== undefined);
      const found = await computeResponseLogProbs(model.parameters, model.config, kept, 4);
      const expected = cases.flatMap(({ chosenLogProb, rejectedLogProb }) => [chosenLogProb, rejectedLogProb]);
      expect(found).toHaveLength(expected.length);
      found.forEach((value, index) => {
        expect(Math.abs(value - expected[index]!)).toBeLessThan(1e-4 * Math.max(1, Math.abs(expected[index]!)));
      });
    });
  },
);
