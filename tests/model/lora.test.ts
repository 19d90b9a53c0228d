/** LoRA adapters against PEFT: loaded, merged and saved again, they compute the same logits and gradients. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  addAdapter,
  fromPretrained,
  loadAdapter,
  mergeAdapter,
  readSafetensors,
  referenceParameters,
  saveAdapter,
  writeSafetensors,
  type AdapterTarget,
  type LanguageModel,
} from '../../src/model/index.js';
import { targetLogProbs, tf } from '../../src/tensor/index.js';
import { goldenFolder, readGolden } from '../golden/read.js';

const golden = readGolden<{
  adapters: Record<string, { base: string; ids: number[]; loss: number; logits: number[][] }>;
}>('lora.json');
const adapterFolder = (name: string) => path.join(goldenFolder, 'adapters', name);
const baseOf = (name: string) => fromPretrained(path.join(goldenFolder, golden.adapters[name]!.base));

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'apolab-lora-'));
});
afterAll(() => rm(scratch, { recursive: true }));

function logitsOf(model: LanguageModel, ids: readonly number[]): Float32Array {
  const found = model.logits(ids);
  const values = found.dataSync<'float32'>();
  found.dispose();
  return values;
}

const worst = (found: Float32Array, expected: ArrayLike<number>) =>
  found.reduce((most, value, index) => Math.max(most, Math.abs(value - expected[index]!)), 0);

describe.each(Object.entries(golden.adapters))('%s', (name, { ids, logits: expected, loss }) => {
  let base: LanguageModel;
  let model: LanguageModel;
  beforeAll(async () => {
    base = await baseOf(name);
    model = await loadAdapter(base, adapterFolder(name));
  });
  afterAll(() => model.dispose());

  test('logits equal PEFT within 1e-4, and those of the base do not', () => {
    expect(worst(logitsOf(model, ids), expected.flat())).toBeLessThan(1e-4);
    expect(worst(logitsOf(base, ids), expected.flat())).toBeGreaterThan(0.1);
  });

  test('gradients of the adapter equal PEFT within 1e-4 of the largest, and nothing else is trained', async () => {
    const length = ids.length;
    const gradientGolden = await readSafetensors(path.join(goldenFolder, 'adapters', `${name}-gradients.safetensors`));
    expect(Object.keys(model.trainable).sort()).toEqual(Object.keys(gradientGolden).sort());
    const { value, grads } = tf.variableGrads(() => {
      const scores = tf.slice(model.logits(ids), 0, length - 1);
      return tf.sum<tf.Scalar>(tf.neg(targetLogProbs(scores, tf.tensor1d(ids.slice(1), 'int32'))));
    }, Object.values(model.trainable));
    expect(Math.abs(value.dataSync()[0]! - loss)).toBeLessThan(1e-4 * Math.abs(loss));
    for (const [key, variable] of Object.entries(model.trainable)) {
      const { values } = gradientGolden[key]!;
      const largest = worst(new Float32Array(values.length), values);
      expect(worst(grads[variable.name]!.dataSync<'float32'>(), values)).toBeLessThan(1e-4 * Math.max(1, largest));
    }
    tf.dispose([value, grads]);
  });

  test('merged into the weights, saved with them or saved alone and loaded again, it computes the same', async () => {
    const merged = mergeAdapter(model);
    expect(merged.adapter).toBeUndefined();
    expect(Object.keys(merged.parameters)).toEqual(Object.keys(base.parameters));
    expect(worst(logitsOf(merged, ids), expected.flat())).toBeLessThan(1e-4);
    await model.save(path.join(scratch, name, 'whole'));
    const whole = await fromPretrained(path.join(scratch, name, 'whole'));
    expect(logitsOf(whole, ids)).toEqual(logitsOf(merged, ids));
    await saveAdapter(model, path.join(scratch, name, 'alone'));
    const again = await loadAdapter(base, path.join(scratch, name, 'alone'));
    expect(again.adapter).toEqual(model.adapter);
    expect(logitsOf(again, ids)).toEqual(logitsOf(model, ids));
    whole.dispose();
    tf.dispose(Object.values(again.trainable));
    const shared = new Set(Object.values(base.parameters));
    tf.dispose(Object.values(merged.parameters).filter((tensor) => !shared.has(tensor)));
  });

  test('the reference is the base', () => {
    expect(referenceParameters(base)).toBeUndefined();
    expect(referenceParameters(model)).toEqual(base.parameters);
  });
});

describe('a fresh adapter', () => {
  test('changes nothing until it is trained, depends on the seed only, and has the given targets', async () => {
    const base = await baseOf('rslora');
    const { ids } = golden.adapters.rslora!;
    const options = { rank: 2, targets: ['q_proj', 'up_proj'] as const, seed: 5 };
    const model = addAdapter(base, options);
    expect(logitsOf(model, ids)).toEqual(logitsOf(base, ids));
    expect(Object.keys(model.trainable)).toHaveLength(2 * 2 * model.config.layers);
    expect(model.adapter).toEqual({ rank: 2, alpha: 4, rankStabilized: false });
    const first = 'base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight';
    const values = (of: LanguageModel) => of.parameters[first]!.dataSync();
    expect(values(addAdapter(base, options))).toEqual(values(model));
    expect(values(addAdapter(base, { ...options, seed: 6 }))).not.toEqual(values(model));
    const bound = 1 / Math.sqrt(model.config.hiddenSize);
    expect(Math.max(...values(model))).toBeLessThanOrEqual(bound);
    expect(Math.min(...values(model))).toBeLessThan(-bound / 2);
    model.dispose();
  });

  test('is refused with the reason if it cannot be added', async () => {
    const base = await baseOf('rslora');
    const typo = ['k_porj'] as unknown as AdapterTarget[];
    expect(() => addAdapter(base, { targets: typo })).toThrow(/'k_porj' is not a known target.*did you mean 'k_proj'/);
    expect(() => addAdapter(base, { rank: 0 })).toThrow(/rank is 0/);
    expect(() => addAdapter(addAdapter(base), {})).toThrow(/already has an adapter; merge it first/);
    expect(() => mergeAdapter(base)).toThrow(/no adapter/);
    await expect(saveAdapter(base, scratch)).rejects.toThrow(/no adapter; save the model itself/);
    base.dispose();
  });
});

describe('a folder that is not an adapter of the model is refused with the reason', () => {
  const broken = async (change: (folder: string) => Promise<unknown>) => {
    const folder = await mkdtemp(path.join(scratch, 'broken-'));
    await cp(adapterFolder('lora'), folder, { recursive: true });
    await change(folder);
    return loadAdapter(await baseOf('lora'), folder);
  };
  const set = (fields: object) => async (folder: string) => {
    const file = path.join(folder, 'adapter_config.json');
    await writeFile(file, JSON.stringify({ ...(JSON.parse(await readFile(file, 'utf8')) as object), ...fields }));
  };
  const rename = (from: string, to: string | undefined) => async (folder: string) => {
    const file = path.join(folder, 'adapter_model.safetensors');
    const tensors = Object.entries(await readSafetensors(file));
    const renamed = tensors.flatMap(([name, tensor]) =>
      name !== from ? [[name, tensor] as const] : to === undefined ? [] : [[to, tensor] as const],
    );
    await writeSafetensors(file, Object.fromEntries(renamed));
  };
  const a = 'base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight';

  test.each([
    [
      'no configuration',
      (folder: string) => rm(path.join(folder, 'adapter_config.json')),
      /has no adapter_config\.json/,
    ],
    ['another kind', set({ peft_type: 'IA3' }), /adapter_config\.json: peft_type is "IA3"/],
    ['DoRA', set({ use_dora: true }), /use_dora is true, expected it off/],
    ['different ranks', set({ rank_pattern: { q_proj: 2 } }), /rank_pattern is \{"q_proj":2\}/],
    ['a changed base', set({ init_lora_weights: 'pissa' }), /init_lora_weights is "pissa"/],
    ['another rank', set({ r: 5 }), /'.+lora_A\.weight' has shape \[4, \d+\], but the model and rank 5/],
    ['a missing half', rename(a, undefined), /has '.+q_proj\.lora_B\.weight' but no '.+q_proj\.lora_A\.weight'/],
    [
      'a tensor of another model',
      rename(a, a.replace('layers.0', 'layers.7')),
      /'.+layers\.7.+' belongs to no linear map/,
    ],
    ['an embedding', rename(a, 'base_model.model.model.embed_tokens.lora_A.weight'), /belongs to no linear map/],
  ])('%s', async (_, change, message) => {
    await expect(broken(change)).rejects.toThrow(message);
  });
});
