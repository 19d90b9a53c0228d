/**
 * Answers on disk, by the hash of the full request: a run that died goes on where it stopped, and a rerun costs nothing.
 *
 * A folder of JSONL files, one for each process that wrote, appended to and never rewritten. An answer is in the file
 * before anybody uses it; a line that a dying process left half written is skipped. Only the place of each answer is kept
 * in memory.
 */
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, readSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readLines } from '../../core/readLines.js';

interface Place {
  readonly file: number;
  readonly offset: number;
  readonly length: number;
}

/** Longest line; an answer of the longest completion fits. */
const longestLine = 2 ** 26;

const extension = '.jsonl';

/** Files that this process has begun. */
let created = 0;

export class ResponseCache<Answer> {
  readonly #places = new Map<string, Place>();
  readonly #files: number[] = [];
  #own: { readonly file: number; end: number } | undefined;

  private constructor(readonly folder: string) {}

  /** Opens the cache in `folder`, which need not exist yet. */
  static async open<Answer>(folder: string): Promise<ResponseCache<Answer>> {
    const cache = new ResponseCache<Answer>(folder);
    mkdirSync(folder, { recursive: true });
    const names = readdirSync(folder).filter((name) => name.endsWith(extension));
    for (const name of names.sort()) await cache.#index(path.join(folder, name));
    return cache;
  }

  get size(): number {
    return this.#places.size;
  }

  get(key: string): Answer | undefined {
    const place = this.#places.get(key);
    if (place === undefined) return undefined;
    const bytes = Buffer.alloc(place.length);
    readSync(this.#files[place.file]!, bytes, 0, place.length, place.offset);
    return (JSON.parse(bytes.toString('utf8')) as Entry<Answer>).answer;
  }

  /** Written before this returns, so that a process that is killed afterwards has it. */
  set(key: string, answer: Answer): void {
    const line = Buffer.from(`${JSON.stringify({ key, answer } satisfies Entry<Answer>)}\n`);
    this.#own ??= this.#createFile();
    // Whole or with an error: a disk that fills up takes part of a plain write and says nothing.
    writeFileSync(this.#files[this.#own.file]!, line);
    this.#places.set(key, { file: this.#own.file, offset: this.#own.end, length: line.length - 1 });
    this.#own.end += line.length;
  }

  close(): void {
    this.#files.splice(0).forEach((file) => closeSync(file));
    this.#places.clear();
  }

  #createFile(): { file: number; end: number } {
    const stamp = new Date().toISOString().replaceAll(/[-:.]/g, '');
    // Two processes, or two endpoints of one, may begin in the same millisecond.
    const name = `${stamp}-${process.pid}-${(created += 1)}${extension}`;
    this.#files.push(openSync(path.join(this.folder, name), 'ax+'));
    return { file: this.#files.length - 1, end: 0 };
  }

  async #index(name: string): Promise<void> {
    const file = this.#files.push(openSync(name, 'r')) - 1;
    let offset = 0;
    for await (const { bytes, overlong } of readLines(name, longestLine)) {
      const key = overlong ? undefined : keyOf(bytes);
      if (key !== undefined) this.#places.set(key, { file, offset, length: bytes.length });
      offset += bytes.length + 1;
    }
  }
}

interface Entry<Answer> {
  readonly key: string;
  readonly answer: Answer;
}

/** The key of a whole line; undefined where the line is half written. */
function keyOf(line: Buffer): string | undefined {
  try {
    return (JSON.parse(line.toString('utf8')) as Partial<Entry<unknown>>).key;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * The key of a request: the hash of all that the answer may depend on. The order of fields makes no difference.
 *
 * @example
 * requestKey({ model: 'm', temperature: 0 }) === requestKey({ temperature: 0, model: 'm' }); // true
 */
export function requestKey(request: Readonly<Record<string, unknown>>): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(request)))
    .digest('base64url')
    .slice(0, 32);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, item]) => [name, sorted(item)]));
}
