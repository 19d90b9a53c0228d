/** The validator: faults with row, column and fix; and exactly the warnings that a set deserves. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checks, validatePairs, writePairs, type CheckId, type PreferencePair } from '../../../src/preference.js';

const folder = await mkdtemp(path.join(tmpdir(), 'validate-'));
afterAll(() => rm(folder, { recursive: true }));
const file = path.join(folder, 'pairs.jsonl');

const pair = (number: number, more: Partial<PreferencePair> = {}): PreferencePair => ({
  prompt: `question ${number}`,
  chosen: number % 2 === 0 ? `yes ${number}` : `certainly ${number}`,
  rejected: number % 2 === 0 ? `never ${number}` : `no ${number}`,
  ...more,
});
const fine = Array.from({ length: 60 }, (_, number) => pair(number));
const user = (content: string) => ({ role: 'user', content });

async function warningsOf(pairs: readonly PreferencePair[]) {
  await writePairs(file, pairs);
  const { warnings, faults } = await validatePairs(file);
  expect(faults).toEqual([]);
  return warnings;
}

/** For each check a set that only this check warns about, with the rows that it names. */
const faulty: Record<
  CheckId,
  { readonly pairs: readonly PreferencePair[]; readonly rows: readonly number[]; readonly also?: readonly CheckId[] }
> = {
  duplicate_pairs: { pairs: [...fine, fine[3]!, fine[5]!], rows: [61, 62], also: ['duplicate_prompts'] },
  duplicate_prompts: { pairs: [...fine, pair(3, { chosen: 'else' })], rows: [61] },
  contradictions: {
    pairs: [...fine, pair(3, { chosen: 'else', rejected: fine[3]!.chosen })],
    rows: [61],
    also: ['duplicate_prompts'],
  },
  nearly_equal: {
    pairs: [...fine, pair(70, { chosen: 'So it  is', rejected: 'so it is\n' })],
    rows: [61],
    also: ['one_sided_marks'],
  },
  blank_columns: { pairs: [...fine, pair(70, { columns: { note: ' \t' } })], rows: [61] },
  partial_rationales: { pairs: [...fine, pair(70, { rationale: 'because' })], rows: [61] },
  partial_scores: {
    pairs: fine.map((one, row) => (row === 7 ? one : { ...one, scores: { chosen: 9, rejected: 2 } })),
    rows: [8],
  },
  scores_against: {
    pairs: fine.map((one, row) => ({ ...one, scores: { chosen: row === 4 || row === 9 ? 2 : 9, rejected: 2 } })),
    rows: [5, 10],
  },
  mixed_forms: { pairs: [...fine, pair(70, { conversation: [user('question 70')] })], rows: [61] },
  mixed_systems: {
    pairs: fine.map((one, row) => ({
      ...one,
      conversation: [...(row === 2 ? [{ role: 'system', content: 'be brief' }] : []), user(one.prompt)],
    })),
    rows: [3],
  },
  mixed_spacing: { pairs: [...fine, pair(70, { chosen: ' yes', rejected: ' never' })], rows: [61] },
  one_sided_marks: {
    pairs: [
      ...fine,
      pair(70, { rejected: '\n\nLyon.' }),
      pair(71, { chosen: 'Lyon.\n' }),
      pair(72, { rejected: '<think>\nA city.\n</think>\nLyon.' }),
      pair(73, { chosen: 'A city.\n</think>\n\nLyon.' }),
      pair(74, { chosen: 'Paris.\n', rejected: 'Lyon.\n' }),
      pair(75, { chosen: 'The tag </think> ends it.' }),
    ],
    rows: [61, 62, 63, 64],
  },
  templates_in_text: {
    pairs: [
      ...fine,
      pair(70, { prompt: '<|im_start|>user\nwhy ?<|im_end|>' }),
      pair(71, { prompt: 'Human: why ?\n\nAssistant:' }),
      pair(72, { prompt: 'what does an assistant: do ?' }),
    ],
    rows: [61, 62],
  },
  length_extremes: {
    pairs: [...fine, pair(71, { chosen: 'long '.repeat(1000) })],
    rows: [61],
    also: ['one_sided_marks'],
  },
  length_bias: {
    pairs: fine.map((one, row) => ({
      ...one,
      chosen: `${one.rejected}${row < 3 ? '' : ' and more'}`.slice(row < 3 ? 1 : 0),
    })),
    rows: [1, 2, 3, 4, 5],
  },
};

describe('warnings', () => {
  it('are not given for a set without problems', async () => {
    expect(await warningsOf(fine)).toEqual([]);
  });

  it.each(Object.entries(faulty))(
    '%s: names the rows, and no other check does',
    async (id, { pairs, rows, also = [] }) => {
      const warnings = await warningsOf(pairs);
      expect(warnings.map(({ check }) => check).sort()).toEqual([id, ...also].sort());
      const { count, rows: named, message, fix } = warnings.find(({ check }) => check === id)!;
      expect(named).toEqual(rows);
      expect(count).toBeGreaterThanOrEqual(rows.length);
      expect(message.length).toBeGreaterThan(20);
      expect(fix).toBe(checks[id as CheckId].fix);
    },
  );

  it('name the first five rows and count all', async () => {
    const [warning] = await warningsOf([...fine, ...fine.slice(0, 20)]);
    expect(warning).toMatchObject({ check: 'duplicate_pairs', count: 20, rows: [61, 62, 63, 64, 65] });
  });
});

describe('faults', () => {
  it('have a row, a fix and, if one column is faulty, that column', async () => {
    const lines = [
      ...fine.slice(0, 2).map((one) => JSON.stringify(one)),
      '{"prompt": "a", "chosen": "", "rejected": "b"}',
      '',
      '{"prompt": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "chosen": "c", "rejected": "d"}',
      '{"prompt": "a", "chosen": "b", "rejected": "b"}',
      '{"prompt": "a", "chosen": "b", "rejected": "c", "rationale": 5}',
      '{"prompt": "a"',
    ];
    await writeFile(
      file,
      Buffer.concat([Buffer.from(lines.join('\n')), Buffer.from('\n{"prompt": "\xff"}', 'latin1')]),
    );
    const { rows, pairs, faults } = await validatePairs(file);
    expect({ rows, pairs }).toEqual({ rows: 8, pairs: 2 });
    expect(faults.map(({ row, column }) => [row, column])).toEqual([
      [3, 'chosen'],
      [5, 'prompt'],
      [6, 'rejected'],
      [7, 'rationale'],
      [8, undefined],
      [9, undefined],
    ]);
    for (const { reason } of faults) expect(reason).toMatch(/.+; .+/);
  });
});
