/** Pairs files from a shell: converted, validated, and compared with a test set, each command in its own process. */
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/core/packageRoot.js';
import { readPairs } from '../../src/preference.js';
import { goldenFolder } from '../golden/read.js';
import { startHub } from '../pairs/sources/hubServer.js';
import { launch, startLaunch } from '../setup/miniature.js';

const apolab = (...args: string[]) => launch(packageRoot, args);
const folder = await mkdtemp(path.join(os.tmpdir(), 'apolab-convert-'));
const place = (name: string) => path.join(folder, name);
const paper = path.join(goldenFolder, 'pair-files', 'paper.parquet');
const pairs = Array.from({ length: 1000 }, (_, row) => ({ prompt: `p ${row}`, chosen: `a ${row % 7}`, rejected: 'b' }));
const lines = (rows: readonly unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

beforeAll(() => launch(packageRoot, ['setup']));
afterAll(() => rm(folder, { recursive: true }));

describe('apolab convert', () => {
  it("turns the paper's Parquet into JSONL and CSV, and back, without a difference", async () => {
    for (const [from, to] of [
      [paper, place('paper.jsonl')],
      [place('paper.jsonl'), place('paper.csv')],
      [place('paper.csv'), place('paper.parquet')],
    ] as const) {
      const { code, stdout, stderr } = await apolab('convert', from, to);
      expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `${to}: 24 pairs of 24 rows\n`, stderr: '' });
    }
    expect(await readPairs(place('paper.parquet'))).toEqual(await readPairs(paper));
  });

  it('keeps skipped rows, leaves out duplicates if told to, and shows its progress', async () => {
    await writeFile(place('in.jsonl'), `${lines([...pairs, pairs[0]])}{"prompt": "?"}\n`);
    const out = place('out.parquet');
    const { code, stdout, stderr } = await apolab(
      'convert',
      place('in.jsonl'),
      out,
      '--deduplicate',
      '--form',
      'conversational',
    );
    expect(code).toBe(0);
    expect(stdout).toBe(`${out}: 1000 pairs of 1002 rows, 1 duplicates left out\n`);
    expect(stderr).toMatch(/^converting \d+ {2}.+\/s {2}/m);
    expect(stderr).toContain(`1 row skipped; each with its reason in ${out}.skipped.jsonl\n`);
    expect(JSON.parse(await readFile(`${out}.skipped.jsonl`, 'utf8'))).toMatchObject({
      row: 1002,
      values: { prompt: '?' },
    });
    expect((await readPairs(out)).pairs[999]!.conversation).toEqual([{ role: 'user', content: 'p 999' }]);
    const again = await apolab('convert', place('in.jsonl'), place('out.csv'), '--json');
    expect(JSON.parse(again.stdout)).toEqual({
      rows: 1002,
      pairs: 1001,
      skipped: 1,
      duplicates: 0,
      skippedFile: place('out.csv.skipped.jsonl'),
    });
  });

  it('fetches a split of a dataset of the Hub, whose token no stream and no file shows', async () => {
    const token = 'hf_aMarkedTokenThatNobodyMaySee';
    const content = Buffer.from(lines(pairs.slice(0, 3)));
    const hub = await startHub(
      { 'data/train-00000-of-00001.jsonl': content, 'data/test-00000-of-00001.jsonl': content },
      [],
    );
    const cache = place('cache');
    const environment = { HF_ENDPOINT: hub.url, HF_TOKEN: token, HF_HUB_CACHE: cache, HF_HUB_OFFLINE: '0' };
    const withHub = (more: NodeJS.ProcessEnv, ...args: string[]) =>
      launch(packageRoot, ['convert', ...args], { ...environment, ...more });
    try {
      const fetched = await withHub({}, 'owner/name', place('hub'), '--split', 'test');
      expect(fetched).toMatchObject({ code: 0, stdout: `${place('hub')}: 3 pairs of 3 rows\n` });
      hub.status = 403;
      const refused = await withHub({}, 'owner/name', place('hub'), '--split', 'train');
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain('apolab: You may not read owner/name of the Hub.');
      const offline = await withHub({ HF_HUB_OFFLINE: '1' }, 'owner/other', place('hub'));
      expect(offline.code).toBe(1);
      expect(offline.stderr).toContain('is not in the cache');
      expect([...hub.tokens]).toEqual([`Bearer ${token}`]);
      for (const { stdout, stderr } of [fetched, refused, offline]) expect(stdout + stderr).not.toContain(token);
      for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        expect(await readFile(path.join(entry.parentPath, entry.name), 'latin1'), entry.name).not.toContain(token);
      }
    } finally {
      await hub.close();
    }
    expect(await readdir(place('hub/data'))).toEqual(['test-00000-of-00001.parquet']);
  });

  it('leaves nothing beside the target if it is stopped', async () => {
    const busy = place('busy');
    await mkdir(busy);
    await writeFile(path.join(busy, 'in.jsonl'), lines(Array.from({ length: 300 }, () => pairs).flat()));
    const { child, outcome } = startLaunch(packageRoot, [
      'convert',
      path.join(busy, 'in.jsonl'),
      path.join(busy, 'out.parquet'),
    ]);
    while (!(await readdir(busy)).some((name) => name.endsWith('.part'))) {
      expect(child.exitCode, 'it was stopped before its end').toBeNull();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    child.kill('SIGINT');
    const { code, stderr } = await outcome;
    expect(code).toBe(1);
    expect(stderr).toContain('out.parquet is as it was before.');
    expect(await readdir(busy)).toEqual(['in.jsonl']);
  });

  it.each([
    [['convert', 'missing.jsonl', 'out.jsonl'], 'apolab: There is no file missing.jsonl.'],
    [['convert', paper, 'out.xlsx'], 'apolab: out.xlsx has no ending of a known format.'],
    [['convert', paper, 'out.jsonl', '--form', 'chat'], 'Allowed choices are as-is, standard, conversational.'],
  ])('says what is wrong with %j', async (args, message) => {
    const { code, stderr } = await apolab(...args);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });
});

describe('apolab validate', () => {
  it('gives row, column and fix, and ends with 1 if a file has faults', async () => {
    await writeFile(place('faulty.csv'), 'prompt,chosen,rejected\na,b,b\nq,r,s\nq,r\n');
    const { code, stdout } = await apolab('validate', place('faulty.csv'), paper);
    expect(code).toBe(1);
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      `${place('faulty.csv')}: 1 pairs of 3 rows, 2 faults, 0 warnings`,
      '  fault    row 2, column "rejected": "chosen" and "rejected" are equal, which prefers nothing; change one or remove the row',
      '  fault    row 4: has 2 cells, but the first row names 3 columns; quote cells that hold a delimiter, a quote or a line break',
    ]);
    expect(stdout).toContain(`${paper}: 24 pairs of 24 rows, 0 faults, 1 warning\n  warning  partial_rationales: `);
    const json = await apolab('validate', place('faulty.csv'), '--json');
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      file: place('faulty.csv'),
      rows: 3,
      pairs: 1,
      faults: [{ row: 2, column: 'rejected' }, { row: 4 }],
    });
  });

  it('ends with 0 if there are only warnings, and finds the prompts of a test set', async () => {
    await writeFile(place('train.jsonl'), lines(pairs));
    await writeFile(place('test.txt'), 'something else\nP 17!\n');
    const { code, stdout } = await apolab('validate', place('train.jsonl'), '--against', place('test.txt'));
    expect(code).toBe(0);
    expect(stdout).toContain('length_bias: the chosen response is the longer one in 1000 of 1000 pairs');
    expect(stdout).toContain(`contamination: 1 of 2 prompts of ${place('test.txt')} are in the rows`);
    expect(stdout).toContain('its row 2 is the prompt of row 18');
  });
});
