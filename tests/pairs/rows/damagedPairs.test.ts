/**
 * A hundred pairs files with random damage: each gives a clear error, or its bad rows are counted and kept and the others are
 * read unchanged. Nothing crashes or hangs, and only valid pairs are trained on.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { ApolabError } from '../../../src/core/errors.js';
import { fromPretrained } from '../../../src/model/index.js';
import { parsePair } from '../../../src/pairs/rows/parsePair.js';
import { readPairs, type PreferencePair } from '../../../src/preference.js';
import { createRandom, type Random } from '../../../src/core/random.js';
import { train, whyNotTrainable } from '../../../src/training/index.js';
import { goldenFolder } from '../../golden/read.js';

const folder = await mkdtemp(path.join(os.tmpdir(), 'apolab-damaged-'));
afterAll(() => rm(folder, { recursive: true }));
const model = await fromPretrained(path.join(goldenFolder, 'tiny-llama'));
const { pairs: good } = await readPairs(path.join(goldenFolder, 'pairs.jsonl'));
const words = good.flatMap(({ prompt, chosen }) => `${prompt} ${chosen}`.trim().split(/\s+/));

type Row = Record<string, unknown>;
/** A damaged file: its bytes, and the lines (from 1) that must be skipped; undefined if that is random. */
interface Damaged {
  readonly bytes: Buffer;
  readonly skipped?: readonly number[];
}
/** Damages eight good rows. */
type Damage = (random: Random, rows: Row[]) => Damaged;

const write = (lines: readonly (string | Buffer)[]) =>
  Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')]));
const lineOf = (row: unknown) => JSON.stringify(row);

/** Replaces one random line; exactly that line must be skipped. */
const oneLine =
  (replace: (row: Row, random: Random) => string | Buffer): Damage =>
  (random, rows) => {
    const place = random.integer(rows.length);
    const lines = rows.map((row, index) => (index === place ? replace(row, random) : lineOf(row)));
    return { bytes: write(lines), skipped: [place + 1] };
  };
/** Gives one of the values to a random field of a random row. */
const oneField = (values: readonly unknown[], fields = ['prompt', 'chosen', 'rejected']): Damage =>
  oneLine((row, random) => lineOf({ ...row, [random.pick(fields)]: random.pick(values) }));
const inText = (line: string, random: Random, inserted: Buffer) => {
  const bytes = Buffer.from(line);
  const at = line.indexOf('": "') + 4 + random.integer(3);
  return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)]);
};
const user = (content: unknown) => ({ role: 'user', content });
const assistant = (content: unknown) => ({ role: 'assistant', content });
const whole = (bytes: Buffer, skipped?: readonly number[]): Damaged =>
  skipped === undefined ? { bytes } : { bytes, skipped };

const damages: Record<string, Damage> = {
  'the file is cut at any byte': (random, rows) => {
    const bytes = write(rows.map(lineOf));
    const cut = bytes.subarray(0, 1 + random.integer(bytes.length - 1));
    const last = cut.toString().split('\n').at(-1)!;
    const lines = cut.toString().split('\n').length;
    const isWhole = last === '' || rows.some((row) => lineOf(row) === last);
    return whole(cut, isWhole ? [] : [lines]);
  },
  'a line is cut': oneLine((row, random) => lineOf(row).slice(0, 1 + random.integer(lineOf(row).length - 2))),
  'a key is missing': oneLine((row, random) => {
    const gone = random.pick(['prompt', 'chosen', 'rejected']);
    return lineOf(Object.fromEntries(Object.entries(row).filter(([key]) => key !== gone)));
  }),
  'a key is misspelt': oneLine((row, random) =>
    lineOf(row).replace(random.pick(['"prompt', '"chosen', '"rejected']), '"x'),
  ),
  'a field has a wrong type': oneField([3, true, null, {}, { text: 'a' }, 0.5, [1, 2], ['a'], [null], [[]]]),
  'a number is not JSON': oneLine((row, random) =>
    lineOf({ ...row, chosen: 0 }).replace(
      '"chosen":0',
      `"chosen":${random.pick(['NaN', 'Infinity', '-Infinity', 'undefined'])}`,
    ),
  ),
  'a text is empty': oneField(['', ' ', '\t\n', '\u3000', '\uFEFF']),
  'the responses are equal': oneLine((row) => lineOf({ ...row, rejected: row.chosen })),
  'a response is ten megabytes long': oneLine((row) => lineOf({ ...row, chosen: 'sure '.repeat(2_000_000) })),
  'a line of ten megabytes does not end its text': oneLine((row) => lineOf(row).slice(0, -2) + 'x'.repeat(10_000_000)),
  'bytes are not UTF-8': oneLine((row, random) =>
    inText(
      lineOf(row),
      random,
      random.pick([Buffer.from([0xff]), Buffer.from([0xc3, 0x28]), Buffer.from([0xed, 0xa0, 0x80])]),
    ),
  ),
  'a control character is in a text': oneLine((row, random) =>
    inText(lineOf(row), random, Buffer.from([random.pick([0, 1, 8, 27])])),
  ),
  'half a character': oneField(['\ud83d', 'sure \udc00 then', ' \ud800\ud800']),
  'the row is not an object': oneLine((_, random) => random.pick(['[]', '"sure"', '12', 'null', 'true', '{}', '[{}]'])),
  'brackets without end': oneLine((_, random) => random.pick(['[', '{"prompt":'] as const).repeat(200_000)),
  'two rows are on one line': oneLine((row) => lineOf(row) + lineOf(row)),
  'single quotes, or a comma too many': oneLine((row, random) =>
    random.chance(0.5) ? lineOf(row).replaceAll('"', "'") : lineOf(row).replace('}', ',}'),
  ),
  'messages are broken': oneField(
    [
      [],
      [user('a')],
      [assistant('')],
      [assistant(4)],
      [{ role: 'assistant' }],
      [{ content: 'a' }],
      [{ role: 7, content: 'a' }],
      [user('else'), assistant('a')],
      [assistant('a'), user('b')],
      [null, assistant('a')],
      [[assistant('a')]],
    ],
    ['chosen', 'rejected'],
  ),
  'words that the vocabulary lacks': oneLine((row, random) =>
    lineOf({ ...row, [random.pick(['prompt', 'chosen', 'rejected'])]: 'zebra' }),
  ),
  'more tokens than there are positions': oneLine((row, random) =>
    lineOf({ ...row, rejected: Array.from({ length: 80 }, () => random.pick(words)).join(' ') }),
  ),
  'random bytes are changed': (random, rows) => {
    const bytes = write(rows.map(lineOf));
    for (let turned = 0; turned < 5; turned++) bytes[random.integer(bytes.length)] = random.integer(256);
    return whole(bytes);
  },
  'the file is of another kind': (random, rows) => {
    const text = rows.map(lineOf).join('\n');
    const others = [
      Buffer.from(`\uFEFF${text}`, 'utf16le'),
      deflateSync(text),
      Buffer.from(Array.from({ length: 3000 }, () => random.integer(256))),
      Buffer.from(JSON.stringify({ rows }, null, 2)),
      Buffer.from(text.replaceAll('\n', '\r')),
      Buffer.from('prompt,chosen,rejected\nsure,sure,well\n'),
    ];
    const bytes = random.pick(others);
    return whole(bytes, nonBlankLines(bytes));
  },
  'the file is empty': (random) => whole(Buffer.from(random.pick(['', '\n', ' \r\n\t\n', '\uFEFF']))),
};

function nonBlankLines(bytes: Buffer): number[] {
  const lines = bytes.toString('latin1').split('\n');
  return lines.flatMap((line, index) => (/^[\s\u00ef\u00bb\u00bf]*$/.test(line) ? [] : [index + 1]));
}

/** Damages that only a check against the model finds. */
const byModelOnly = ['words that the vocabulary lacks', 'more tokens than there are positions'];

/** Every pair that is read must be valid. */
function expectPair(pair: PreferencePair): void {
  for (const text of [pair.prompt, pair.chosen, pair.rejected]) {
    expect(typeof text).toBe('string');
    expect(text.trim()).not.toBe('');
    expect(Buffer.from(text).toString()).toBe(text);
  }
  expect(pair.chosen).not.toBe(pair.rejected);
  expect(parsePair(JSON.stringify(pair)).kind).toBe('pair');
}

describe.each(Object.entries(damages))('%s', (name, damage) => {
  it.each([1, 2, 3, 4, 5])('(%i)', async (seed) => {
    const { bytes, skipped: wanted } = damage(
      createRandom(seed, 'damage', name),
      good.map((pair) => ({ ...pair })),
    );
    const file = path.join(folder, `${name.replace(/\W+/g, '-')}-${seed}.jsonl`);
    await writeFile(file, bytes);
    const lines = nonBlankLines(bytes);
    const read = readPairs(file, {
      check: (pair) => whyNotTrainable(model.tokenizer, model.config.maxPositions, pair),
    });
    if (lines.length === 0) {
      await expect(read).rejects.toThrow(ApolabError);
      await expect(read).rejects.toThrow(`${file} has no rows.`);
      return;
    }
    const { pairs, skipped } = await read;
    expect(pairs.length + skipped.length).toBe(lines.length);
    if (wanted !== undefined) {
      expect(skipped.map(({ line }) => line)).toEqual(wanted);
      const kept = wanted.length === lines.length ? [] : good.filter((_, index) => !wanted.includes(index + 1));
      expect(pairs).toEqual(kept.slice(0, pairs.length));
      const plain = await readPairs(file);
      expect(plain.skipped.map(({ line }) => line)).toEqual(byModelOnly.includes(name) ? [] : wanted);
    }
    for (const { line, reason, text } of skipped) {
      expect(lines).toContain(line);
      expect(reason.length).toBeGreaterThan(10);
      expect(text.length).toBeGreaterThan(0);
    }
    pairs.forEach(expectPair);
    if (pairs.length === 0) return;
    const [step] = await trainOneStep(pairs);
    for (const [metric, value] of Object.entries(step!)) expect(Number.isFinite(value), metric).toBe(true);
  });
});

async function trainOneStep(pairs: readonly PreferencePair[]) {
  const steps = [];
  const options = { objective: 'apo_zero', learningRate: 0, maxSteps: 1, batchSize: 8 } as const;
  for await (const step of train(model, pairs, options)) steps.push(step);
  return steps;
}
