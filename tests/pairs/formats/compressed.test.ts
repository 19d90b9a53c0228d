/** Text formats compressed with gzip, JSON lists, and Python's numbers that are not JSON. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { ApolabError } from '../../../src/core/errors.js';
import {
  collect,
  convertPairs,
  formatSkipped,
  readPairs,
  readPrompts,
  streamPairs,
  validatePairs,
  writePairs,
} from '../../../src/preference.js';
import { drawPairs } from './pairsOfAnyKind.js';

const folder = await mkdtemp(path.join(tmpdir(), 'compressed-'));
afterAll(() => rm(folder, { recursive: true }));
const place = (name: string) => path.join(folder, name);
async function fileOf(name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(place(name), content);
  return place(name);
}

const rows = Array.from({ length: 5 }, (_, index) => ({
  prompt: `question ${index} ?`,
  chosen: ` "yes", [${index}] {x} \\ é 😀`,
  rejected: ` no ]`,
}));
const jsonl = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const csv = `prompt,chosen,rejected\na ?,"b, c",d\ne ?,"f\ng",h\n`;

describe('gzip', () => {
  it.each([
    ['pairs.jsonl.gz', gzipSync(jsonl)],
    ['pairs.json.gz', gzipSync(JSON.stringify(rows))],
    ['pairs.ndjson.GZ', gzipSync(jsonl)],
    ['a name without an ending', gzipSync(jsonl)],
    ['two members.jsonl.gz', Buffer.concat([gzipSync(jsonl.slice(0, 100)), gzipSync(jsonl.slice(100))])],
  ])('reads %s', async (name, bytes) => {
    const { pairs, skipped } = await readPairs(await fileOf(name, bytes));
    expect(skipped).toEqual([]);
    expect(pairs).toEqual(rows);
  });

  it('reads CSV and TSV, and prompts of plain text', async () => {
    const table = await readPairs(await fileOf('pairs.csv.gz', gzipSync(csv)));
    expect(table.pairs).toEqual([
      { prompt: 'a ?', chosen: 'b, c', rejected: 'd' },
      { prompt: 'e ?', chosen: 'f\ng', rejected: 'h' },
    ]);
    const tabs = 'prompt\tchosen\trejected\na ?\tb\tc\n';
    expect((await readPairs(await fileOf('pairs.tsv.gz', gzipSync(tabs)))).pairs).toHaveLength(1);
    expect((await readPrompts(await fileOf('prompts.txt.gz', gzipSync('why ?\nhow ?\n')))).prompts).toEqual([
      'why ?',
      'how ?',
    ]);
  });

  it.each(['out.jsonl.gz', 'out.csv.gz', 'out.tsv.gz', 'out.json.gz'])('writes %s', async (name) => {
    const pairs = drawPairs(3, 40);
    await writePairs(place(name), pairs);
    expect((await readFile(place(name))).readUInt16BE(0)).toBe(0x1f8b);
    expect((await readPairs(place(name))).pairs).toEqual(pairs);
    const plain = place(name.slice(0, -3));
    await writePairs(plain, pairs);
    expect(gunzipSync(await readFile(place(name))).equals(await readFile(plain))).toBe(true);
  });

  it('is read from a dataset folder, in shards', async () => {
    await mkdir(place('set/data'), { recursive: true });
    for (const shard of [0, 1]) {
      await writeFile(place(`set/data/train-0000${shard}-of-00002.jsonl.gz`), gzipSync(jsonl));
    }
    expect((await readPairs(place('set'))).pairs).toEqual([...rows, ...rows]);
  });

  it('says how many bytes of the file are read', async () => {
    const file = await fileOf('progress.jsonl.gz', gzipSync(jsonl));
    let last: readonly number[] = [];
    const read = await collect(streamPairs(file, { onProgress: (...bytes) => (last = bytes) }));
    expect(read).toHaveLength(5);
    expect(last[0]).toBe(last[1]);
  });

  it('that is cut off, or holds Parquet, is refused with what to do', async () => {
    const cut = await fileOf('cut.jsonl.gz', gzipSync(jsonl).subarray(0, 60));
    await expect(readPairs(cut)).rejects.toThrow(ApolabError);
    await expect(readPairs(cut)).rejects.toThrow('is not a complete gzip file');
    const parquet = place('inside.parquet');
    await writePairs(parquet, rows);
    const packed = await fileOf('inside.parquet.gz', gzipSync(await readFile(parquet)));
    await expect(readPairs(packed)).rejects.toThrow(`Unpack it first: gunzip --keep ${packed}`);
    await expect(writePairs(place('new.parquet.gz'), rows)).rejects.toThrow('Parquet files are compressed already');
  });
});

describe('a JSON list', () => {
  it.each([
    ['on one line', JSON.stringify(rows)],
    ['over many lines', JSON.stringify(rows, null, 2)],
    ['one object per line', `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`],
    ['with a byte order mark and CRLF', `\uFEFF\r\n${JSON.stringify(rows, null, 2).replaceAll('\n', '\r\n')}\r\n`],
    ['with a comma too many', `[${rows.map((row) => JSON.stringify(row)).join(',')},]`],
  ])('is read %s', async (name, text) => {
    for (const ending of ['json', 'jsonl', 'other']) {
      const file = await fileOf(`${name}.${ending}`, text);
      expect(await readPairs(file), file).toEqual({ pairs: rows, skipped: [] });
    }
  });

  it('keeps an element that is no pair, with its number and reason', async () => {
    const file = await fileOf(
      'bad.json',
      `[${JSON.stringify(rows[0])}, 12, {"a" 1}, null, [1], ${JSON.stringify(rows[1])}]`,
    );
    const { pairs, skipped } = await readPairs(file);
    expect(pairs).toEqual(rows.slice(0, 2));
    expect(skipped.map(({ line }) => line)).toEqual([2, 3, 4, 5]);
    expect(skipped.map(({ text }) => text)).toEqual(['12', '{"a" 1}', 'null', '[1]']);
    expect(formatSkipped(skipped, 'bad.json')).toContain('row 2: a number, not an object');
  });

  it('is cut off: what is whole is read, and the end is a row with a reason', async () => {
    const text = JSON.stringify(rows);
    for (const end of [text.length - 1, text.length - 20, 200]) {
      const { pairs, skipped } = await readPairs(await fileOf('cut.json', text.slice(0, end)));
      expect(pairs).toEqual(rows.slice(0, pairs.length));
      expect(skipped).toHaveLength(1);
      expect(skipped[0]!.reason).toContain('the list does not end with "]"');
    }
  });

  it('takes no more memory for an element than a line may have', async () => {
    const long = { ...rows[0], chosen: 'x'.repeat(5000) };
    const { pairs, skipped } = await readPairs(await fileOf('long.json', JSON.stringify([rows[1], long, rows[2]])), {
      maxLineBytes: 1000,
    });
    expect(pairs).toEqual([rows[1], rows[2]]);
    expect(skipped[0]!.reason).toContain('is longer than 1,000 bytes');
  });

  it('is followed by text: each line of it is a row', async () => {
    const { pairs, skipped } = await readPairs(
      await fileOf('more.json', `[\n${JSON.stringify(rows[0])}\n]\n${jsonl}text\n`),
    );
    expect(pairs).toEqual([rows[0], ...rows]);
    expect(skipped.map(({ line }) => line)).toEqual([7]);
  });

  it('on the first line of JSONL is only that line', async () => {
    const { pairs, skipped } = await readPairs(await fileOf('first.jsonl', `[1, 2]\n${jsonl}`));
    expect(pairs).toEqual(rows);
    expect(skipped).toMatchObject([{ line: 1, reason: expect.stringContaining('a list, not an object') as string }]);
  });
});

describe('numbers', () => {
  const pair = { prompt: 'why ?', chosen: ' so', rejected: ' no' };
  const line = (fields: string) => `{"prompt": "why ?", "chosen": " so", "rejected": " no", ${fields}}\n`;

  it.each([
    ['NaN', '"score_chosen": NaN, "score_rejected": 3', { columns: { score_rejected: 3 } }],
    ['Infinity', '"score_chosen": -Infinity, "score_rejected": Infinity, "id": 7', { columns: { id: 7 } }],
    ['NaN in another column', '"margin": NaN, "list": [1, NaN]', { columns: { list: [1, null] } }],
    [
      'numbers in quotes',
      '"score_chosen": "8.0", "score_rejected": " -1e1 "',
      { scores: { chosen: 8, rejected: -10 } },
    ],
    ['NaN in quotes', '"score_chosen": "nan", "score_rejected": "8"', { columns: { score_rejected: '8' } }],
    ['texts that name such numbers', '"note": "NaN and \\" -Infinity"', { columns: { note: 'NaN and " -Infinity' } }],
    ['a large id beside NaN', '"id": 12345678901234567891, "x": NaN', { columns: { id: 12345678901234567891n } }],
    [
      'the ratings of cleaned UltraFeedback sets',
      '"chosen-rating": 5.0, "rejected-rating": "2.5"',
      { scores: { chosen: 5, rejected: 2.5 }, columns: { 'chosen-rating': 5, 'rejected-rating': '2.5' } },
    ],
  ])('%s are read', async (_, fields, expected) => {
    const { pairs, skipped } = await readPairs(await fileOf('numbers.jsonl', line(fields)));
    expect(skipped).toEqual([]);
    expect(pairs).toEqual([{ ...pair, ...expected }]);
  });

  it('of CSV are read alike', async () => {
    const text = 'prompt,chosen,rejected,score_chosen,score_rejected\nwhy ?,so,no,"8.0",nan\nwhy ?,so,no,8.5,-2\n';
    const { pairs, skipped } = await readPairs(await fileOf('numbers.csv', text));
    expect(skipped).toEqual([]);
    expect(pairs.map(({ scores }) => scores)).toEqual([undefined, { chosen: 8.5, rejected: -2 }]);
  });

  it('that Python cannot have written are refused, and the message quotes the line', async () => {
    const { skipped } = await readPairs(await fileOf('broken.jsonl', '{"score": NaN, "prompt": }\n{"x": Nan}\n'));
    expect(skipped).toHaveLength(2);
    for (const { reason } of skipped) expect(reason).toContain('broken JSON');
  });
});

it('convert and validate read all of them', async () => {
  const file = await fileOf('all.json.gz', gzipSync(JSON.stringify(rows)));
  expect(await convertPairs(file, place('all.parquet'))).toMatchObject({ rows: 5, pairs: 5 });
  expect(await validatePairs(place('all.parquet'))).toMatchObject({ pairs: 5, faults: [] });
});
