/** Training, sampling and log-probabilities from a shell: each command in its own process, killed and continued. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/core/packageRoot.js';
import { createRandom } from '../../src/core/random.js';
import { goldenFolder, readGolden } from '../golden/read.js';
import { launch, startLaunch } from '../setup/miniature.js';
import { trajectoryFlags } from './trajectoryFlags.js';

// On one thread sums have one order, so that a run's numbers are the same to the last bit.
const apolab = (...args: string[]) => launch(packageRoot, [...args, '--backend', 'wasm']);
const golden = (name: string) => path.join(goldenFolder, name);
const folder = await mkdtemp(path.join(os.tmpdir(), 'apolab-train-'));
const place = (name: string) => path.join(folder, name);
const objects = (lines: string) =>
  lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, number>);

beforeAll(() => launch(packageRoot, ['setup']));
afterAll(() => rm(folder, { recursive: true }));

describe('apolab logps', () => {
  interface Group {
    readonly rows: object[];
    readonly template: string | null;
    readonly maxLength: number | null;
    readonly cases: { readonly chosenLogProb: number; readonly rejectedLogProb: number; readonly row: number }[];
  }
  const { groups } = readGolden<{ groups: Group[] }>('tokenization.json');
  // The first group of rows is text; the third is conversations, with the template in the model's folder.
  it.each([
    ['text', 0],
    ['conversations', 2],
  ] as const)("prints TRL's numbers for rows of %s, one object per row", async (name, index) => {
    const { rows, cases } = groups[index]!;
    const file = place(`${name}.jsonl`);
    await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const { code, stdout } = await apolab('logps', '--model', golden('chat-llama'), '--pairs', file, '--json');
    expect(code).toBe(0);
    const found = objects(stdout);
    expect(found).toHaveLength(cases.length);
    found.forEach((row, place) => {
      expect(Object.keys(row)).toEqual(['row', 'chosen', 'rejected']);
      expect(row.row).toBe(cases[place]!.row + 1);
      expect(row.chosen).toBeCloseTo(cases[place]!.chosenLogProb, 3);
      expect(row.rejected).toBeCloseTo(cases[place]!.rejectedLogProb, 3);
    });
  });
});

it('apolab logps reports the rows that have no numbers, and prints those of the others', async () => {
  const file = place('some.jsonl');
  const rows = (await readFile(golden('pairs.jsonl'), 'utf8')).split('\n');
  await writeFile(file, [rows[0], '{"prompt": "?"}', rows[1]].join('\n'));
  const args = ['logps', '--model', golden('tiny-llama'), '--pairs', file];
  const { models } = readGolden<{ models: Record<string, { logProbs: { chosenLogProb: number }[] }> }>('model.json');
  const json = await apolab(...args, '--json');
  expect(objects(json.stdout).map(({ chosen }) => chosen!.toFixed(3))).toEqual(
    models['tiny-llama']!.logProbs.slice(0, 2).map(({ chosenLogProb }) => chosenLogProb.toFixed(3)),
  );
  expect(objects(json.stdout).map(({ row }) => row)).toEqual([1, 3]);
  expect(json.stderr).toContain('line 2: "chosen" is missing; the row has "prompt"');
  expect((await apolab(...args)).stdout).toMatch(
    /^1 {2}chosen -[\d.]+ {2}rejected -[\d.]+\n3 .*\nmean of 2 {2}chosen /,
  );
});

describe('apolab train', () => {
  const { settings, runs, models } = readGolden<{
    settings: Record<string, number | string>;
    runs: Record<string, { objectiveOptions: { beta: number }; max_grad_norm: number }>;
    models: Record<string, Record<string, Record<string, number>[]>>;
  }>('trajectories.json');
  const trainArgs = (out: string, ...more: string[]) => [
    'train',
    '--model',
    golden('tiny-llama'),
    '--pairs',
    golden('pairs.jsonl'),
    '--out',
    out,
    '--json',
    ...more,
  ];

  it("prints TRL's metrics step by step, and leaves a model, its history and its settings", async () => {
    const out = place('trl');
    const flags = ['--objective', 'apo_zero', '--pairs', golden('trajectory-pairs.jsonl')];
    flags.push(...trajectoryFlags({ settings, run: runs.apo_zero! }));
    const { code, stdout, stderr } = await apolab(...trainArgs(out, '--no-shuffle', ...flags));
    expect([code, stderr]).toEqual([0, expect.stringContaining('training [')]);
    const steps = objects(stdout);
    const expected = models['tiny-llama']!.apo_zero!;
    expect(steps).toHaveLength(expected.length);
    for (const metric of Object.keys(expected[0]!).filter((name) => name !== 'rewards/accuracies')) {
      const size = Math.max(...expected.map((step) => Math.abs(step[metric]!)), 1e-2);
      const worst = Math.max(...expected.map((step, index) => Math.abs(step[metric]! - steps[index]![metric]!)));
      expect(worst / size, metric).toBeLessThanOrEqual(1e-3);
    }
    expect(await readFile(path.join(out, 'history.jsonl'), 'utf8')).toBe(stdout);
    expect(await readdir(out)).toEqual(
      expect.arrayContaining(['config.json', 'model.safetensors', 'settings.json', 'tokenizer.json', 'checkpoint-30']),
    );
    const again = await apolab('logps', '--model', out, '--pairs', golden('pairs.jsonl'), '--json');
    expect(objects(again.stdout)).toHaveLength(8);
  });

  describe('a run that is interrupted', () => {
    const long = ['--objective', 'kto', '--batch-size', '3', '--gradient-accumulation', '2', '--max-steps', '120'];
    const options = [
      ...long,
      '--learning-rate',
      '1e-3',
      '--schedule',
      'cosine',
      '--warmup-ratio',
      '0.1',
      '--save-steps',
      '7',
    ];
    const start = (out: string) => startLaunch(packageRoot, [...trainArgs(out, ...options), '--backend', 'wasm']);
    /** Resolves once the process has printed a step, or has ended. */
    const reached = (child: ReturnType<typeof start>['child'], step: number) =>
      new Promise<void>((resolve) => {
        let text = '';
        child.stdout.on('data', (data: Buffer) => {
          text += data.toString();
          if (text.includes(`"step":${step},`)) resolve();
        });
        child.once('close', () => resolve());
      });
    const result = async (out: string) => ({
      history: await readFile(path.join(out, 'history.jsonl'), 'utf8'),
      weights: (await readFile(path.join(out, 'model.safetensors'))).toString('base64'),
    });
    let whole: Awaited<ReturnType<typeof result>>;
    beforeAll(async () => {
      await start(place('whole')).outcome;
      whole = await result(place('whole'));
      expect(objects(whole.history)).toHaveLength(120);
    });

    const random = createRandom(4, 'kills');
    it.each(
      Array.from({ length: 4 }, (_, index) => [index, 1 + random.integer(110), 1 + random.integer(110)] as const),
    )(
      'by SIGKILL twice (trial %i, at steps %i and %i) and then continued has the same history and weights',
      async (index, ...kills) => {
        const out = place(`killed-${index}`);
        for (const step of kills) {
          const { child, outcome } = start(out);
          await reached(child, step);
          child.kill('SIGKILL');
          // A run that was killed after the second of these steps has already ended by then.
          expect([0, 'SIGKILL']).toContain((await outcome).code);
        }
        expect((await start(out).outcome).code).toBe(0);
        expect(await result(out)).toEqual(whole);
      },
    );

    it('by Ctrl-C saves a checkpoint, says how to continue, and continues', async () => {
      const out = place('stopped');
      const { child, outcome } = start(out);
      await reached(child, 20);
      child.kill('SIGINT');
      const { code, stderr } = await outcome;
      expect(code).toBe(130);
      const [, saved] = /Saved .*checkpoint-(\d+)\. The same command goes on from there\./.exec(stderr) ?? [];
      expect(Number(saved)).toBeGreaterThanOrEqual(20);
      const second = await start(out).outcome;
      expect(second.stderr).toContain(`Going on after step ${saved}.`);
      expect(objects(second.stdout)[0]!.step).toBe(Number(saved) + 1);
      expect(await result(out)).toEqual(whole);
      const third = await start(out).outcome;
      expect([third.code, third.stdout]).toEqual([0, '']);
      expect(third.stderr).toContain('Every step of this run is taken already; --fresh starts from step 1.');
    });

    it('is not continued with other options, and is overwritten only with --fresh', async () => {
      const out = place('whole');
      const other = await apolab(...trainArgs(out, ...options, '--beta', '0.5'));
      expect([other.code, other.stdout]).toEqual([1, '']);
      expect(other.stderr).toMatch(
        /belongs to another run; what differs: objectiveOptions was .*"beta":0\.1.*, is .*"beta":0\.5/,
      );
      expect(await result(out)).toEqual(whole);
      const fresh = await apolab(...trainArgs(out, '--objective', 'dpo', '--max-steps', '1', '--fresh'));
      expect(objects(fresh.stdout)).toHaveLength(1);
      expect(await readdir(out)).not.toContain('checkpoint-120');
    });
  });

  it('reports and keeps the rows that it skips, and trains on the others', async () => {
    const file = place('mixed.jsonl');
    const rows = await readFile(golden('pairs.jsonl'), 'utf8');
    await writeFile(file, `${rows}broken\n{"prompt": "price for zebra ?", "chosen": " a", "rejected": " b"}\n`);
    const out = place('mixed');
    const args = ['train', '--model', golden('tiny-llama'), '--pairs', file, '--out', out, '--objective', 'dpo'];
    const { code, stdout, stderr } = await apolab(...args);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^1 steps?: loss 0\.6931/)]);
    expect(stderr).toContain(`2 rows of ${file} are not used:\n  line 9: broken JSON`);
    expect(stderr).toMatch(/line 10: prompt has a word that the policy's vocabulary lacks: 'zebra'/);
    expect(objects(await readFile(path.join(out, 'skipped.jsonl'), 'utf8')).map(({ line }) => line)).toEqual([9, 10]);
  });

  it.each([
    [['--objective', 'apo-zero'], /'apo-zero' is not a known objective; did you mean 'apo_zero'\?/],
    [['--objective', 'dpo', '--learning-rate', 'fast'], /'fast' is invalid\. It must be a number\./],
    [['--objective', 'dpo', '--batch-size', '0'], /batchSize is 0; it has to be a whole number of 1 or more\./],
    [['--objective', 'dpo', '--schedule', 'step'], /'step' is not a known schedule.*Known: constant, linear, cosine/],
    [['--objective', 'dpo', '--lora-alpha', '4'], /--lora-alpha is of no use without --lora-rank/],
    [['--objective', 'dpo', '--gamma', '1'], /'gamma' is not a known option of DPO.*Known: beta, labelSmoothing/],
  ])('refuses %j', async (args, message) => {
    const { code, stdout, stderr } = await apolab(...trainArgs(place('refused'), ...args));
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
  });

  it('refuses to overwrite the model that it is given, or one of another program', async () => {
    const own = await apolab(...trainArgs(golden('tiny-llama'), '--objective', 'dpo'));
    expect(own.stderr).toContain('is the folder of --model, which the trained model would replace');
    const other = await apolab(...trainArgs(golden('tiny-llama-tied'), '--objective', 'dpo'));
    expect(other.stderr).toContain('holds a model that no run of apolab left there');
  });

  it('trains an adapter, and leaves it beside the merged model', async () => {
    const out = place('adapter');
    const { code } = await apolab(...trainArgs(out, '--objective', 'dpo', '--lora-rank', '2', '--max-steps', '2'));
    expect(code).toBe(0);
    expect((await readdir(path.join(out, 'adapter'))).sort()).toEqual([
      'adapter_config.json',
      'adapter_model.safetensors',
    ]);
    expect(await readdir(out)).toContain('model.safetensors');
  });
});

describe('apolab sample', () => {
  const sample = (...args: string[]) => apolab('sample', '--model', golden('tiny-llama'), ...args);
  const { models } = readGolden<{ models: Record<string, { generate: { prompt: string; text: string }[] }> }>(
    'model.json',
  );
  const greedy = models['tiny-llama']!.generate;

  it("answers a prompt greedily as transformers' generate does", async () => {
    const { prompt, text } = greedy[0]!;
    const { stdout } = await sample('--prompt', prompt, '--temperature', '0', '--max-new-tokens', '24');
    expect(stdout).toBe(`${text}\n`);
  });

  it('answers every prompt of a file, as JSON, the same for the same seed', async () => {
    const file = place('prompts.jsonl');
    await writeFile(
      file,
      [...greedy, greedy[0]!].map(({ prompt }) => `${JSON.stringify({ prompt })}\n`).join('') + '{}\n',
    );
    const args = ['--prompts', file, '--count', '2', '--seed', '5', '--max-new-tokens', '8', '--json'];
    const [first, second, batched] = [
      await sample(...args),
      await sample(...args),
      await sample(...args, '--batch-size', '3'),
    ];
    const rows = objects(first.stdout) as unknown as { prompt: string; response: string }[];
    expect(rows.map(({ prompt }) => prompt)).toEqual([...greedy, greedy[0]!].flatMap(({ prompt }) => [prompt, prompt]));
    expect(
      new Set(rows.filter(({ prompt }) => prompt === greedy[0]!.prompt).map(({ response }) => response)).size,
    ).toBe(4);
    expect([second.stdout, batched.stdout]).toEqual([first.stdout, first.stdout]);
    expect(first.stderr).toContain(`1 row of ${file} is not used:`);
  });

  it('says what is missing', async () => {
    expect((await sample()).stderr).toContain('Give --prompt TEXT or --prompts FILE.');
    expect((await sample('--prompts', place('none'))).stderr).toContain(`There is no file ${place('none')}.`);
  });
});
