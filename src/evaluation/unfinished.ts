/** The items of an evaluation that is not finished, in a file, so that a run that was killed goes on after the last of them. */
import { appendFile, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ApolabError } from '../core/errors.js';
import type { EvaluatedItem } from './evaluation.js';

/** The file of an unfinished evaluation. */
export interface Unfinished {
  /** The items that were finished before, in the order of the examples. */
  readonly items: readonly EvaluatedItem[];
  /** Keeps one more item. */
  add(item: EvaluatedItem): Promise<void>;
  /** Removes the file: the evaluation is finished. */
  remove(): Promise<void>;
}

/**
 * Opens the file, or begins it. A line that a kill left half written is taken off.
 *
 * @param fingerprint of everything that the items depend on
 * @param keep how many of a number of finished items count, so that a model's batches stay the same
 * @throws ApolabError if the file belongs to another evaluation
 */
export async function openUnfinished(
  file: string,
  fingerprint: string,
  keep: (items: number) => number = (items) => items,
): Promise<Unfinished> {
  await mkdir(path.dirname(file), { recursive: true });
  const [head, ...lines] = wholeLines(await readIfThere(file));
  if (head === undefined) await writeFile(file, `${JSON.stringify({ fingerprint })}\n`);
  else if ((JSON.parse(head) as { readonly fingerprint?: unknown }).fingerprint !== fingerprint) {
    throw new ApolabError(
      `${file} holds the items of another evaluation (other examples, model or settings). Delete it, or name another file.`,
    );
  }
  const kept = lines.slice(0, keep(lines.length));
  if (head !== undefined) await truncate(file, Buffer.byteLength([head, ...kept].map((line) => `${line}\n`).join('')));
  return {
    items: kept.map((line) => JSON.parse(line) as EvaluatedItem),
    add: (item) => appendFile(file, `${JSON.stringify(item)}\n`),
    remove: () => rm(file, { force: true }),
  };
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

/** The lines that end with a line feed. */
const wholeLines = (text: string) => text.split('\n').slice(0, -1);
