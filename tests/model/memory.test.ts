/** Loading and saving need little more memory than the weights: the peak resident memory of a process that does both. */
import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parameterShapes, parseConfig, writeSafetensors } from '../../src/model/index.js';
import { packageRoot } from '../../src/core/packageRoot.js';
import { goldenFolder } from '../golden/read.js';

const compiled = pathToFileURL(path.join(packageRoot, 'dist/src/index.js')).href;
const small = path.join(goldenFolder, 'tiny-llama');

let folder: string;
let weightBytes = 0;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'apolab-memory-'));
  await cp(small, folder, { recursive: true });
  const given = JSON.parse(await readFile(path.join(small, 'config.json'), 'utf8')) as object;
  const size = { vocab_size: 20_000, hidden_size: 512, head_dim: 128, intermediate_size: 1536, num_hidden_layers: 8 };
  const text = JSON.stringify({ ...given, ...size });
  await writeFile(path.join(folder, 'config.json'), text);
  const tensors = Object.entries(parameterShapes(parseConfig(text, 'config.json'))).map(([name, shape]) => {
    const count = shape.reduce((product, length) => product * length, 1);
    weightBytes += 4 * count;
    return [name, { shape, read: () => Promise.resolve(new Float32Array(count).fill(0.01)) }] as const;
  });
  await writeSafetensors(path.join(folder, 'model.safetensors'), Object.fromEntries(tensors));
});
afterAll(() => rm(folder, { recursive: true }));

test('a model needs at most 1.6 times its weights to load, and at most twice its weights to load and save', () => {
  // The small model is loaded first, so that code and backend are not counted.
  const script = `
    import { models } from ${JSON.stringify(compiled)};
    const peak = () => 1024 * process.resourceUsage().maxRSS;
    await models.fromPretrained(${JSON.stringify(small)});
    const before = peak();
    const model = await models.fromPretrained(${JSON.stringify(folder)});
    const loaded = peak() - before;
    await model.save(${JSON.stringify(path.join(folder, 'saved'))});
    console.log(JSON.stringify({ loaded, saved: peak() - before }));
  `;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(child.stderr).toBe('');
  const { loaded, saved } = JSON.parse(child.stdout) as { loaded: number; saved: number };
  expect(weightBytes).toBeGreaterThan(1e8);
  expect(loaded / weightBytes).toBeLessThan(1.6);
  expect(saved / weightBytes).toBeLessThan(2);
});
