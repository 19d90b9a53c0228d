/**
 * Every example of a docstring runs, in a folder with the files that examples name, and shows what it says.
 *
 * The comment behind an expression is what a cell shows for it (or, without a value, what it prints): a value as JavaScript, or the
 * text. `...` stands for what is left out, decimals are rounded, and a note in parentheses may follow.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compileFunction } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { objectiveIds } from '../../src/objectives/index.js';
import { useBackend } from '../../src/tensor/index.js';
import { examples, notRun } from './docstrings.js';
import { smallRun, writeFiles } from './given.js';
import { runExample, textOf } from './session.js';

const home = process.cwd();
let folder: string;
let output = '';
const printed = () => {
  const text = output;
  output = '';
  return text;
};

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'apolab-examples-'));
  process.chdir(folder);
  await useBackend();
  await writeFiles();
  const run = { ...smallRun, out: path.join(folder, 'results/run') };
  for (const [name, value] of Object.entries({
    HOME: folder,
    XDG_DATA_HOME: folder,
    OPENAI_API_KEY: 'none',
    APOLAB_RUN: JSON.stringify(run),
  }))
    vi.stubEnv(name, value);
  const take = (...values: unknown[]) => void (output += `${values.map(String).join(' ')}\n`);
  for (const name of ['log', 'error', 'warn'] as const) vi.spyOn(console, name).mockImplementation(take);
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => (take(text), true));
});
afterAll(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  process.chdir(home);
  process.exitCode = undefined;
  await rm(folder, { recursive: true, force: true });
});

/** What a comment states, as a cell would show it. */
async function shownForm(stated: string): Promise<string> {
  try {
    return await textOf((compileFunction(`return (${stated});`) as () => unknown)());
  } catch {
    return stated;
  }
}

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** Whether `shown` is what is stated, but for white space, left-out parts and decimals that are rounded. */
function agrees(shown: string, stated: string): boolean {
  const decimals: string[] = [];
  const parts = stated.replaceAll(/\s/g, '').split(/(-?\d+\.\d+(?!\d|\.\.\.)|\.\.\.)/);
  const pattern = parts.map((part, index) => {
    if (index % 2 === 0) return escaped(part);
    if (part === '...') return '.*';
    decimals.push(part);
    return String.raw`(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)`;
  });
  const found = new RegExp(`^${pattern.join('')}$`).exec(shown.replaceAll(/\s/g, ''));
  if (found === null) return false;
  return decimals.every((text, index) => {
    const unit = 10 ** -text.split('.')[1]!.length;
    return Math.abs(Number(found[index + 1]) - Number(text)) < 0.51 * unit;
  });
}

it('a comment that states another value is found', async () => {
  expect(agrees('{ a: 0.6931 }', '{ a: 0.693 }')).toBe(true);
  expect(agrees('{ a: 0.6931 }', '{ a: 0.694 }')).toBe(false);
  expect(agrees('{ low: -0.4841, high: 2 }', '{ low: -0.48..., ... }')).toBe(true);
  expect(agrees(await textOf('a'), await shownForm('"a"'))).toBe(true);
  expect(agrees(await textOf(12), await shownForm('1'))).toBe(false);
});

it('every objective has an example', () => {
  const names = examples.map(({ source }) => path.basename(source, '.ts'));
  for (const id of objectiveIds) {
    expect(names).toContain(id.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase()));
  }
});

it.each(Object.keys(notRun))('an example of %s is not run', (file) =>
  expect(examples.map(({ name }) => name.split(':')[0])).toContain(file),
);

describe('the example at', () => {
  it.each(examples.filter(({ declared }) => declared === undefined).map((example) => [example.name, example] as const))(
    '%s',
    async (_, example) => {
      for (const { shown, stated } of await runExample(example, printed)) {
        if (stated === '') continue;
        const forms = [stated, stated.replace(/ ?\([^()]*\)$/, '')];
        const texts = await Promise.all(forms.map(shownForm));
        if (!texts.some((text) => agrees(shown, text))) expect.fail(`${shown}\nis not\n${texts.at(-1)!}`);
      }
    },
  );
});
