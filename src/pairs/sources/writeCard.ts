/** Writes a dataset card with checksums for the files of a folder, and checks them. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { ApolabError } from '../../core/errors.js';
import { writeAtomic } from '../../core/atomicFile.js';
import { formatOfName } from '../formats/formats.js';
import { datasetCard, type CardFacts, type CardFile } from './datasetCard.js';
import { readSource } from './readSource.js';
import { isFolder } from './statIfExists.js';

/**
 * Writes README.md and SHA256SUMS for all files of a folder.
 *
 * @param place the folder, or a file in it
 * @returns the files that the card lists
 * @throws ApolabError if the folder has no files
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

/** All files below a folder, sorted, without the card, the checksums and hidden files. */
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
  // A .json file is usually one document, not rows.
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
 * @returns one sentence per file that is missing, changed or not listed
 * @example
 * (await checkSums('datasets/paper')).length; // 0
 */
export async function checkSums(folder: string): Promise<string[]> {
  const lines = (await readFile(path.join(folder, sums), 'utf8')).split('\n').filter((line) => line.trim() !== '');
  const listed = new Map(lines.map((line) => [line.slice(64).replace(/^ [ *]/, ''), line.slice(0, 64)]));
  const problems: string[] = [];
  const names = await namesOf(folder);
  for (const [name, wanted] of listed) {
    if (!names.includes(name)) problems.push(`${name} is listed but missing`);
    else if ((await sha256Of(path.join(folder, name))) !== wanted) problems.push(`${name} does not match ${sums}`);
  }
  for (const name of names) if (!listed.has(name)) problems.push(`${name} is not listed in ${sums}`);
  return problems;
}
