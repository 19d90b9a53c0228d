/** The card of a dataset: what it is, where it comes from, and what its files hold, in a README.md as the Hub reads it. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { ApolabError } from '../../core/errors.js';
import { writeAtomic } from '../../core/atomicFile.js';
import { formatOfName, isFolder } from '../formats/formats.js';
import { readSource } from './readSource.js';

/** What only the author of a dataset knows. */
export interface CardFacts {
  readonly title: string;
  /** Where its texts come from, and by whose hand or which program. */
  readonly origin: string;
  /** As the Hub names licences: `apache-2.0`, `cc-by-4.0`. */
  readonly licence: string;
  /** A paragraph or more about it, in Markdown. */
  readonly description?: string;
  /** The seed that it is made from, where a program makes it. */
  readonly seed?: number;
  /** Codes of its languages: `['en']`. */
  readonly languages?: readonly string[];
  /** What it is not good for, in Markdown. */
  readonly limits?: string;
}

/** One file, as the card lists it. */
export interface CardFile {
  /** Relative to the card, with `/` between folders. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Of a file of rows. */
  readonly rows?: number;
  readonly columns?: readonly string[];
}

/**
 * The text of a card: YAML for the Hub, then origin, licence, seed, and a table of the files.
 *
 * @example
 * datasetCard({ title: 'Pears', origin: 'Written for this example.', licence: 'cc0-1.0' }, []).split('\n')[1]; // 'license: cc0-1.0'
 */
export function datasetCard(facts: CardFacts, files: readonly CardFile[]): string {
  const rows = files.reduce((sum, file) => sum + (file.rows ?? 0), 0);
  const columns = [...new Set(files.flatMap((file) => file.columns ?? []))];
  const facing = [
    ['Origin', facts.origin],
    ['Licence', facts.licence],
    ['Rows', String(rows)],
    ['Columns', columns.map((name) => `\`${name}\``).join(', ') || 'none'],
    ['Seed', facts.seed === undefined ? 'none; nothing in it is drawn by chance' : String(facts.seed)],
  ].map(([name, value]) => `- **${name!}**: ${value!}`);
  return [
    head(facts, files),
    `# ${facts.title}\n`,
    ...(facts.description === undefined ? [] : [`${facts.description.trim()}\n`]),
    `${facing.join('\n')}\n`,
    '## Files\n',
    '| file | rows | columns | bytes | sha256 |\n| --- | --- | --- | --- | --- |',
    ...files.map(fileRow),
    ...(facts.limits === undefined ? [] : [`\n## Limits\n\n${facts.limits.trim()}`]),
    '',
  ].join('\n');
}

function fileRow({ path: name, rows, columns = [], bytes, sha256 }: CardFile): string {
  const cells = columns.map((column) => `\`${column.replaceAll('|', '\\|')}\``).join(', ');
  return `| \`${name}\` | ${rows ?? ''} | ${cells} | ${bytes} | \`${sha256}\` |`;
}

function head({ licence, languages = [], title }: CardFacts, files: readonly CardFile[]): string {
  const data = files.filter((file) => file.rows !== undefined);
  const quoted = (text: string) => JSON.stringify(text);
  const configs = data.map(({ path: name }) => `      - split: ${splitOf(name)}\n        path: ${quoted(name)}`);
  return [
    '---',
    `license: ${licence}`,
    `pretty_name: ${quoted(title)}`,
    ...(languages.length === 0 ? [] : [`language: [${languages.join(', ')}]`]),
    // As the Hub's trainers find preference sets.
    'tags: [trl, preference]',
    ...(configs.length === 0 ? [] : ['configs:', '  - config_name: default', '    data_files:', ...configs]),
    '---\n',
  ].join('\n');
}

/** A file's name is its split, unless it is a shard: `data/train-00000-of-00001.parquet` is `train`. */
function splitOf(name: string): string {
  const base = path.posix
    .basename(name)
    .replace(/\..*$/, '')
    .replace(/-\d{5}-of-\d{5}$/, '');
  return base.replace(/[^\w.]/g, '_');
}

/**
 * Writes the card of a folder, or of the folder that a file is in: README.md, and SHA256SUMS of all files beside it.
 *
 * @returns the files that the card lists
 * @throws ApolabError where the folder isn't there or has no files
 * @example
 * await writeCard('datasets/pears', { title: 'Pears', origin: 'Written for this example.', licence: 'cc0-1.0' });
 */
export async function writeCard(place: string, facts: CardFacts): Promise<readonly CardFile[]> {
  const folder = (await isFolder(place)) ? place : path.dirname(place);
  const files: CardFile[] = [];
  for (const name of await namesOf(folder)) files.push(await describe(folder, name));
  if (files.length === 0) throw new ApolabError(`${folder} has no files to describe. Write the data first.`);
  await writeAtomic(path.join(folder, 'README.md'), datasetCard(facts, files));
  await writeAtomic(path.join(folder, sums), files.map((file) => `${file.sha256}  ${file.path}\n`).join(''));
  return files;
}

const sums = 'SHA256SUMS';

/** All files below a folder but the card, the checksums and hidden ones, in order. */
async function namesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
    .filter((name) => !/(^|\/)\./.test(name) && name !== 'README.md' && name !== sums)
    .sort();
}

async function describe(folder: string, name: string): Promise<CardFile> {
  const file = path.join(folder, name);
  const known = { path: name, bytes: (await stat(file)).size, sha256: await sha256Of(file) };
  // A .json file is one document as a rule, and no rows.
  if (formatOfName(name) === undefined || name.endsWith('.json')) return known;
  let rows = 0;
  const columns = new Set<string>();
  for await (const row of readSource(file, { example: '{"prompt": "..."}' })) {
    rows += 1;
    if (row.kind === 'values') for (const column of Object.keys(row.values)) columns.add(column);
  }
  return { ...known, rows, columns: [...columns] };
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/**
 * Compares the files of a folder with its SHA256SUMS.
 *
 * @returns what is wrong, one sentence a file; empty where all is as it says
 * @example
 * (await checkSums('datasets/paper')).length; // 0
 */
export async function checkSums(folder: string): Promise<string[]> {
  const lines = (await readFile(path.join(folder, sums), 'utf8')).split('\n').filter((line) => line.trim() !== '');
  const listed = new Map(lines.map((line) => [line.slice(64).replace(/^ [ *]/, ''), line.slice(0, 64)]));
  const problems: string[] = [];
  const names = await namesOf(folder);
  for (const [name, wanted] of listed) {
    if (!names.includes(name)) problems.push(`${name} is listed and not there`);
    else if ((await sha256Of(path.join(folder, name))) !== wanted) problems.push(`${name} is not what ${sums} says`);
  }
  for (const name of names) if (!listed.has(name)) problems.push(`${name} is not listed in ${sums}`);
  return problems;
}
