/** The cache of reference log-probabilities: values are read back unchanged, and only for the same model and pairs. */
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { fromPretrained } from '../../src/model/index.js';
import { readPairs } from '../../src/preference.js';
import { tf } from '../../src/tensor/index.js';
import {
  tokenizePair,
  fingerprintPairs,
  fingerprintParameters,
  referenceLogProbs,
  train,
  type ReferenceSource,
} from '../../src/training/index.js';
import { goldenFolder } from '../golden/read.js';

const base = await mkdtemp(path.join(os.tmpdir(), 'apolab-reference-'));
afterAll(() => rm(base, { recursive: true }));
const { pairs } = await readPairs(path.join(goldenFolder, 'pairs.jsonl'));
const model = await fromPretrained(path.join(goldenFolder, 'tiny-llama'));
const tokenized = pairs.map((pair) => tokenizePair(model.tokenizer, pair));

async function reference(folder: string, of = model, rows = tokenized) {
  const key = { model: await fingerprintParameters(of.parameters), pairs: fingerprintPairs(rows) };
  const { values, source } = await referenceLogProbs(of.parameters, of.config, rows, { cache: { folder, key } });
  return { values: [...Array.from(values)], source };
}
const fileIn = async (folder: string) => path.join(folder, (await readdir(folder))[0]!);
const folderOf = (name: string) => path.join(base, name);

test('log-probabilities are computed once, then read: the same values to the last bit', async () => {
  const first = await reference(folderOf('once'));
  const second = await reference(folderOf('once'));
  expect([first.source.kind, second.source.kind]).toEqual(['computed', 'cached']);
  expect(second.values).toEqual(first.values);
  expect(await readdir(folderOf('once'))).toHaveLength(1);
});

test('other weights, other pairs and another order have separate files', async () => {
  const other = await fromPretrained(path.join(goldenFolder, 'tiny-llama'));
  const norm = other.parameters['model.norm.weight']!;
  norm.assign(tf.add(norm, tf.scalar(1e-6)));
  await reference(folderOf('others'));
  for (const found of [
    await reference(folderOf('others'), other),
    await reference(folderOf('others'), model, tokenized.slice(1)),
    await reference(folderOf('others'), model, tokenized.toReversed()),
  ]) {
    expect(found.source.kind).toBe('computed');
  }
  expect(await readdir(folderOf('others'))).toHaveLength(4);
});

describe('a damaged file is detected, computed again and replaced:', () => {
  const damages: Record<string, (bytes: Buffer) => Buffer> = {
    'cut short': (bytes) => bytes.subarray(0, bytes.length - 3),
    empty: () => Buffer.alloc(0),
    'a flipped bit in a value': (bytes) => {
      bytes[70]! ^= 1;
      return bytes;
    },
    'another count': (bytes) => {
      bytes.writeUInt32LE(2, 20);
      return bytes;
    },
    'another format': (bytes) => {
      bytes.writeUInt32LE(9, 16);
      return bytes;
    },
    'another kind of file': () =>
      Buffer.from('{"prompt": "a pairs file in the wrong place, of some length or other"}\n'),
  };
  test.each(Object.entries(damages))('%s', async (name, damage) => {
    const folder = folderOf(`damaged ${name}`);
    const { values } = await reference(folder);
    const file = await fileIn(folder);
    await copyFile(file, path.join(base, 'whole'));
    await writeFile(file, damage(await readFile(file)));
    const again = await reference(folder);
    expect(again.source).toMatchObject({ kind: 'computed', damaged: expect.stringContaining(file) as string });
    expect(again.values).toEqual(values);
    expect(await readFile(file)).toEqual(await readFile(path.join(base, 'whole')));
  });
});

test('runs with different objectives use the same cache, and give the same numbers', async () => {
  const run = async (objective: string, referenceCache?: string) => {
    const fresh = await fromPretrained(path.join(goldenFolder, 'tiny-llama'));
    const sources: (ReferenceSource | undefined)[] = [];
    const trained = train(fresh, pairs, {
      objective,
      batchSize: 4,
      ...(referenceCache === undefined ? {} : { referenceCache }),
    });
    while ((await trained.next()).done !== true) sources.push(trained.referenceSource);
    return { kind: sources[0]?.kind, history: trained.history };
  };
  const folder = folderOf('runs');
  const plain = [await run('dpo'), await run('kto')];
  const cached = [await run('dpo', folder), await run('kto', folder)];
  expect(cached.map(({ kind }) => kind)).toEqual(['computed', 'cached']);
  expect(cached.map(({ history }) => history)).toEqual(plain.map(({ history }) => history));
});

test('a valid cache of another model is detected at the first step, and the error names the differences', async () => {
  const folder = folderOf('lying');
  const other = await fromPretrained(path.join(goldenFolder, 'tiny-llama'));
  other.parameters['lm_head.weight']!.assign(tf.zeros([64, 32]));
  await reference(folder);
  const mine = await fileIn(folder);
  await reference(folderOf('of the other'), other);
  await copyFile(await fileIn(folderOf('of the other')), mine);
  const run = train(model, pairs, { objective: 'dpo', batchSize: 4, referenceCache: folder, shuffle: false });
  await expect(run.next()).rejects.toThrow(
    /policy and reference must agree, but 8 of the first batch's 8 responses differ \(nats\): pair 1, chosen: policy -\d+\.\d{3}, reference -\d+\.\d{3}; /,
  );
});
