/** `apolab clair` against a server that charges for every answer, cut and empty ones too: both count the same. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/core/packageRoot.js';
import { type Billed, type ServerProcess, startServer } from '../responders/endpoint/serverProcess.js';
import { launch } from '../setup/miniature.js';

const key = 'sk-marked-7a1e5d90c2';
const apiKey = 'azure-marked-0b6c2e';
const promptCount = 60;
let folder = '';
let server: ServerProcess;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'apolab-billing-'));
  const rows = Array.from({ length: promptCount }, (_, index) => ({
    prompt: `Question ${index}?`,
    response: `\n\nanswer number ${index} is good\n`,
  }));
  await writeFile(path.join(folder, 'prompts.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  server = await startServer('billing');
  await launch(packageRoot, ['setup']);
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

interface Usage {
  readonly input: number;
  readonly output: number;
  readonly dollars: number;
  readonly lost: number;
  readonly requests: number;
}

/** Runs the command with a model of its own name, so that the server's sum for that model is the run's. */
async function clair(model: string, ...options: readonly string[]) {
  const out = path.join(folder, model, 'pairs.jsonl');
  const { code, stdout, stderr } = await launch(
    packageRoot,
    [
      ...['clair', '--prompts', path.join(folder, 'prompts.jsonl'), '--out', out, '--base-url', server.baseUrl],
      ...['--model', model, '--concurrency', '8', '--max-tokens', '300', '--price-input', '10', '--price-output', '30'],
      ...['--retries', '3', '--json', ...options],
    ],
    { OPENAI_API_KEY: key },
  );
  const result = JSON.parse(stdout) as { pairs: number; skipped: number; usage: Record<string, Usage> };
  const { billed } = await server.read<Billed>('log');
  return { ...result, out, code, stderr, usage: result.usage[model]!, billed: billed[model]! };
}

const dollarsOf = ({ input, output }: { input: number; output: number }) => (input * 10 + output * 30) / 1e6;

describe('what a run counts is what the server charged', () => {
  it.each([
    ['whole', []],
    ['streamed', ['--stream']],
  ])('at the end, for answers that come %s', async (name, options) => {
    const { code, pairs, skipped, usage, billed, out, stderr } = await clair(`end-${name}`, ...options);
    expect(code, stderr).toBe(0);
    expect(pairs + skipped).toBe(promptCount);
    expect(skipped).toBeGreaterThan(5);
    expect(usage).toMatchObject({ input: billed.input, output: billed.output, requests: billed.requests, lost: 0 });
    expect(usage.dollars).toBeCloseTo(dollarsOf(billed), 10);
    // The summary says how to raise the limit.
    expect(stderr).toMatch(
      /cut at its longest length, N tokens, before it had any text; raise maxTokens \(--max-tokens/,
    );

    // No thinking in a pair, and the edges of both responses are the same.
    const rows = (await readFile(out, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>);
    for (const { chosen, rejected, rationale } of rows) {
      expect([chosen, rejected]).toEqual([
        expect.stringMatching(/^\n\nanswer number \d+ is better\n$/),
        expect.stringMatching(/^\n\nanswer number \d+ is good\n$/),
      ]);
      expect(rationale).toBe('The word was wrong.');
    }
  });

  const budgets = [2_000, 5_000, 9_000, 14_000, 22_000, 30_000];
  it.each(budgets.flatMap((tokens) => [[tokens, 'whole'] as const, [tokens, 'streamed'] as const]))(
    'when a budget of %i tokens stops it, %s',
    async (tokens, form) => {
      const options = form === 'streamed' ? ['--stream'] : [];
      const run = await clair(`tokens-${tokens}-${form}`, '--token-budget', String(tokens), ...options);
      expect(run.stderr).toContain(`budget of ${tokens.toLocaleString('en')} tokens is used up`);
      expect(run.code).toBe(1);
      const { usage, billed } = run;
      expect(usage).toMatchObject({ input: billed.input, output: billed.output, requests: billed.requests, lost: 0 });
      expect(usage.input + usage.output).toBeLessThanOrEqual(tokens);
    },
  );

  it.each([0.05, 0.2, 0.4])('when a budget of %f dollars stops it', async (dollars) => {
    const { stderr, usage, billed } = await clair(`dollars-${dollars}`, '--max-cost', String(dollars));
    expect(stderr).toMatch(/budget of \$\d\.\d+ is used up/);
    expect(usage).toMatchObject({ input: billed.input, output: billed.output, lost: 0 });
    expect(dollarsOf(billed)).toBeLessThanOrEqual(dollars);
    expect(usage.dollars).toBeCloseTo(dollarsOf(billed), 10);
  });
});

it('headers of --header are sent and never shown, and a summary keeps the status of a refusal', async () => {
  const shapes = await startServer('shapes');
  await writeFile(path.join(folder, 'shapes.txt'), 'headerEcho\nheaderEcho \n');
  const out = path.join(folder, 'shapes', 'pairs.jsonl');
  const { code, stdout, stderr } = await launch(
    packageRoot,
    [
      ...['stronger', '--prompts', path.join(folder, 'shapes.txt'), '--out', out, '--base-url', shapes.baseUrl],
      ...['--model', 'm', '--policy', 'p', '--header', `api-key: ${apiKey}`, '--header', 'x-team: blue'],
    ],
    { OPENAI_API_KEY: key },
  );
  await shapes.close();
  expect(code).toBe(1);
  expect(stderr).toContain('2  the policy: status 413: blue, *** and none');
  const skippedRows = await readFile(`${out}.skipped.jsonl`, 'utf8');
  for (const text of [stdout, stderr, skippedRows]) {
    expect(text).not.toContain(apiKey);
    expect(text).not.toContain(key);
  }
});

it.each(['no colon', ': no name'])('a header that is no header is refused, and not shown: %s', async (header) => {
  const { code, stderr } = await launch(packageRoot, [
    ...['clair', '--prompts', 'p.txt', '--out', 'o.jsonl', '--model', 'm', '--header', header],
  ]);
  expect(code).not.toBe(0);
  expect(stderr).toContain("It must be 'name: value'.");
});
