/** Which backend runs: the one that a call names, the one that APOLAB_BACKEND names, or the fastest that is installed. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/core/packageRoot.js';
import { activeBackend, backendIds, backends, describeBackend, tf, useBackend } from '../../src/tensor/index.js';

beforeAll(() => useBackend());

const compiled = pathToFileURL(path.join(packageRoot, 'dist/src/tensor/index.js')).href;

/** Runs a script in a process of its own, with the given APOLAB_BACKEND. */
function inProcess(script: string, backend?: string) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'APOLAB_BACKEND'));
  const source = `import { activeBackend, describeBackend, tf, useBackend } from ${JSON.stringify(compiled)};\n${script}`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', source], {
    encoding: 'utf8',
    env: { ...env, ...(backend === undefined ? {} : { APOLAB_BACKEND: backend }) },
  });
}

const fastest = backendIds.find((id) => backends[id].isInstalled())!;

test('by default the fastest installed backend runs, and prints nothing', () => {
  const { stdout, stderr } = inProcess('console.log(await useBackend());');
  expect({ stdout, stderr }).toEqual({ stdout: `${fastest}\n`, stderr: '' });
});

test('APOLAB_BACKEND chooses for a session, and a name for a call', () => {
  expect(inProcess('console.log(await useBackend());', 'wasm').stdout).toBe('wasm\n');
  expect(inProcess(`console.log(await useBackend('wasm'), await useBackend());`, fastest).stdout).toBe('wasm wasm\n');
});

test('an unknown name is refused, and the known ones are listed', async () => {
  await expect(useBackend('wams')).rejects.toThrow(
    "'wams' is not a known backend; did you mean 'wasm'? Known: tensorflow, wasm.",
  );
  await expect(useBackend('toString')).rejects.toThrow(/Known: tensorflow, wasm\./);
  expect(inProcess('await useBackend();', 'cuda').stderr).toContain("'cuda' is not a known backend");
});

describe.skipIf(!backends.tensorflow.isInstalled())('tensorflow', () => {
  test('has version 2.21 or newer, and describes its device', () => {
    const { stdout } = inProcess(`await useBackend('tensorflow'); console.log(describeBackend());`);
    const [, version, device] = /^tensorflow (\d+\.\d+)\.\d+ on (GPU|CPU, \d+ threads?)\n$/.exec(stdout) ?? [];
    expect(Number(version)).toBeGreaterThanOrEqual(2.21);
    expect(device).toBeDefined();
  });

  test('takes over tensors that another backend made', () => {
    const script = `
      await useBackend('wasm');
      const x = tf.tensor1d([1, 2, 3]);
      await useBackend('tensorflow');
      console.log(tf.sum(tf.square(x)).dataSync()[0], activeBackend());`;
    expect(inProcess(script).stdout).toBe('14 tensorflow\n');
  });

  test('standard error is as before once it is loaded', () => {
    const { stderr } = inProcess(`await useBackend('tensorflow'); console.error('heard');`);
    expect(stderr).toBe('heard\n');
  });
});

test('the backend that runs here describes itself', () => {
  expect(describeBackend()).toMatch(new RegExp(`^${activeBackend()} \\d+\\.\\d+\\.\\d+ on `));
  expect(tf.getBackend()).toBe(activeBackend());
});
