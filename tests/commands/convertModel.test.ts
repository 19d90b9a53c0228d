/** `apolab convert-model`: the folder is the model of the GGUF file, whole or not there. */
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, truncate, copyFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/core/packageRoot.js';
import { openModel } from '../../src/model/fromPretrained.js';
import { goldenFolder } from '../golden/read.js';
import { launch } from '../setup/miniature.js';

const scratch = await mkdtemp(path.join(os.tmpdir(), 'apolab-convert-model-'));
const apolab = (...args: string[]) => launch(packageRoot, ['convert-model', ...args]);
const gguf = (name: string) => path.join(goldenFolder, 'gguf', `${name}.gguf`);
const place = (name: string) => path.join(scratch, name);

beforeAll(() => launch(packageRoot, ['setup']));
afterAll(() => rm(scratch, { recursive: true }));

describe('apolab convert-model', () => {
  it.each(['llama', 'llama3', 'mistral', 'qwen2', 'qwen3', 'smollm3'])(
    '%s has the same weights and ids',
    async (name) => {
      const { code, stdout, stderr } = await apolab(gguf(name), place(name));
      expect({ code, stderr: stderr.replace(/^converting .*\n/gm, '') }).toEqual({ code: 0, stderr: '' });
      const [before, after] = [await openModel(gguf(name)), await openModel(place(name))];
      expect(stdout).toMatch(`${place(name)}: ${before.checkpoint.tensors.size} tensors, `);
      expect({ ...after.config, source: '' }).toEqual({ ...before.config, source: '' });
      expect([...after.checkpoint.tensors.keys()]).toEqual([...before.checkpoint.tensors.keys()]);
      for (const tensor of before.checkpoint.tensors.keys()) {
        expect(await after.checkpoint.read(tensor)).toEqual(await before.checkpoint.read(tensor));
      }
      const text = "It's 12 o'clock,  <think> naïve 🙂\n";
      expect(after.tokenizer.encode(text)).toEqual(before.tokenizer.encode(text));
      expect(after.tokenizer.files.config.chat_template).toBe(before.tokenizer.files.config.chat_template);
      await Promise.all([before.checkpoint.close(), after.checkpoint.close()]);
    },
  );

  it('refuses a folder that exists and a damaged file, and leaves nothing', async () => {
    const exists = await apolab(gguf('llama'), scratch, '--json');
    expect(exists).toMatchObject({ code: 1, stdout: '' });
    expect(exists.stderr).toContain(`${scratch} exists already`);
    await copyFile(gguf('llama'), place('cut.gguf'));
    await truncate(place('cut.gguf'), 30_000);
    const cut = await apolab(place('cut.gguf'), place('cut'));
    expect(cut.code).toBe(1);
    expect(cut.stderr).toContain('cut short');
    expect(existsSync(place('cut'))).toBe(false);
    expect(readdirSync(scratch).filter((name) => name.includes('.part'))).toEqual([]);
  });
});
