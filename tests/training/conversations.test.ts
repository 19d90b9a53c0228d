/** Tools, tool answers, reasoning, system prompts and implicit prompts against TRL's DPOTrainer (tests/golden/conversations.py). */
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createTokenizer, fromPretrained, type Tokenizer } from '../../src/model/index.js';
import { parsePair } from '../../src/pairs/rows/parsePair.js';
import type { PreferencePair } from '../../src/preference.js';
import { computeResponseLogProbs, tokenizePair, tokensOrReason } from '../../src/training/index.js';
import { goldenFolder, readGolden } from '../golden/read.js';

interface Case {
  readonly row: number;
  readonly error?: string;
  readonly prompt: string;
  readonly chosen: string;
  readonly rejected: string;
  readonly chosenLogProb: number;
  readonly rejectedLogProb: number;
}
interface Group {
  readonly title: string;
  readonly template: string | null;
  readonly rows: readonly object[] | 'conversations';
  readonly cases: readonly Case[];
}
const golden = readGolden<{
  templates: Readonly<Record<string, string>>;
  conversations: readonly object[];
  groups: readonly Group[];
}>('conversations.json');
const model = await fromPretrained(path.join(goldenFolder, 'chat-llama'));
const config = { ...model.config, maxPositions: 4096 };

function tokenizerOf(template: string | null): Tokenizer {
  if (template === null) return model.tokenizer;
  const { tokenizer, config } = model.tokenizer.files;
  return createTokenizer(tokenizer, { ...config, chat_template: golden.templates[template]! }, 'golden');
}

function pairOf(row: object): PreferencePair {
  const parsed = parsePair(JSON.stringify(row));
  if (parsed.kind === 'skipped') throw new Error(`${parsed.reason}: ${JSON.stringify(row)}`);
  return parsed.pair;
}

describe.each(golden.groups)('$title', ({ template, rows, cases }) => {
  const tokenizer = tokenizerOf(template);
  const pairs = (rows === 'conversations' ? golden.conversations : rows).map(pairOf);
  const kept = cases.filter(({ error }) => error === undefined);

  test("have TRL's tokens", () => {
    for (const { row, prompt, chosen, rejected } of kept) {
      const found = tokenizePair(tokenizer, pairs[row]!);
      const ids = { prompt: found.prompt, chosen: found.responses[0], rejected: found.responses[1] };
      const joined = Object.fromEntries(Object.entries(ids).map(([name, list]) => [name, list.join(' ')]));
      expect(joined, JSON.stringify(pairs[row])).toEqual({ prompt, chosen, rejected });
    }
  });

  test('that the template refuses are skipped with its reason', () => {
    for (const { row, error } of cases) {
      if (error !== undefined) expect(tokensOrReason(tokenizer, pairs[row]!)).toContain(error);
    }
  });

  test("have TRL's log-probabilities within 1e-4", async () => {
    const tokenized = kept.map(({ row }) => tokenizePair(tokenizer, pairs[row]!));
    const found = await computeResponseLogProbs(model.parameters, config, tokenized, 4);
    const expected = kept.flatMap(({ chosenLogProb, rejectedLogProb }) => [chosenLogProb, rejectedLogProb]);
    expect(found).toHaveLength(expected.length);
    found.forEach((value, index) => {
      expect(Math.abs(value - expected[index]!)).toBeLessThan(1e-4 * Math.max(1, Math.abs(expected[index]!)));
    });
  });
});
