/**
 * Finds the files of a split in a dataset folder: those that its card lists (`configs: data_files`), or else those whose
 * names match, by the rules of Hugging Face's `datasets`. It needs only the names, so it works on the Hub's list of files
 * too.
 */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { ApolabError, UnknownNameError } from '../../core/errors.js';
import { frontMatter, isMap, type Yaml, type YamlMap } from './frontMatter.js';
import { formatOfName, formats } from '../formats/formats.js';

/** Which part of a dataset is read. */
export interface DatasetOptions {
  /** `train` by default. */
  readonly split?: string;
  /** The configuration, if the dataset has several. */
  readonly config?: string;
}

/** Data files of a dataset by split, in the order in which they are read. */
type Splits = ReadonlyMap<string, readonly string[]>;

/**
 * The data files of one split.
 *
 * @param dataset what messages call the dataset
 * @param names all files, relative to the dataset, with `/` as separator
 * @param card the text of its README.md, if it has one
 * @throws ApolabError if there is no such split or configuration, no data at all, or a shard is missing
 */
export function filesOfSplit(
  dataset: string,
  names: readonly string[],
  card: string | undefined,
  { split = 'train', config }: DatasetOptions = {},
): readonly string[] {
  const data = names.filter(isData).sort();
  if (data.length === 0) throw noData(dataset, names);
  const splits = splitsOfCard(dataset, data, card, config) ?? splitsOfNames(ofConfig(dataset, data, config));
  const files = splits.get(split);
  if (files === undefined || files.length === 0)
    throw new UnknownNameError(`split of ${dataset}`, split, [...splits.keys()]);
  checkShards(dataset, files);
  return files;
}

/** The data files of one split of a folder, relative to it; `name` is what messages call it. Throws as `filesOfSplit`. */
export async function filesOfFolder(
  folder: string,
  options: DatasetOptions,
  name = folder,
): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'));
  const card = names.includes('README.md') ? await readFile(path.join(folder, 'README.md'), 'utf8') : undefined;
  return filesOfSplit(name, names, card, options);
}

/** Descriptions of a dataset, skipped rows, and hidden files. */
const notData = /(^|\/)([._]|dataset_infos?\.json$|state\.json$|package(-lock)?\.json$|[^/]*\.skipped\.jsonl(\.gz)?$)/;

function isData(name: string): boolean {
  return formatOfName(name) !== undefined && !notData.test(name);
}

function noData(dataset: string, names: readonly string[]): ApolabError {
  const endings = Object.values(formats).flatMap(({ extensions }) => extensions);
  const right = `Give a folder that holds files ending in ${endings.join(', ')}, or one such file.`;
  const isArrow = names.some((name) => name.endsWith('.arrow'));
  return new ApolabError(
    isArrow
      ? `${dataset} is a folder of Arrow files, as save_to_disk() writes them. Write it with to_parquet() or to_json().`
      : `${dataset} is a folder without data files. ${right}`,
  );
}

function ofConfig(dataset: string, data: readonly string[], config: string | undefined): readonly string[] {
  if (config === undefined) return data;
  const inside = data.filter((name) => name.startsWith(`${config}/`) || name.includes(`/${config}/`));
  if (inside.length > 0) return inside;
  const folders = data.flatMap((name) => (name.includes('/') ? [name.split('/')[0]!] : []));
  throw new UnknownNameError(`configuration of ${dataset}`, config, [...new Set(folders)]);
}

/** The words in a path that stand for a split in `datasets`; the first match in this order counts. */
const splitWords: Readonly<Record<string, readonly string[]>> = {
  train: ['train', 'training'],
  validation: ['validation', 'valid', 'dev', 'val'],
  test: ['test', 'testing', 'eval', 'evaluation'],
};

function splitsOfNames(data: readonly string[]): Splits {
  // data/<split>-00000-of-00001.parquet names its split, which may be any word.
  const sharded = groupBy(
    data,
    (name) => /(?:^|\/)([\w.]+(?:[\w.-]*[\w.])?)-\d{5}-of-\d{5}\.\w+(?:\.gz)?$/.exec(name)?.[1],
  );
  if (sharded.size > 0) return usualFirst(sharded);
  const named = groupBy(data, (name) =>
    Object.keys(splitWords).find((split) =>
      splitWords[split]!.some((word) => new RegExp(`(^|[-._ /])${word}([-._ /0-9]|$)`).test(name)),
    ),
  );
  return named.size > 0 ? usualFirst(named) : new Map([['train', data]]);
}

/** Sorts train, validation and test to the front. */
function usualFirst(splits: Splits): Splits {
  const usual = Object.keys(splitWords).filter((split) => splits.has(split));
  return new Map([...new Set([...usual, ...splits.keys()])].map((split) => [split, splits.get(split)!]));
}

function groupBy(names: readonly string[], key: (name: string) => string | undefined): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const group = key(name);
    if (group !== undefined) groups.set(group, [...(groups.get(group) ?? []), name]);
  }
  return groups;
}

/** The splits by `configs` of the card; undefined if the card lists no data files. */
function splitsOfCard(
  dataset: string,
  data: readonly string[],
  card: string | undefined,
  wanted: string | undefined,
): Splits | undefined {
  const { configs } = frontMatter(card ?? '');
  if (!Array.isArray(configs)) return undefined;
  const maps = configs.filter(isMap).filter((config) => config.data_files !== undefined);
  if (maps.length === 0) return undefined;
  const nameOf = (config: YamlMap) => textOr(config.config_name, 'default');
  const config =
    wanted === undefined
      ? (maps.find((map) => map.default === true) ?? maps.find((map) => nameOf(map) === 'default') ?? onlyOne(maps))
      : maps.find((map) => nameOf(map) === wanted);
  if (config === undefined) {
    const names = maps.map(nameOf);
    if (wanted !== undefined) throw new UnknownNameError(`configuration of ${dataset}`, wanted, names);
    throw new ApolabError(`${dataset} has several configurations: choose one of ${names.join(', ')}.`);
  }
  const splits = new Map<string, readonly string[]>();
  for (const { split, paths } of dataFiles(config.data_files!)) {
    const patterns = paths.map((pattern) => glob(path.posix.join(textOr(config.data_dir, ''), pattern)));
    splits.set(split, [
      ...(splits.get(split) ?? []),
      ...patterns.flatMap((pattern) => data.filter((name) => pattern.test(name))),
    ]);
  }
  return splits;
}

function textOr(value: Yaml | undefined, otherwise: string): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : otherwise;
}

function onlyOne<T>(items: readonly T[]): T | undefined {
  return items.length === 1 ? items[0] : undefined;
}

/** Reads `data_files` of a card: a path, a list of paths, or a list of `{split, path}`. */
function dataFiles(value: Yaml): { readonly split: string; readonly paths: readonly string[] }[] {
  const texts = (paths: Yaml | undefined) =>
    (Array.isArray(paths) ? paths : [paths]).filter((item): item is string => typeof item === 'string');
  if (Array.isArray(value) && value.some(isMap)) {
    return value
      .filter(isMap)
      .map(({ split, path: paths }) => ({ split: textOr(split, 'train'), paths: texts(paths) }));
  }
  return [{ split: 'train', paths: texts(value) }];
}

/** `*` matches anything but a slash, `**` matches anything. */
function glob(pattern: string): RegExp {
  const source = pattern
    .replace(/^\.\//, '')
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*\/|\*\*|\*|\?/g, (star) => ({ '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' })[star]!);
  return new RegExp(`^${source}$`);
}

/** Requires all shards of `...-of-00003`, so that an incomplete split is not taken for the whole. */
function checkShards(dataset: string, files: readonly string[]): void {
  const groups = groupBy(files, (name) => /^(.*)-\d{5}(-of-\d{5}\.\w+(?:\.gz)?)$/.exec(name)?.slice(1).join('*'));
  for (const [group, shards] of groups) {
    const count = Number(/-of-(\d{5})/.exec(group)![1]);
    if (shards.length === count) continue;
    throw new ApolabError(
      `${dataset} has ${shards.length} of the ${count} files of ${group.replace('*', '-*')}. ` +
        'Fetch the others too, or name the files one by one.',
    );
  }
}
