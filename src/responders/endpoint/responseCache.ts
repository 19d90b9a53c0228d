/**
 * Answers on disk, by the hash of the full request: a run that was killed continues, and a rerun costs nothing.
 *
 * The cache is a folder of JSONL files, one per process that wrote to it; files are only appended to. An answer is written
 * before it is used, and an incomplete line of a killed process is skipped. Memory holds only the file offset of each
 * answer.
 */
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, readSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readLines } from '../../core/readLines.js';

/** The file offset of an answer. */
interface Location {
  /** Index into the open files. */
  readonly file: number;
  readonly offset: number;
  readonly length: number;
}

/** Bytes of the longest line; the longest completion fits. */
const longestLine = 2 ** 26;

const extension = '.jsonl';

/** Number of files that this process has created. */
let created = 0;

/** Answers in a folder, by request key. */
export class ResponseCache<Answer> {
  readonly #locations = new Map<string, Location>();
  readonly #files: number[] = [];
  #own: { readonly file: number; end: number } | undefined;

  private constructor(readonly folder: string) {}

  /** Opens the cache in `folder`, which is created if necessary, and indexes its files. */
  static async open<Answer>(folder: string): Promise<ResponseCache<Answer>> {
    const cache = new ResponseCache<Answer>(folder);
    mkdirSync(folder, { recursive: true });
    const names = readdirSync(folder).filter((name) => name.endsWith(extension));
    for (const name of names.sort()) await cache.#index(path.join(folder, name));
    return cache;
  }

  /** Number of answers. */
  get size(): number {
    return this.#locations.size;
  }

  /** The answer of a request; undefined if there is none. Reads it from disk. */
  get(key: string): Answer | undefined {
    const location = this.#locations.get(key);
    if (location === undefined) return undefined;
    const bytes = Buffer.alloc(location.length);
    readSync(this.#files[location.file]!, bytes, 0, location.length, location.offset);
    return (JSON.parse(bytes.toString('utf8')) as Entry<Answer>).answer;
  }

  /** Writes an answer to disk before it returns, so that it survives if the process is killed. */
  set(key: string, answer: Answer): void {
    const line = Buffer.from(`${JSON.stringify({ key, answer } satisfies Entry<Answer>)}\n`);
    this.#own ??= this.#createFile();
    // Throws if the disk is full; a plain write would then write a part and report no error.
    writeFileSync(this.#files[this.#own.file]!, line);
    this.#locations.set(key, { file: this.#own.file, offset: this.#own.end, length: line.length - 1 });
    this.#own.end += line.length;
  }

  /** Closes the files. */
  close(): void {
    this.#files.splice(0).forEach((file) => closeSync(file));
    this.#locations.clear();
  }

  #createFile(): { file: number; end: number } {
    const stamp = new Date().toISOString().replaceAll(/[-:.]/g, '');
    // Two processes, or two endpoints of one process, may start in the same millisecond.
    const name = `${stamp}-${process.pid}-${(created += 1)}${extension}`;
    this.#files.push(openSync(path.join(this.folder, name), 'ax+'));
    return { file: this.#files.length - 1, end: 0 };
  }

  async #index(name: string): Promise<void> {
    const file = this.#files.push(openSync(name, 'r')) - 1;
    let offset = 0;
    for await (const { bytes, overlong } of readLines(name, longestLine)) {
      const key = overlong ? undefined : keyOf(bytes);
      if (key !== undefined) this.#locations.set(key, { file, offset, length: bytes.length });
      offset += bytes.length + 1;
    }
  }
}

interface Entry<Answer> {
  readonly key: string;
  readonly answer: Answer;
}

/** The key of a line; undefined if the line is incomplete. */
function keyOf(line: Buffer): string | undefined {
  try {
    return (JSON.parse(line.toString('utf8')) as Partial<Entry<unknown>>).key;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * The key of a request: 32 characters of the SHA-256 of everything that the answer may depend on. The order of fields makes
 * no difference.
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
