/** Set-up's optional step: without TensorFlow's wheel everything else works, and one line gives the reason, once. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createMiniature, launch } from './miniature.js';

const supported = ['linux-x64', 'linux-arm64', 'darwin-arm64'].includes(`${process.platform}-${process.arch}`);

describe.skipIf(!supported)('if the wheel cannot be reached', () => {
  const folder = createMiniature({ tensorFlow: true });
  afterAll(() => rmSync(folder, { recursive: true }));
  // A port on which nothing listens, and no settings of this machine for pip.
  const env = { PIP_INDEX_URL: 'http://127.0.0.1:9/simple', PIP_EXTRA_INDEX_URL: '', PIP_CONFIG_FILE: os.devNull };
  const record = path.join(folder, '.tensorflow/.apolab-tensorflow.json');

  test('the command runs, after one line that says why and what happens instead', async () => {
    const { code, stdout, stderr } = await launch(folder, ['hello'], env);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'ran hello\n' });
    const reported = stderr.split('\n').filter((line) => line.includes('wasm'));
    expect(reported).toHaveLength(1);
    expect(reported[0]).toMatch(
      /package registry cannot be reached.*Tensors run on wasm instead\. To try again: npx apolab backend tensorflow$/,
    );
    expect(JSON.parse(readFileSync(record, 'utf8'))).toMatchObject({
      ready: false,
      reason: expect.stringContaining('package registry cannot be reached') as string,
    });
    expect(existsSync(path.join(folder, '.tensorflow/tfjs_binding.node'))).toBe(false);
  });

  test('it is not tried again with every command', async () => {
    expect(await launch(folder, ['again'], env)).toEqual({ code: 0, stdout: 'ran again\n', stderr: '' });
  });

  test('as the command backend tensorflow it is tried again, and fails with the reason', async () => {
    const { code, stdout, stderr } = await launch(folder, ['backend', 'tensorflow'], env);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(
      'Building the TensorFlow backend into .tensorflow failed. The package registry cannot be reached.',
    );
  });
});
