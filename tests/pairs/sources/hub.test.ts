/** Datasets of the Hub by their id: fetched once, resumed after an interruption, and read offline afterwards. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApolabError } from '../../../src/core/errors.js';
import { readPairs, writePairs } from '../../../src/preference.js';
import { commit, startHub, type HubServer } from './hubServer.js';
import { drawPairs } from '../formats/pairsOfAnyKind.js';

const folder = await mkdtemp(path.join(tmpdir(), 'hub-'));
afterAll(() => rm(folder, { recursive: true }));
const pairs = drawPairs(11, 400);
const token = 'hf_aMarkedTokenThatNobodyMaySee';

const first = path.join(folder, 'first.parquet');
const second = path.join(folder, 'second.parquet');
await writePairs(first, pairs.slice(0, 200));
await writePairs(second, pairs.slice(200));
const names = ['data/train-00000-of-00002.parquet', 'data/train-00001-of-00002.parquet'] as const;
const files = {
  'README.md': Buffer.from('---\nlicense: mit\n---\n# A set\n'),
  [names[0]]: await readFile(first),
  [names[1]]: await readFile(second),
  'data/test-00000-of-00001.parquet': await readFile(first),
};

let hub: HubServer;
let cacheFolder: string;
beforeEach(async () => {
  hub = await startHub(files, [names[0]]);
  cacheFolder = await mkdtemp(path.join(folder, 'cache-'));
  vi.stubEnv('HF_HUB_OFFLINE', '');
  vi.stubEnv('HF_TOKEN', token);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
});
const read = (options = {}) => readPairs('owner/name', { hubUrl: hub.url, cacheFolder, ...options });
const snapshot = () => path.join(cacheFolder, 'datasets--owner--name', 'snapshots', commit);

describe('a dataset of the Hub', () => {
  it('is fetched once, only the requested split, and the token is sent only to the Hub', async () => {
    const progress: { bytes: number; totalBytes: number }[] = [];
    expect(await read({ onFetch: (event: (typeof progress)[number]) => progress.push(event) })).toEqual({
      pairs,
      skipped: [],
    });
    const size = files[names[0]].length + files[names[1]].length;
    expect(progress.at(-1)).toMatchObject({ bytes: size, totalBytes: size });
    expect(hub.requests.map((request) => request.split(' ')[0])).toEqual(['README.md', ...names]);
    expect([...hub.tokens]).toEqual([`Bearer ${token}`]);
    await read();
    expect(hub.requests).toHaveLength(3);
    // Hugging Face's own layout.
    expect(await readFile(path.join(cacheFolder, 'datasets--owner--name', 'refs', 'main'), 'utf8')).toBe(commit);
    expect(await readFile(path.join(snapshot(), names[0]))).toEqual(files[names[0]]);
    const all = await readdir(cacheFolder, { recursive: true, withFileTypes: true });
    for (const entry of all.filter((entry) => entry.isFile())) {
      expect(String(await readFile(path.join(entry.parentPath, entry.name)))).not.toContain(token);
    }
  });

  it('resumes after a broken connection, and fetches no byte twice', async () => {
    const size = files[names[0]].length;
    hub.breaks.push(30, Math.floor(size / 2), 1000);
    expect((await read()).pairs).toEqual(pairs);
    const starts = hub.requests.flatMap(
      (request) => new RegExp(`^${names[0]} (\\d+)-`).exec(request)?.slice(1).map(Number) ?? [],
    );
    expect(starts.length).toBeGreaterThan(2);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    expect(starts.at(-1)).toBeGreaterThan(size / 2);
  });

  it('resumes in the next run, and reports that a dataset is incomplete', async () => {
    const half = Math.floor(files[names[1]].length / 2);
    await mkdir(path.join(snapshot(), 'data'), { recursive: true });
    await writeFile(path.join(snapshot(), `${names[1]}.incomplete`), files[names[1]].subarray(0, half));
    expect((await read()).pairs).toEqual(pairs);
    expect(hub.requests).toContain(`${names[1]} ${half}-${files[names[1]].length - 1}`);
    await rm(path.join(snapshot(), names[1]));
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    await expect(read()).rejects.toThrow(`owner/name is in the cache without ${names[1]}`);
  });

  it('refuses and removes a damaged file', async () => {
    for (const name of names) {
      await rm(cacheFolder, { recursive: true, force: true });
      await mkdir(path.join(snapshot(), 'data'), { recursive: true });
      await writeFile(path.join(snapshot(), `${name}.incomplete`), Buffer.alloc(100));
      await expect(read(), name).rejects.toThrow(`${name} of owner/name came damaged`);
      expect(
        (await readdir(path.join(snapshot(), 'data'))).filter((file) => file.startsWith(path.basename(name))),
      ).toEqual([]);
      expect((await read()).pairs).toEqual(pairs);
    }
  });

  it('is read offline once it is fetched, by setting or without a network', async () => {
    await read();
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    const before = hub.requests.length;
    expect((await read()).pairs).toEqual(pairs);
    await expect(read({ split: 'test' })).rejects.toThrow('is in the cache without data/test-00000-of-00001.parquet');
    expect(hub.requests).toHaveLength(before);
    vi.stubEnv('HF_HUB_OFFLINE', '');
    hub.status = 503;
    expect((await read()).pairs).toEqual(pairs);
    await hub.close();
    expect((await read()).pairs).toEqual(pairs);
  });

  it("is read from the cache of Python's libraries", async () => {
    await mkdir(path.join(snapshot(), 'data'), { recursive: true });
    await mkdir(path.join(cacheFolder, 'datasets--owner--name', 'refs'));
    await writeFile(path.join(cacheFolder, 'datasets--owner--name', 'refs', 'main'), commit);
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    vi.stubEnv('HF_HUB_CACHE', cacheFolder);
    await writeFile(path.join(snapshot(), names[0]), files[names[0]]);
    await expect(readPairs('owner/name')).rejects.toThrow('owner/name has 1 of the 2 files');
    await writeFile(path.join(snapshot(), names[1]), files[names[1]]);
    expect((await readPairs('owner/name')).pairs).toEqual(pairs);
    expect((await readPairs('hf://datasets/owner/name')).pairs).toEqual(pairs);
    expect((await readPairs(`hf://datasets/owner/name@${commit}`)).pairs).toEqual(pairs);
  });

  it.each([
    [401, 'The Hub has no dataset owner/name for you. Check its name. Set HF_TOKEN'],
    [403, 'You may not read owner/name of the Hub. Accept its conditions'],
    [404, 'The Hub has no dataset owner/name with a revision main'],
  ])('explains a refusal and what to do (%i), without the token', async (status, message) => {
    hub.status = status;
    const error = await read().catch((error: unknown) => error as Error);
    expect(error).toBeInstanceOf(ApolabError);
    const { message: said, stack } = error as Error;
    expect(said).toContain(message);
    expect(`${said}${stack}${String((error as Error).cause)}`).not.toContain(token);
    expect(said).not.toContain('secret');
  });

  it('explains what to do if there is neither network nor copy', async () => {
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    await expect(read()).rejects.toThrow(
      "is not in the cache and can't be fetched now (HF_HUB_OFFLINE is set). Connect to",
    );
    vi.stubEnv('HF_HUB_OFFLINE', '');
    await hub.close();
    await expect(read()).rejects.toThrow(
      "(the Hub can't be reached: ECONNREFUSED). Connect to a network, copy its folder",
    );
  });

  it('refuses an invalid token without showing it', async () => {
    vi.stubEnv('HF_TOKEN', 'sk-another-secret');
    await expect(read()).rejects.toThrow("HF_TOKEN is not a token of the Hub: those start with 'hf_'.");
  });

  it('is not confused with a path in an existing folder', async () => {
    const place = path.join(folder, 'results');
    await mkdir(place);
    vi.spyOn(process, 'cwd').mockReturnValue(folder);
    const missing = path.relative(process.cwd(), path.join(place, 'pairs'));
    expect(existsSync(path.join(place, 'pairs'))).toBe(false);
    await expect(readPairs(path.join(folder, missing))).rejects.toThrow('There is no file');
    vi.restoreAllMocks();
    expect(hub.requests).toEqual([]);
  });
});
