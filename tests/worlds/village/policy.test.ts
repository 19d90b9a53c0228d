/** The base policies in the repository, and the pretraining that makes them. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { miniatureWorld } from '../../../src/datasets/index.js';
import { fromPretrained } from '../../../src/model/index.js';
import { tf, useBackend } from '../../../src/tensor/index.js';
import {
  createWorld,
  hardPrompts,
  pretrain,
  score,
  untrainedPolicy,
  vocabulary,
} from '../../../src/worlds/village/index.js';

beforeAll(() => useBackend());

const sums = readFileSync(path.join(miniatureWorld.folder, 'SHA256SUMS'), 'utf8').trim().split('\n');

test('the weights are those of the checksums, one policy per world', () => {
  expect(sums).toHaveLength(miniatureWorld.worlds);
  for (const line of sums) {
    const [sum, file] = line.split(/\s+/) as [string, string];
    const bytes = readFileSync(path.join(miniatureWorld.folder, file));
    expect(createHash('sha256').update(bytes).digest('hex'), file).toBe(sum);
  }
});

describe.each(Array.from({ length: miniatureWorld.worlds }, (_, seed) => seed))('policy %i', (seed) => {
  test('knows about half of the hard questions of its world, and no other world', async () => {
    const policy = await fromPretrained(miniatureWorld.policy(seed));
    const scoreIn = async (worldSeed: number) => {
      const world = createWorld(worldSeed);
      const prompts = hardPrompts(world, 'validation', 160);
      return score(world, prompts, await policy.generate(prompts)).score;
    };
    const own = await scoreIn(seed);
    expect(own).toBeGreaterThan(40);
    expect(own).toBeLessThan(75);
    expect(await scoreIn(seed + 1)).toBeLessThan(own - 20);
    policy.dispose();
  });
});

test('a policy has 119,104 parameters and a tokenizer that gives every word its own token', () => {
  const policy = untrainedPolicy(0);
  expect(Object.values(policy.parameters).reduce((sum, { size }) => sum + size, 0)).toBe(119_104);
  expect(policy.tokenizer.encodeResponse(vocabulary.slice(3).join(' '))).toEqual([...vocabulary.keys()].slice(3));
  expect(policy.tokenizer.encodePrompt('price of tea ?')[0]).toBe(vocabulary.indexOf('<bos>'));
  policy.dispose();
});

test('pretraining learns, the same from the same seed, and leaves no tensor behind', async () => {
  const run = async () => {
    const policy = untrainedPolicy(1);
    const tensors = tf.memory().numTensors;
    const losses: number[] = [];
    for await (const { loss } of pretrain(policy, createWorld(1), { steps: 40, batchSize: 16, seed: 1 }))
      losses.push(loss);
    expect(tf.memory().numTensors).toBe(tensors);
    policy.dispose();
    return losses;
  };
  const losses = await run();
  expect(losses[0]).toBeGreaterThan(Math.log(vocabulary.length) - 0.5);
  expect(losses.at(-1)).toBeLessThan(losses[0]! - 1);
  expect(await run()).toEqual(losses);
});
