/** `apolab clair`, `judge` and `stronger` as processes, against a server in another process that fails as real servers do. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/core/packageRoot.js';
import { createRandom } from '../../src/core/random.js';
import { launch, startLaunch } from '../setup/miniature.js';

const key = 'sk-marked-0d8b3a4c5e6f7711';
const folder = await mkdtemp(path.join(os.tmpdir(), 'apolab-build-'));
const place = (...names: string[]) => path.join(folder, ...names);
const servers: ChildProcess[] = [];

beforeAll(() => launch(packageRoot, ['setup']));
afterAll(async () => {
  servers.forEach((server) => server.kill());
  await rm(folder, { recursive: true });
});

async function startServer(mode: 'steady' | 'unreliable'): Promise<string> {
  const file = path.join(packageRoot, 'tests/responders/endpoint/server.mjs');
  const server = spawn(process.execPath, [file, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
  servers.push(server);
  const [address] = (await once(server.stdout, 'data')) as [Buffer];
  return address.toString().trim();
}

interface Log {
  readonly requests: number;
  /** By the message's hash. */
  readonly log: Readonly<Record<string, { readonly asked: number; readonly answered: number; readonly last: string }>>;
}
const logOf = async (url: string) => (await (await fetch(url.replace('/v1', '/log'))).json()) as Log;

const rowsOf = async (file: string) =>
  (await readFile(file, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const countOf = 1000;
const promptOf = (index: number) => `Question ${index}?`;
const responseOf = (index: number) => `answer number ${index} is ${index % 3 === 0 ? 'wrong' : 'good'}`;

async function writePrompts(file: string, count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, index) => ({ prompt: promptOf(index), response: responseOf(index) }));
  await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

const clairArgs = (out: string, url: string) => [
  ...['clair', '--prompts', place('prompts.jsonl'), '--out', out, '--base-url', url, '--model', 'strong'],
  ...['--concurrency', '32', '--timeout', '2', '--json'],
];

describe('a thousand prompts at a server that fails as real servers do', () => {
  it('each end as one pair or as one skipped row, in order, and a killed run continues to the same files', async () => {
    await writePrompts(place('prompts.jsonl'), countOf);
    const env = { OPENAI_API_KEY: key };
    const whole = place('whole', 'clair.jsonl');
    const url = await startServer('unreliable');
    const { code, stdout, stderr } = await launch(packageRoot, clairArgs(whole, url), env);
    expect(code).toBe(0);

    // Every prompt is in one of the two files, once, in the order of the prompts.
    const pairs = await rowsOf(whole);
    const skipped = await rowsOf(`${whole}.skipped.jsonl`);
    const numbersOf = (rows: typeof pairs) => rows.map(({ prompt }) => Number(/\d+/.exec(prompt as string)));
    const [good, bad] = [numbersOf(pairs), numbersOf(skipped)];
    expect([...good, ...bad].sort((a, b) => a - b)).toEqual(Array.from({ length: countOf }, (_, index) => index));
    expect(good).toEqual([...good].sort((a, b) => a - b));
    expect(bad).toEqual([...bad].sort((a, b) => a - b));
    expect(JSON.parse(stdout)).toMatchObject({ pairs: pairs.length, skipped: skipped.length });

    // The server's last answer to each prompt decides what became of it.
    const server = await logOf(url);
    const served = (last: string) => Object.values(server.log).filter((entry) => entry.last === last).length;
    expect(pairs).toHaveLength(served('revised'));
    const reasons: Readonly<Record<string, RegExp>> = {
      unmarked: /no corrected solution/,
      filtered: /content filter stopped/,
      refused: /status 400: the policy was triggered/,
      cutAnswer: /cut at its longest length/,
      noChoices: /the answer has no choices/,
    };
    for (const [last, reason] of Object.entries(reasons)) {
      expect(served(last), last).toBeGreaterThan(0);
      expect(skipped.filter((row) => reason.test(row.reason as string))).toHaveLength(served(last));
    }
    for (const [row, number] of pairs.map((one, index) => [one, good[index]!] as const)) {
      const word = number % 3 === 0 ? 'right' : 'better';
      expect(row).toMatchObject({
        chosen: `answer number ${number} is ${word}`,
        rejected: responseOf(number),
        rationale: 'The word was wrong.',
        provenance: { builder: 'clair', models: { reviser: 'served-model' } },
      });
    }
    for (const [index, row] of skipped.entries()) {
      expect(row).toMatchObject({ row: bad[index]! + 1, response: responseOf(bad[index]!) });
    }

    // A second run requests nothing, because every answer is cached.
    const again = await launch(packageRoot, clairArgs(whole, url), env);
    expect(again.code).toBe(0);
    expect((await logOf(url)).requests).toBe(server.requests);

    // Killed three times at seeded moments, then finished: the same bytes, and no cached answer is requested again.
    const other = await startServer('unreliable');
    const killed = place('killed', 'clair.jsonl');
    const random = createRandom(8, 'kills');
    for (const share of [0.1, 0.4, 0.7]) {
      const { child, outcome } = startLaunch(packageRoot, clairArgs(killed, other), env);
      const atLeast = (share + 0.2 * random.uniform()) * countOf;
      while (Object.values((await logOf(other)).log).filter(({ answered }) => answered > 0).length < atLeast) {
        await sleep(10);
      }
      child.kill('SIGKILL');
      expect((await outcome).code).toBe('SIGKILL');
      expect(await readdir(path.dirname(killed))).not.toContain('clair.jsonl');
    }
    const finished = await launch(packageRoot, clairArgs(killed, other), env);
    expect(finished.code).toBe(0);
    // Nothing is left of the runs that were killed.
    expect((await readdir(path.dirname(killed))).sort()).toEqual([
      'clair.jsonl',
      'clair.jsonl.cache',
      'clair.jsonl.skipped.jsonl',
    ]);
    expect(await readFile(killed, 'utf8')).toBe(await readFile(whole, 'utf8'));
    expect(await readFile(`${killed}.skipped.jsonl`, 'utf8')).toBe(await readFile(`${whole}.skipped.jsonl`, 'utf8'));
    const twice = Object.values((await logOf(other)).log).filter(
      // An answer without choices is requested twice by design.
      ({ answered, last }) => answered > 1 && last !== 'noChoices',
    );
    // Only answers that were on their way when the process died: at most the number of concurrent requests, each time.
    expect(twice.length).toBeLessThanOrEqual(3 * 32);
    expect(twice.every(({ answered }) => answered <= 4)).toBe(true);

    // The key is nowhere, although the server repeats it in every message.
    const said = [stdout, stderr, again.stdout, again.stderr, finished.stdout, finished.stderr];
    for (const file of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (file.isFile()) said.push(await readFile(path.join(file.parentPath, file.name), 'utf8'));
    }
    expect(said.length).toBeGreaterThan(10);
    expect(said.filter((text) => text.includes(key))).toEqual([]);
    expect(said.some((text) => text.includes('the policy was triggered by Bearer ***'))).toBe(true);
  });
});

describe('a run', () => {
  const steady = startServer('steady');
  const steadyArgs = async (command: string, prompts: string, out: string) => [
    ...[command, '--prompts', prompts, '--out', out, '--base-url', await steady, '--model', 'strong'],
  ];
  const env = { OPENAI_API_KEY: key };

  it('that is interrupted keeps what it has, and the same command continues', async () => {
    await mkdir(place('stopped'), { recursive: true });
    await writePrompts(place('prompts.jsonl'), countOf);
    const url = await startServer('unreliable');
    const out = place('stopped', 'clair.parquet');
    const { child, outcome } = startLaunch(packageRoot, clairArgs(out, url), env);
    while (Object.keys((await logOf(url)).log).length < 300) await sleep(10);
    child.kill('SIGINT');
    const { code, stdout, stderr } = await outcome;
    expect(code).toBe(130);
    expect(stderr).toContain('The same command goes on from here');
    const { pairs } = JSON.parse(stdout) as { pairs: number };
    expect(pairs).toBeGreaterThan(0);
    expect(pairs).toBeLessThan(countOf);
  });

  it('reports its progress, its cost and why prompts gave no pair on standard error', async () => {
    await writePrompts(place('few.jsonl'), 12);
    const out = place('few', 'clair.jsonl');
    const args = await steadyArgs('clair', place('few.jsonl'), out);
    const { code, stdout, stderr } = await launch(
      packageRoot,
      [...args, '--price-input', '10', '--price-output', '30', '--max-cost', '1'],
      env,
    );
    expect(code).toBe(0);
    expect(stdout).toBe('');
    // 12 answers of 20 tokens in and 30 out: 12 x (200 + 900) millionths of a dollar.
    expect(stderr).toContain('12 pairs, 0 skipped, $0.0132');
    expect(stderr).toContain(`12 pairs in ${out}.`);
    expect(stderr).toContain('strong: 12 answered, 600 tokens, $0.0132');
  });

  it('stops before its budget is passed, keeps what it has, and says how to continue', async () => {
    await writePrompts(place('many.jsonl'), 60);
    const out = place('budget', 'clair.jsonl');
    const args = await steadyArgs('clair', place('many.jsonl'), out);
    const limits = ['--max-tokens', '100', '--token-budget', '4000', '--json'];
    const { code, stdout, stderr } = await launch(packageRoot, [...args, ...limits], env);
    expect(code).toBe(1);
    expect(stderr).toMatch(/budget of 4,000 tokens is used up.*Raise the budget/);
    const { pairs, usage } = JSON.parse(stdout) as {
      pairs: number;
      usage: { strong: { input: number; output: number } };
    };
    expect(pairs).toBeGreaterThan(0);
    expect(usage.strong.input + usage.strong.output).toBeLessThanOrEqual(4000);
    // The file gets its own name only when it is whole.
    expect(await rowsOf(place('budget', 'clair.partial.jsonl'))).toHaveLength(pairs);
    expect(await readdir(place('budget'))).not.toContain('clair.jsonl');
    const more = await launch(packageRoot, [...args, '--max-tokens', '100', '--json'], env);
    expect(JSON.parse(more.stdout)).toMatchObject({ pairs: 60, usage: { strong: { answered: 60, cached: pairs } } });
    expect(await readdir(place('budget'))).toEqual(['clair.jsonl', 'clair.jsonl.cache']);
  });

  it('without a response or a policy says so for every row, and fails', async () => {
    await writeFile(place('bare.txt'), 'Why?\nHow?\n');
    const out = place('bare', 'clair.jsonl');
    const args = await steadyArgs('clair', place('bare.txt'), out);
    const { code, stderr } = await launch(packageRoot, args, env);
    expect(code).toBe(1);
    expect(stderr).toContain('No prompt gave a pair.');
    expect(await rowsOf(`${out}.skipped.jsonl`)).toMatchObject([
      { row: 1, prompt: 'Why?', reason: expect.stringContaining('--policy') as string },
      { row: 2, prompt: 'How?' },
    ]);
  });

  it('of stronger pairs the policy of a folder with the stronger model of the server', async () => {
    await writeFile(place('world.txt'), 'price of apple ?\nprice of tea ?\n');
    const out = place('stronger', 'pairs.csv');
    const policy = path.join(packageRoot, 'datasets/miniature-world/policy-0');
    const args = await steadyArgs('stronger', place('world.txt'), out);
    const { code, stderr } = await launch(packageRoot, [...args, '--policy', policy, '--policy-max-tokens', '16'], env);
    expect(stderr).toContain('2 pairs in');
    expect(code).toBe(0);
    expect((await readFile(out, 'utf8')).split('\n')[0]).toBe('prompt,chosen,rejected,provenance');
  });

  /** The server's rule for a score, computed here. */
  const scoreOf = (text: string) =>
    1 + Math.floor((createHash('sha256').update(`score ${text}`).digest().readUInt32BE(0) / 2 ** 32) * 10);

  it.each([
    ['scores of each response alone', [], (text: string) => scoreOf(text)],
    ['scores of two judges', ['--also-judge', 'second'], (text: string) => scoreOf(text)],
    ['the best of four against the worst', ['--samples', '4'], (text: string) => scoreOf(text)],
    ['verdicts in both orders', ['--pairwise'], undefined],
  ] as const)('of judge prefers by %s', async (name, options, expected) => {
    await writeFile(place('questions.txt'), Array.from({ length: 20 }, (_, index) => `Why ${index}?\n`).join(''));
    const out = place('judged', name.replaceAll(' ', '-'), 'pairs.jsonl');
    const args = await steadyArgs('judge', place('questions.txt'), out);
    const { code, stdout, stderr } = await launch(
      packageRoot,
      [...args, '--policy', 'policy', ...options, '--json'],
      env,
    );
    expect(code, stderr).toBe(0);
    const pairs = await rowsOf(out);
    const { skipped } = JSON.parse(stdout) as { skipped: number };
    expect(pairs.length).toBeGreaterThan(10);
    expect(pairs.length + skipped).toBe(20);
    for (const { chosen, rejected, score_chosen, score_rejected } of pairs as Record<string, string>[]) {
      expect(chosen).toMatch(/^reply to "Why \d+\?" with seed \d+$/);
      expect(scoreOf(chosen!)).toBeGreaterThan(scoreOf(rejected!));
      expect([score_chosen, score_rejected]).toEqual(
        expected === undefined ? [1, 0] : [expected(chosen!), expected(rejected!)],
      );
    }
    // Ties are reported with both scores.
    if (skipped > 0) expect((await rowsOf(`${out}.skipped.jsonl`))[0]!.reason).toMatch(/prefers neither/);
  });

  it('of judge takes other models in place of the policy', async () => {
    const out = place('off', 'pairs.jsonl');
    const args = await steadyArgs('judge', place('questions.txt'), out);
    const { code } = await launch(packageRoot, [...args, '--responder', 'small', '--responder', 'old'], env);
    expect(code).toBe(0);
    const [pair] = await rowsOf(out);
    expect(pair!.provenance).toMatchObject({ builder: 'judge_off_policy', models: { judge: 'served-model' } });
  });

  it('of judge without responders says how many it needs', async () => {
    const args = ['judge', '--prompts', place('world.txt'), '--out', place('judged.jsonl'), '--base-url', await steady];
    const { code, stderr } = await launch(packageRoot, [...args, '--model', 'judge', '--responder', 'a'], env);
    expect(code).toBe(1);
    expect(stderr).toContain('Give --policy, whose samples are judged, or --responder twice or more.');
  });
});
