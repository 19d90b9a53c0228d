/** The fused kernels at every instruction set of this machine, each in a process of its own, as a process loads one. */
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
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

  test('of other sources are not loaded, and doctor and backend name the command that compiles them', () => {
    const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'apolab stale ')));
    try {
      for (const name of ['dist', 'src', 'node_modules', 'datasets', 'package.json', 'tsconfig.json'])
        symlinkSync(path.join(packageRoot, name), path.join(folder, name));
      const built = path.join(packageRoot, '.tensorflow');
      mkdirSync(path.join(folder, '.tensorflow'));
      for (const name of readdirSync(built))
        symlinkSync(path.join(built, name), path.join(folder, '.tensorflow', name));
      const record = path.join(folder, '.tensorflow/.apolab-tensorflow.json');
      const { sources, ...rest } = JSON.parse(readFileSync(record, 'utf8')) as { sources: string };
      rmSync(record);
      writeFileSync(record, JSON.stringify({ ...rest, sources: `other than ${sources}` }));
      const env = { ...process.env, APOLAB_INSTRUCTION_SET: '', APOLAB_BACKEND: 'tensorflow' };
      const links = ['--preserve-symlinks', '--preserve-symlinks-main'];
      const start = (...args: string[]) =>
        spawnSync(process.execPath, [...links, ...args], { cwd: folder, env, encoding: 'utf8' });
      const ran = start(
        '--input-type=module',
        '-e',
        script.replaceAll(pathToFileURL(packageRoot).href, pathToFileURL(folder).href),
      );
      expect(JSON.parse(ran.stdout)).toEqual({ fused: false, worst: 0 });
      const told = 'kernels were compiled from other sources than this version has. Compile them again: npm run setup';
      const command = (name: string) =>
        start(
          '--input-type=module',
          '-e',
          `const { main } = await import('${pathToFileURL(path.join(folder, 'dist/src/cli.js')).href}');
          await main(['${name}']); process.exit();`,
        );
      expect(command('backend').stderr).toContain(told);
      expect(command('doctor').stdout).toMatch(new RegExp(`SLOW kernels .*${told}`));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
