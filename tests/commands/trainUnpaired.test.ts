/** `apolab train` and `validate --against` on files with unpaired rows, each command in its own process. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/core/packageRoot.js';
import { goldenFolder, readGolden } from '../golden/read.js';
import { launch, startLaunch } from '../setup/miniature.js';
import { trajectoryFlags } from './trajectoryFlags.js';

const golden = (name: string) => path.join(goldenFolder, name);
const folder = await mkdtemp(path.join(os.tmpdir(), 'apolab-train-unpaired-'));
const place = (name: string) => path.join(folder, name);
const objects = (lines: string) =>
  lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, number>);
// On one thread sums have one order, so that a run's numbers are the same to the last bit.
const train = (file: string, out: string, ...more: string[]) =>
  [
    'train',
    '--model',
    golden('tiny-llama'),
    '--pairs',
    file,
    '--out',
    place(out),
    '--json',
    '--backend',
    'wasm',
  ].concat(more);

beforeAll(() => launch(packageRoot, ['setup']));
afterAll(() => rm(folder, { recursive: true }));

const rated = golden('trajectory-unpaired.jsonl');
const mixed = place('mixed.jsonl');
beforeAll(async () => {
  const [examples, pairs] = await Promise.all([rated, golden('pairs.jsonl')].map((file) => readFile(file, 'utf8')));
  const some = examples!.split('\n').slice(0, 5);
  await writeFile(mixed, [...some, ...pairs!.split('\n').slice(0, 2), '{"prompt": "?"}', ''].join('\n'));
});

it("prints KTOTrainer's metrics step by step, and the rows that it skips", async () => {
  const { settings, runs, models } = readGolden<{
    unpaired: {
      settings: Record<string, number | string>;
      runs: Record<string, { objectiveOptions: Record<string, number>; max_grad_norm: number }>;
      models: Record<string, Record<string, Record<string, number>[]>>;
    };
  }>('trajectories.json').unpaired;
  const { desirableWeight, undesirableWeight } = runs.kto!.objectiveOptions;
  const flags = ['--objective', 'kto', '--desirable-weight', String(desirableWeight)];
  flags.push('--undesirable-weight', String(undesirableWeight), ...trajectoryFlags({ settings, run: runs.kto! }));
  const { code, stdout, stderr } = await launch(packageRoot, train(rated, 'trl', '--no-shuffle', ...flags));
  expect(code).toBe(0);
  expect(stderr).toContain(`1 row of ${rated} is not used:\n  line 11: the prompt alone has`);
  const [steps, expected] = [objects(stdout), models['tiny-llama']!.kto!];
  expect(steps).toHaveLength(expected.length);
  steps.forEach((step, index) => {
    for (const [metric, value] of Object.entries(expected[index]!)) {
      const size = Math.max(...expected.map((other) => Math.abs(other[metric] ?? 0)), 1e-2);
      expect(Math.abs(step[metric]! - value) / size, metric).toBeLessThanOrEqual(1e-3);
    }
    expect(Object.keys(step).includes('rewards/margins')).toBe('rewards/margins' in expected[index]!);
  });
});

it('a run that is killed and continued has the same history and weights', async () => {
  const options = ['--objective', 'bco', '--batch-size', '4', '--max-steps', '60', '--save-steps', '7'];
  const result = async (out: string) => ({
    history: await readFile(path.join(place(out), 'history.jsonl'), 'utf8'),
    weights: (await readFile(path.join(place(out), 'model.safetensors'))).toString('base64'),
  });
  const run = (out: string) => startLaunch(packageRoot, train(rated, out, ...options));
  expect((await run('whole').outcome).code).toBe(0);
  const { child, outcome } = run('killed');
  await new Promise<void>((resolve) => {
    let text = '';
    child.stdout.on('data', (data: Buffer) => {
      text += data.toString();
      if (text.includes('"step":23,')) resolve();
    });
    child.once('close', () => resolve());
  });
  child.kill('SIGKILL');
  await outcome;
  expect((await run('killed').outcome).code).toBe(0);
  expect(await result('killed')).toEqual(await result('whole'));
});

describe('a file with pairs and unpaired rows', () => {
  it('is used whole by an objective on single responses', async () => {
    const { code, stdout, stderr } = await launch(
      packageRoot,
      train(mixed, 'both', '--objective', 'apo_zero_unpaired', '--batch-size', '3', '--epochs', '1'),
    );
    expect(code).toBe(0);
    expect(objects(stdout)).toHaveLength(3);
    expect(stderr).toContain(
      `note: ${mixed} has unpaired rows, so its 2 pairs count as two unpaired examples each: 9 examples in all.`,
    );
    expect(stderr).toContain(`1 row of ${mixed} is not used:\n  line 8: "chosen" is missing`);
  });

  it('gives its pairs to an objective on pairs; the unpaired rows are kept with the reason', async () => {
    const { code, stderr } = await launch(packageRoot, train(mixed, 'pairs', '--objective', 'dpo'));
    expect(code).toBe(0);
    expect(stderr).toContain(`6 rows of ${mixed} are not used:\n  line 1: DPO needs pairs; unpaired rows`);
    const skipped = objects(await readFile(path.join(place('pairs'), 'skipped.jsonl'), 'utf8'));
    expect(skipped.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5, 8]);
  });
});

it('refuses unpaired rows for an objective on pairs in one sentence, and a batch of one for KTO', async () => {
  const refused = await launch(packageRoot, train(rated, 'refused', '--objective', 'dpo'));
  expect([refused.code, refused.stdout]).toEqual([1, '']);
  expect(refused.stderr.trim()).toBe(
    'apolab: DPO needs pairs; unpaired rows (prompt, completion, label) are taken by kto, apo_zero_unpaired, bco.',
  );
  const alone = await launch(packageRoot, train(rated, 'alone', '--objective', 'kto', '--batch-size', '1'));
  expect(alone.stderr).toContain('batchSize has to be 2 or more for unpaired examples; it is 1.');
});

it('the summary leaves out what a step on unpaired rows has not', async () => {
  const args = train(
    rated,
    'summary',
    '--objective',
    'kto',
    '--batch-size',
    '40',
    '--max-steps',
    '2',
    '--max-length',
    '40',
  );
  const { stdout } = await launch(
    packageRoot,
    args.filter((flag) => flag !== '--json'),
  );
  expect(stdout).toMatch(/^2 steps: loss 0\.\d{4} to 0\.\d{4}, reward margin -?\d\.\d{4}\.\nSaved /);
});

it('validate --against looks at unpaired rows', async () => {
  const test = place('test.txt');
  const { prompt } = JSON.parse((await readFile(rated, 'utf8')).split('\n')[3]!) as { prompt: string };
  await writeFile(test, `${prompt}\nnot in the file\n`);
  const { code, stdout } = await launch(packageRoot, ['validate', rated, '--against', test]);
  expect(code).toBe(0);
  expect(stdout).toContain(`contamination: 1 of 2 prompts of ${test} are in the rows`);
  expect(stdout).toContain('its row 1 is the prompt of row 4');
});
