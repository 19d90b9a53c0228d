/** The fused kernels at every instruction set of this machine, each in a process of its own, as a process loads one. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { backends } from '../../src/tensor/index.js';
import { instructionSets, kernelsFile } from '../../src/tensor/tensorflowFiles.js';
import { packageRoot } from '../../src/core/packageRoot.js';

const module = (name: string) => JSON.stringify(pathToFileURL(path.join(packageRoot, 'dist/src/tensor', name)).href);

/** Prints whether the kernels are there, and the largest difference between fused and composed layers and gradients. */
const script = `
const { tf, useBackend } = await import(${module('index.js')});
const { fusedLayers, hasFusedKernels } = await import(${module('fusedLayers.js')});
const { composedLayers } = await import(${module('composedLayers.js')});
await useBackend('tensorflow');
const fused = hasFusedKernels();
let worst = 0;
const shapes = [[3, 5, 2], [64, 48, 96], [33, 257, 65]];
for (const [rows, width, out] of fused ? shapes : []) {
  const [x, gain, w] = [[rows, width], [width], [out, width]].map((shape, seed) => tf.randomNormal(shape, 0, 1, 'float32', seed));
  const layersOf = (layers) => {
    const f = (x, gain, w) => layers.linear(layers.swiGlu(layers.rmsNorm(x, gain, 1e-5), x), w);
    return [f(x, gain, w), ...tf.grads((...inputs) => tf.sum(tf.square(f(...inputs))))([x, gain, w])];
  };
  const [found, wanted] = [layersOf(fusedLayers), layersOf(composedLayers)];
  found.forEach((tensor, index) => {
    const size = tf.max(tf.abs(wanted[index])).dataSync()[0];
    worst = Math.max(worst, tf.max(tf.abs(tf.sub(tensor, wanted[index]))).dataSync()[0] / size);
  });
}
console.log(JSON.stringify({ fused, worst }));
process.exit();`;

function runWith(instructionSet: string) {
  const env = { ...process.env, APOLAB_INSTRUCTION_SET: instructionSet, APOLAB_BACKEND: 'tensorflow' };
  const args = ['--input-type=module', '-e', script];
  return spawnSync(process.execPath, args, { cwd: packageRoot, env, encoding: 'utf8' });
}

describe.skipIf(!backends.tensorflow.isInstalled())('the kernels', () => {
  const built = () => readdirSync(path.dirname(kernelsFile(''))).filter((name) => /^kernels-.*\.node$/.test(name));

  test('of this processor were compiled', () => {
    expect(built()).toEqual(expect.arrayContaining(instructionSets().map((name) => path.basename(kernelsFile(name)))));
  });

  test.each(instructionSets())('for %s agree with the composed layers, with their gradients', (name) => {
    const { stdout, stderr } = runWith(name);
    expect(stderr).toBe('');
    const { fused, worst } = JSON.parse(stdout) as { fused: boolean; worst: number };
    expect(fused).toBe(true);
    expect(worst).toBeLessThan(2e-5);
  });

  test('are not loaded with none', () => {
    expect(JSON.parse(runWith('none').stdout)).toEqual({ fused: false, worst: 0 });
  });

  test('of an instruction set that the processor lacks are refused', () => {
    const { status, stderr } = runWith('sse9');
    expect(status).toBe(1);
    expect(stderr).toContain("'sse9' is not a known instruction set of this processor.");
  });
});
