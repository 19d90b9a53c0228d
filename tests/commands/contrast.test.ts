/** `apolab contrast` as a process, against Python's numbers of each pair (tests/golden/contrastiveness.py) and transformers' log-probabilities. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/core/packageRoot.js';
import { goldenFolder, readGolden } from '../golden/read.js';
import { launch } from '../setup/miniature.js';

interface Printed extends Readonly<Record<string, unknown>> {
  readonly jaccard: number;
  readonly levenshtein: number;
  readonly intervals: Readonly<Record<string, readonly [number, number] | null>>;
}
/** Edits, then shared tokens and all tokens, as the generator documents them. */
interface Row {
  readonly chosen: string;
  readonly rejected: string;
  readonly characters: readonly [edits: number, ...rest: number[]];
  readonly whitespace: readonly [shared: number, all: number, ...rest: number[]];
  readonly qwen?: readonly [shared: number, all: number, ...rest: number[]];
}

const folder = await mkdtemp(path.join(os.tmpdir(), 'apolab-contrast-'));
const place = (name: string) => path.join(folder, name);
const objectsOf = (stdout: string) => {
  const lines = stdout.trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Printed);
};
const apolab = (...args: string[]) => launch(packageRoot, args);

/** Pairs that the readers accept: no empty text, no equal texts, no half characters (`qwen` is then absent). */
const usable = ({ chosen, rejected, qwen }: Row) =>
  qwen !== undefined && chosen.trim() !== '' && rejected.trim() !== '' && chosen !== rejected;
let rows: Row[];

beforeAll(async () => {
  await launch(packageRoot, ['setup']);
  const golden = (await readFile(path.join(goldenFolder, 'contrastiveness-pairs.jsonl'), 'utf8')).trimEnd().split('\n');
  rows = golden.map((line) => JSON.parse(line) as Row).filter(usable);
  const lines = rows.map((row) => JSON.stringify({ prompt: '?', ...row }));
  await writeFile(place('all.jsonl'), `${lines.join('\n')}\n{"prompt": "?", "chosen": "no rejected"}\n`);
  await writeFile(place('few.csv'), 'prompt,chosen,rejected\n?,it is 4,it is 5\n?,a b,a b c\n');
});
afterAll(() => rm(folder, { recursive: true }));

describe('apolab contrast', () => {
  it("prints the means of Python's numbers as one object per file, and reports the row that it skipped", async () => {
    const { code, stdout, stderr } = await apolab('contrast', place('all.jsonl'), place('few.csv'), '--json');
    expect(code).toBe(0);
    const [all, few] = objectsOf(stdout);
    const mean = (value: (row: Row) => number) => rows.reduce((sum, row) => sum + value(row), 0) / rows.length;
    expect(rows.length).toBeGreaterThan(600);
    expect(all).toMatchObject({
      file: place('all.jsonl'),
      pairs: rows.length,
      skipped: 1,
      tokenizer: 'whitespace',
    });
    expect(all!.jaccard).toBeCloseTo(
      mean(({ whitespace: [shared, every] }) => (every === 0 ? 1 : shared / every)),
      12,
    );
    expect(all!.levenshtein).toBeCloseTo(
      mean(({ characters: [edits] }) => edits),
      9,
    );
    const [low, high] = all!.intervals.jaccard!;
    expect(low).toBeLessThan(all!.jaccard);
    expect(high).toBeGreaterThan(all!.jaccard);
    expect(stderr).toContain(
      `1 row of ${place('all.jsonl')} is not used:\n  line ${rows.length + 1}: "rejected" is missing`,
    );
    expect(stderr).toMatch(/^contrast \S+ \d+ {2}.+\/s {2}/m);
    expect(few).toMatchObject({ pairs: 2, skipped: 0, levenshtein: 1.5, chosenTokens: 2.5, lengthDifference: -1 });
    expect(few!.jaccard).toBeCloseTo((1 / 2 + 2 / 3) / 2, 12);
  });

  it("compares by the tokens of a model's tokenizer", async () => {
    const tokenizer = path.join(goldenFolder, 'tokenizers', 'qwen');
    const { stdout } = await apolab('contrast', place('all.jsonl'), '--tokenizer', tokenizer, '--json');
    const expected = rows.reduce((sum, { qwen }) => sum + qwen![0] / qwen![1], 0) / rows.length;
    expect(objectsOf(stdout)[0]).toMatchObject({ tokenizer, jaccard: expect.closeTo(expected, 12) as number });
  });

  it('adds the log-probabilities of both responses under a model', async () => {
    interface Pair {
      readonly chosenLogProb: number;
      readonly rejectedLogProb: number;
    }
    const { models } = readGolden<{ models: Record<string, { logProbs: Pair[] }> }>('model.json');
    const { logProbs } = models['tiny-llama']!;
    const model = path.join(goldenFolder, 'tiny-llama');
    const { stdout } = await apolab('contrast', path.join(goldenFolder, 'pairs.jsonl'), '--model', model, '--json');
    const mean = (value: (pair: Pair) => number) =>
      logProbs.reduce((sum, pair) => sum + value(pair), 0) / logProbs.length;
    const [printed] = objectsOf(stdout);
    expect(printed!.pairs).toBe(logProbs.length);
    expect(printed!.chosenLogProb).toBeCloseTo(
      mean(({ chosenLogProb }) => chosenLogProb),
      3,
    );
    expect(printed!.logProbMargin).toBeCloseTo(
      mean(({ chosenLogProb, rejectedLogProb }) => chosenLogProb - rejectedLogProb),
      3,
    );
  });

  it('prints tables, and the files side by side, without --json', async () => {
    const { stdout } = await apolab('contrast', place('few.csv'), place('all.jsonl'));
    expect(stdout).toMatch(/^\S+few\.csv: 2 pairs\n\n +mean +95 %/);
    expect(stdout).toMatch(/\nJaccard +0\.583 +/);
    expect(stdout).toMatch(/\n +pairs +Jaccard \u2191 +Levenshtein \u2193\n\S+few\.csv +2 +0\.583 /);
  });

  it('says in a sentence that a file has no pairs, or that a folder has no tokenizer', async () => {
    await writeFile(place('none.jsonl'), '{"prompt": "?"}\n');
    const none = await apolab('contrast', place('none.jsonl'), '--json');
    expect(none).toMatchObject({ code: 1, stdout: '' });
    expect(none.stderr).toContain('"chosen" is missing');
    expect(none.stderr).toMatch(/none\.jsonl has no row that is a pair\.\n$/);
    const untokenized = await apolab('contrast', place('few.csv'), '--tokenizer', folder);
    expect(untokenized.code).toBe(1);
    expect(untokenized.stderr).toContain("'whitespace' needs none");
  });
});
