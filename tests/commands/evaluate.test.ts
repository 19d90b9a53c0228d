/** `apolab evaluate` as a process: ready responses, a model's folder, and endpoints whose server fails as real ones do. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/core/packageRoot.js';
import { goldenFolder } from '../golden/read.js';
import { startServer, type ServerProcess } from '../responders/endpoint/serverProcess.js';
import { launch, startLaunch } from '../setup/miniature.js';

const folder = mkdtempSync(path.join(tmpdir(), 'apolab-evaluate-'));
const place = (...names: string[]) => path.join(folder, ...names);
const env = { OPENAI_API_KEY: 'sk-none' };
const write = (name: string, rows: readonly object[]) => {
  writeFileSync(place(name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return place(name);
};
let server: ServerProcess;

beforeAll(async () => {
  await launch(packageRoot, ['setup']);
  server = await startServer('faulty');
}, 300_000);
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

interface Report {
  readonly benchmark: string;
  readonly score: number;
  readonly n: number;
  readonly undecided: number;
  readonly parts: readonly { readonly name: string; readonly score: number; readonly n: number }[];
  readonly items: readonly Readonly<Record<string, unknown>>[];
}

interface Log {
  readonly log: Readonly<Record<string, { readonly asked: number; readonly answered: number }>>;
}

describe('ready responses', () => {
  it('are found by their key, and the items have the verdicts of the official files', async () => {
    const data = write('prompts.jsonl', [
      { key: 1, prompt: 'No commas.', instruction_id_list: ['punctuation:no_comma'], kwargs: [{}] },
      {
        key: 2,
        prompt: 'Quoted.',
        instruction_id_list: ['startend:quotation', 'punctuation:no_comma'],
        kwargs: [{}, {}],
      },
      { key: 3, prompt: 'Not answered.', instruction_id_list: ['startend:quotation'], kwargs: [{}] },
    ]);
    const responses = write('responses.jsonl', [
      { key: 2, response: '"a, b"' },
      { key: 1, response: 'none' },
    ]);
    const args = [
      'evaluate',
      '--benchmark',
      'ifeval',
      '--data',
      data,
      '--responses',
      responses,
      '--work',
      place('ready'),
    ];
    const { code, stdout } = await launch(packageRoot, [...args, '--json'], env);
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as Report;
    expect(report).toMatchObject({ benchmark: 'ifeval', score: 50, standardError: 50, n: 2 });
    expect(report.items).toMatchObject([
      { key: 1, strict: [true], loose: [true], response: 'none', score: 1 },
      { key: 2, strict: [true, false], loose: [true, false], score: 0, reason: 'not followed: punctuation:no_comma' },
    ]);
    expect((await launch(packageRoot, args, env)).stdout).toMatch(
      /^IFEval: 50\.0 of 100, standard error 50\.0, 2 items\n/,
    );
  });

  it('and what is missing is said in one sentence', async () => {
    const run = async (...args: string[]) => (await launch(packageRoot, ['evaluate', ...args], env)).stderr;
    expect(await run('--benchmark', 'ifevel')).toContain("did you mean 'ifeval'");
    expect(await run('--benchmark', 'ifeval', '--model', 'm')).toContain('ifeval needs --data');
    expect(await run('--benchmark', 'win_rate', '--data', folder, '--model', 'm')).toContain('win_rate needs --judge');
    expect(await run('--benchmark', 'village_hard')).toContain('Give --model');
  });
});

describe("a model's folder", () => {
  it('generates and compares log-probabilities', async () => {
    const work = ['--work', place('model'), '--json'];
    const model = ['--model', path.join(goldenFolder, 'tiny-llama')];
    const pairs = ['--benchmark', 'preference_accuracy', '--data', path.join(goldenFolder, 'pairs.jsonl')];
    const compared = await launch(packageRoot, ['evaluate', ...pairs, ...model, '--limit', '2', ...work], env);
    expect(JSON.parse(compared.stdout)).toMatchObject({ benchmark: 'preference_accuracy', n: 2 });
    const village = ['--benchmark', 'village_hard', '--limit', '3', '--batch-size', '2'];
    const policy = ['--model', path.join(packageRoot, 'datasets/miniature-world/policy-0')];
    const generated = await launch(packageRoot, ['evaluate', ...village, ...policy, ...work], env);
    expect(JSON.parse(generated.stdout)).toMatchObject({ benchmark: 'village_hard', n: 3 });
    expect(readdirSync(place('model'))).toEqual([]);
  });
});

/** What the server's judge thinks of a text. */
const scoreOf = (text: string) =>
  1 + Math.floor((createHash('sha256').update(`score ${text}`).digest().readUInt32BE(0) / 2 ** 32) * 10);

describe('a judge behind an endpoint that fails as real ones do', () => {
  const count = 36;

  it('gives the win rate that follows from its scores, with ties and order bias; a killed run goes on and asks nothing twice', async () => {
    const rows = Array.from({ length: count }, (_, index) => ({
      id: index,
      prompt: index % 6 === 0 ? `Task ${index}, by the first place` : `Task ${index}`,
      response: `baseline ${index}`,
    }));
    const data = write('baseline.jsonl', rows);
    const args = (work: string) => [
      ...['evaluate', '--benchmark', 'win_rate', '--data', data, '--base-url', server.baseUrl, '--model', 'policy'],
      ...['--judge', 'judge', '--timeout', '2', '--concurrency', '8', '--json', '--work', place(work)],
    ];
    const { child, outcome } = startLaunch(packageRoot, args('killed'), env);
    const answered = async () =>
      Object.values((await server.read<Log>('log')).log).reduce((sum, entry) => sum + entry.answered, 0);
    while ((await answered()) < count) await sleep(20);
    child.kill('SIGKILL');
    await outcome;
    expect(readdirSync(place('killed')).some((name) => /^win_rate-\w+\.jsonl$/.test(name))).toBe(true);
    const { code, stdout, stderr } = await launch(packageRoot, args('killed'), env);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    const report = JSON.parse(stdout) as Report;

    const expected = report.items.map(({ response }, index) => {
      if (index % 6 === 0) return 0.5;
      const [own, other] = [scoreOf(response as string), scoreOf(`baseline ${index}`)];
      return own === other ? 0.5 : own > other ? 1 : 0;
    });
    expect(report.items.map(({ score }) => score)).toEqual(expected);
    expect(report.score).toBeCloseTo((100 * expected.reduce<number>((sum, one) => sum + one, 0)) / count, 10);
    expect(report.undecided).toBe(0);
    const share = (value: number) => (100 * expected.filter((one) => one === value).length) / count;
    expect(report.parts.map(({ name, score, n }) => [name, score, n])).toEqual([
      ['wins', share(1), count],
      ['ties', share(0.5), count],
      ['losses', share(0), count],
      ['verdict changes with the order', expect.closeTo(100 / 6, 10) as number, count],
      ['of these to the first place', 100, count / 6],
    ]);

    // Every message was answered once, but for those whose answers were on their way at the kill: at most one per connection.
    const entries = Object.values((await server.read<Log>('log')).log);
    expect(entries).toHaveLength(3 * count);
    const twice = entries.filter((entry) => entry.answered > 1);
    expect(twice.length).toBeLessThanOrEqual(2 * 8);
    expect(twice.every((entry) => entry.answered === 2)).toBe(true);

    // Once more, with the cached answers: the same report, and no request.
    const again = await launch(packageRoot, args('killed'), env);
    expect(JSON.parse(again.stdout)).toEqual(report);
    expect(Object.values((await server.read<Log>('log')).log)).toEqual(entries);
  }, 120_000);

  it("gives MixEval's score that follows from its grades and options", async () => {
    mkdirSync(place('mixeval-hard'));
    const questions = (more: (index: number) => object) =>
      JSON.stringify(
        Object.fromEntries(
          Array.from({ length: 20 }, (_, index) => [
            index,
            { context: null, benchmark_name: 'Own', prompt: `Question ${index}: digit ${index % 10}?`, ...more(index) },
          ]),
        ),
      );
    writeFileSync(
      place('mixeval-hard/free-form.json'),
      questions(() => ({ target: ['none'] })),
    );
    writeFileSync(
      place('mixeval-hard/multiple-choice.json'),
      questions(() => ({ options: ['x', 'y', 'z'], target: [1] })),
    );
    const { code, stdout } = await launch(
      packageRoot,
      [
        ...[
          'evaluate',
          '--benchmark',
          'mixeval_hard',
          '--data',
          folder,
          '--base-url',
          server.baseUrl,
          '--model',
          'policy',
        ],
        ...['--judge', 'judge', '--timeout', '2', '--json', '--work', place('mixeval')],
      ],
      env,
    );
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as Report;
    const digits = Array.from({ length: 20 }, (_, index) => index % 10);
    expect(report.items.filter(({ split }) => split === 'free-form').map(({ score }) => score)).toEqual(
      digits.map((digit) => digit / 10),
    );
    // The judge answers A to D for 0 to 3, else none; D is none of the three options.
    expect(report.items.filter(({ split }) => split === 'multiple-choice').map(({ correct }) => correct)).toEqual(
      digits.map((digit) => (digit > 2 ? null : digit === 1)),
    );
    expect(report).toMatchObject({ n: 40, undecided: 14 });
    expect(report.score).toBeCloseTo((100 * (9 + 2)) / 40, 10);
  }, 60_000);
});
