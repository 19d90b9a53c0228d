/** Estimates of memory against the peaks of real processes, and the sentence if something cannot fit. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { packageRoot } from '../../src/core/packageRoot.js';
import { addAdapter, fromPretrained, weightBytes, type LanguageModel } from '../../src/model/index.js';
import { activeBackend, backends, memoryCheckVariable, OutOfMemoryError, useBackend } from '../../src/tensor/index.js';
import { optimizerSettings, train } from '../../src/training/index.js';
import { trainingMemory } from '../../src/training/memory.js';
import { goldenFolder } from '../golden/read.js';

let model: LanguageModel;
beforeAll(async () => {
  await useBackend();
  model = await fromPretrained(path.join(goldenFolder, 'tiny-llama'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const pairs = [{ prompt: 'the a ', chosen: 'is it', rejected: 'so and' }];
const tokenized = [
  {
    prompt: [4, 5],
    responses: [
      [6, 7],
      [8, 9],
    ] as [number[], number[]],
  },
];
const settings = { batchSize: 8, gradientAccumulation: 1, optimizer: optimizerSettings('adamw') };

describe('the estimate of a run', () => {
  // VmHWM, the peak of a process, is Linux's.
  test.skipIf(process.platform !== 'linux').each([0, 8])(
    'is from 0.8 to 1.4 times the measured peak, with an adapter of rank %i',
    (rank) => {
      const script = path.join(packageRoot, 'tests/training/trainForMemory.mjs');
      const args = [script, path.join(packageRoot, 'dist/src'), activeBackend()!, String(rank)];
      const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      expect(stderr).toBe('');
      const { estimate, measured } = JSON.parse(stdout) as { estimate: number; measured: number };
      console.log(
        `${activeBackend()}, rank ${rank}: ${(estimate / 1e6).toFixed(0)} MB, measured ${(measured / 1e6).toFixed(0)} MB`,
      );
      expect(measured).toBeGreaterThan(1.5e8);
      expect(estimate / measured).toBeGreaterThan(0.8);
      expect(estimate / measured).toBeLessThan(1.4);
    },
  );

  test('has gradients and two running values of what is trained only', () => {
    const weights = weightBytes(model.config);
    const full = trainingMemory({ model, tokenized, settings, needsKl: true });
    expect(full).toMatchObject({
      "the optimizer's running values": 2 * weights,
      gradients: weights,
      "the reference's weights": weights,
    });
    const adapted = addAdapter(model, { rank: 1, targets: ['q_proj'] });
    const { hiddenSize, heads, headSize, layers } = model.config;
    const trained = 4 * layers * (hiddenSize + heads * headSize);
    expect(trainingMemory({ model: adapted, tokenized, settings, needsKl: true })).toMatchObject({
      "the optimizer's running values": 2 * trained,
      gradients: trained,
      "the reference's weights": 0,
    });
  });

  test('counts a second set of gradients if they are accumulated, and one running value for RMSprop', () => {
    const optimizer = optimizerSettings('rmsprop');
    const need = trainingMemory({
      model,
      tokenized,
      settings: { ...settings, gradientAccumulation: 4, optimizer },
      needsKl: false,
    });
    const weights = weightBytes(model.config);
    expect(need).toMatchObject({ "the optimizer's running values": weights, gradients: 2 * weights });
  });
});

describe('a run that does not fit', () => {
  /** The backend with this many bytes left. */
  const leave = (bytes: number) =>
    vi.spyOn(backends[activeBackend()!], 'freeMemory').mockReturnValue({ bytes, of: "this machine's memory" });
  /** The model as if its vocabulary were larger: the estimate is above 64 MB, from which on it is compared. */
  const large = () => {
    const config = { ...model.config, vocabularySize: 2 ** 19 };
    return Object.assign(Object.create(model) as LanguageModel, { config });
  };
  const firstStep = (options = {}) => train(large(), pairs, { objective: 'dpo', batchSize: 1, ...options }).next();

  test('is refused in a sentence with the need, what is left, and the ways out', async () => {
    leave(5e7);
    const error = await firstStep().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OutOfMemoryError);
    const { message } = error as OutOfMemoryError;
    expect(message).toMatch(
      /^Training this model needs about \d+ MB \(a step with 1 pair of up to \d+ tokens \d+ MB, /,
    );
    expect(message).toContain(`but the backend '${activeBackend()}' has 50 MB left of this machine's memory. Use `);
    expect(message).toContain(`${memoryCheckVariable}=off starts it nevertheless.`);
    expect(message.includes('npx apolab backend tensorflow')).toBe(activeBackend() === 'wasm');
  });

  test('is started if the check is off', async () => {
    leave(5e7);
    vi.stubEnv(memoryCheckVariable, 'off');
    // The parameters still have the small vocabulary, so the step works.
    expect((await firstStep()).done).toBe(false);
  });

  test('is started if it fits, and if the backend does not know its memory', async () => {
    leave(1e12);
    expect((await firstStep()).done).toBe(false);
    vi.spyOn(backends[activeBackend()!], 'freeMemory').mockReturnValue(undefined);
    expect((await firstStep()).done).toBe(false);
  });
});
