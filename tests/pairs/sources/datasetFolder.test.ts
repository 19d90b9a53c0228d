/** Dataset folders in the Hub's layout: the files of a split, by card or by name. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { filesOfSplit } from '../../../src/pairs/sources/datasetFolder.js';
import { frontMatter } from '../../../src/pairs/sources/frontMatter.js';
import { collect, convertPairs, readPairs, streamPairs, writePairs } from '../../../src/preference.js';
import { drawPairs } from '../formats/pairsOfAnyKind.js';

const folder = await mkdtemp(path.join(tmpdir(), 'dataset-'));
afterAll(() => rm(folder, { recursive: true }));
const pairs = drawPairs(3, 30);

describe('the files of a split, by their names', () => {
  it.each([
    ['shards', ['data/train-00001-of-00002.parquet', 'data/train-00000-of-00002.parquet', 'data/test-00000-of-00001.parquet'],
      { train: ['data/train-00000-of-00002.parquet', 'data/train-00001-of-00002.parquet'], test: ['data/test-00000-of-00001.parquet'] }],
    ['shards of a split of any name', ['data/train_prefs-00000-of-00001.parquet', 'data/test_sft-00000-of-00001.parquet'],
      { test_sft: ['data/test_sft-00000-of-00001.parquet'], train_prefs: ['data/train_prefs-00000-of-00001.parquet'] }],
    ['names of files', ['my-train.jsonl', 'dev_set.jsonl', 'Testimony.txt', 'eval.1.csv'],
      { train: ['my-train.jsonl'], validation: ['dev_set.jsonl'], test: ['eval.1.csv'] }],
    ['names of folders', ['train/a.jsonl', 'train/b.jsonl', 'validation/a.jsonl'],
      { train: ['train/a.jsonl', 'train/b.jsonl'], validation: ['validation/a.jsonl'] }],
    ['no names at all', ['a.csv', 'b.csv', 'README.md', '.hidden.csv', 'dataset_infos.json', 'a.csv.skipped.jsonl'],
      { train: ['a.csv', 'b.csv'] }],
    // "contest" and "retrain" are other words.
    ['words that only look like splits', ['contest.jsonl', 'retrain.jsonl'], { train: ['contest.jsonl', 'retrain.jsonl'] }],
  ] as const)('%s', (_, names, splits) => {
    for (const [split, files] of Object.entries(splits)) {
      expect(filesOfSplit('d', names, undefined, { split })).toEqual(files);
    }
    expect(() => filesOfSplit('d', names, undefined, { split: 'nothing' })).toThrow(
      `'nothing' is not a known split of d. Known: ${Object.keys(splits).join(', ')}.`,
    );
  }); // prettier-ignore

  it('are those of the given configuration', () => {
    const names = ['easy/train-00000-of-00001.parquet', 'hard/train-00000-of-00001.parquet'];
    expect(filesOfSplit('d', names, undefined, { config: 'hard' })).toEqual(names.slice(1));
    expect(() => filesOfSplit('d', names, undefined, { config: 'hart' })).toThrow("did you mean 'hard'?");
  });

  it('must all exist', () => {
    const names = ['data/train-00000-of-00003.parquet', 'data/train-00002-of-00003.parquet'];
    expect(() => filesOfSplit('d', names, undefined)).toThrow(
      'd has 2 of the 3 files of data/train-*-of-00003.parquet',
    );
  });

  it('are missing: the error says so, and recognises Arrow files', () => {
    expect(() => filesOfSplit('d', ['README.md'], undefined)).toThrow('d is a folder without data files');
    expect(() => filesOfSplit('d', ['data-00000-of-00001.arrow', 'state.json'], undefined)).toThrow('to_parquet()');
  });
});

describe("the files of a split, by the dataset's card", () => {
  const names = ['a/one.jsonl', 'a/two.jsonl', 'a/deep/er.jsonl', 'held-out.jsonl', 'zzz.csv'];
  it.each([
    ['a pattern a split', '- config_name: default\n  data_files:\n  - split: train\n    path: "a/*.jsonl"\n  - split: test\n    path: held-out.jsonl', undefined, ['a/one.jsonl', 'a/two.jsonl']],
    ['a list of paths', '- config_name: default\n  data_files:\n    - split: train\n      path:\n        - zzz.csv\n        - "a/one.jsonl"', undefined, ['zzz.csv', 'a/one.jsonl']],
    ['one path', "- config_name: x\n  data_files: 'a/**'", undefined, ['a/deep/er.jsonl', 'a/one.jsonl', 'a/two.jsonl']],
    ['a list in brackets', '- config_name: x\n  data_files: [zzz.csv, a/two.jsonl]', 'x', ['zzz.csv', 'a/two.jsonl']],
    ['a folder of its own', '- config_name: x\n  data_dir: a\n  data_files: "*.jsonl"', 'x', ['a/one.jsonl', 'a/two.jsonl']],
    ['the default of several', '- config_name: x\n  data_files: zzz.csv\n- config_name: y\n  default: true\n  data_files: held-out.jsonl', undefined, ['held-out.jsonl']],
    ['the one that is asked for', '- config_name: x\n  data_files: zzz.csv\n- config_name: y\n  default: true\n  data_files: held-out.jsonl', 'x', ['zzz.csv']],
  ])('%s', (_, configs, config, files) => {
    const card = `---\nlicense: mit\nconfigs:\n${configs}\ntags: [a, "b, c"]\n---\n# A set\n`;
    expect(filesOfSplit('d', names, card, config === undefined ? {} : { config })).toEqual(files);
  }); // prettier-ignore

  it('lists the configurations in the error', () => {
    const card =
      '---\nconfigs:\n- config_name: one\n  data_files: zzz.csv\n- config_name: two\n  data_files: zzz.csv\n---\n';
    expect(() => filesOfSplit('d', names, card)).toThrow('d has several configurations: choose one of one, two.');
    expect(() => filesOfSplit('d', names, card, { config: 'tow' })).toThrow("did you mean 'two'?");
  });

  it('reads the YAML of cards', () => {
    const card = [
      '---',
      'license: apache-2.0 # a comment',
      "pretty_name: 'It''s: a set'",
      'size_categories:',
      '- 10K<n<100K',
      'dataset_info:',
      '  features:',
      '  - name: chosen',
      '    list:',
      '    - name: content',
      '      dtype: string',
      '  download_size: 42',
      '  empty:',
      'gated: false',
      '---',
      'key: not in the head',
    ].join('\r\n');
    expect(frontMatter(card)).toEqual({
      license: 'apache-2.0',
      pretty_name: "It's: a set",
      size_categories: ['10K<n<100K'],
      dataset_info: {
        features: [{ name: 'chosen', list: [{ name: 'content', dtype: 'string' }] }],
        download_size: 42,
        empty: null,
      },
      gated: false,
    });
    expect(frontMatter('# no head\n---\na: b\n---\n')).toEqual({});
  });
});

describe('a folder', () => {
  it('is read shard by shard, and each row has the name of its file', async () => {
    const place = path.join(folder, 'mixed');
    await mkdir(place);
    await writePairs(path.join(place, 'train-1.jsonl'), pairs.slice(0, 10));
    await writePairs(path.join(place, 'train-2.csv'), pairs.slice(10, 20));
    await writePairs(path.join(place, 'train-3.parquet'), pairs.slice(20));
    await writePairs(path.join(place, 'test.jsonl'), pairs.slice(0, 3));
    expect(await readPairs(place)).toEqual({ pairs, skipped: [] });
    expect((await readPairs(place, { split: 'test' })).pairs).toHaveLength(3);
    const rows = await collect(streamPairs(place));
    expect(rows[12]).toMatchObject({ file: 'train-2.csv', row: 4 });
    const progress: number[] = [];
    await readPairs(place, { onProgress: (read, total) => progress.push(read / total) });
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(progress.at(-1)).toBe(1);
  });

  it('is written split by split; writing a split again replaces its old files', async () => {
    const place = path.join(folder, 'written');
    await mkdir(path.join(place, 'data'), { recursive: true });
    await writeFile(path.join(place, 'data', 'train-00001-of-00002.parquet'), 'old');
    await writePairs(place, pairs);
    await writePairs(place, pairs.slice(0, 5), { split: 'test' });
    expect(await readdir(path.join(place, 'data'))).toEqual([
      'test-00000-of-00001.parquet',
      'train-00000-of-00001.parquet',
    ]);
    expect((await readPairs(place)).pairs).toEqual(pairs);
    const target = path.join(folder, 'copied');
    expect(await convertPairs(place, target, { split: 'test' })).toMatchObject({ pairs: 5 });
    expect(await readdir(path.join(target, 'data'))).toEqual(['test-00000-of-00001.parquet']);
  });
});
