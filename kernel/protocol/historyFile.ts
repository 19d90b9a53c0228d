/**
 * The history of all sessions: JSON lines that every kernel of this person appends to, whole lines at a time (O_APPEND).
 *
 * Nothing is ever rewritten, because another kernel may be writing: a file that is too large is renamed (kernels that have it open
 * go on writing to the renamed one), and the oldest of the renamed files are deleted.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { userDataFolder } from '../kernelspec/environment.js';

/** A cell. `count` is its execution count in its session; `output` is its result as text, null if it has none. */
export interface HistoryEntry {
  readonly session: number;
  readonly count: number;
  readonly input: string;
  readonly output: string | null;
}

/** The first line of a session. If two kernels take the same number, it belongs to the one whose line comes first. */
interface Claim {
  readonly session: number;
  readonly kernel: string;
}

/** What the history's files hold. */
export interface HistoryContent {
  readonly entries: readonly HistoryEntry[];
  readonly claims: readonly Claim[];
  /** How many lines can't be read: a full disk, a killed kernel or a person has changed them. */
  readonly broken: number;
}

/** The current file and one before it are kept: about 10,000 cells, 8 MB (10 MB if some renamed files are short). */
const largestFile = 4_000_000;
const mostCells = 5_000;
const longestLine = 256_000;
const longestOutput = 4_000;

/** The history's file: `apolab/history.jsonl` in Jupyter's data folder, unless `APOLAB_HISTORY` names another one; `undefined` if it is `off`. */
export function historyPath(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const given = environment.APOLAB_HISTORY;
  if (given === 'off') return undefined;
  return given !== undefined && given !== ''
    ? path.resolve(given)
    : path.join(userDataFolder(), 'apolab/history.jsonl');
}

/** Reads and appends to the history's files. */
export class HistoryFile {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** Takes the next free number for a session; rejects with the file system's error if the claim can't be written. */
  async claim(): Promise<number> {
    const kernel = randomUUID();
    await mkdir(path.dirname(this.#file), { recursive: true, mode: 0o700 });
    for (;;) {
      const { entries, claims } = await this.read();
      if (entries.length > mostCells) await this.#setAside();
      const session = 1 + [...entries, ...claims].reduce((latest, line) => Math.max(latest, line.session), 0);
      await this.#append({ session, kernel, start: new Date().toISOString() });
      const first = (await this.read()).claims.find((claim) => claim.session === session);
      if (first === undefined) throw new Error(`${this.#file} does not keep what is written to it`);
      if (first.kernel === kernel) return session;
    }
  }

  /** Appends one cell; rejects if the file can't be written or the cell is longer than 256 kB. */
  async add({ session, count, input, output }: HistoryEntry): Promise<void> {
    const shown = output !== null && output.length > longestOutput ? `${output.slice(0, longestOutput)}...` : output;
    await this.#append({ session, count, input, output: shown, time: new Date().toISOString() });
  }

  /** Everything that is kept, oldest first. */
  async read(): Promise<HistoryContent> {
    const texts = [];
    for (const file of [...(await this.#earlierFiles()), this.#file]) texts.push(await readIfThere(file));
    return parseHistory(texts.join('\n'));
  }

  async #append(line: { readonly session: number } & Readonly<Record<string, unknown>>): Promise<void> {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    if (bytes.length > longestLine) throw new Error(`a cell of ${bytes.length} bytes is too long for it`);
    const file = await open(this.#file, 'a', 0o600);
    let size: number;
    try {
      const { bytesWritten } = await file.write(bytes);
      if (bytesWritten < bytes.length) throw new Error(`only ${bytesWritten} of ${bytes.length} bytes were written`);
      ({ size } = await file.stat());
    } finally {
      await file.close();
    }
    if (size > largestFile) await this.#setAside();
  }

  /** Two kernels may do this at the same moment: then one of the files is short, and no line is lost. */
  async #setAside(): Promise<void> {
    await rename(this.#file, `${this.#file}.${Date.now()}-${process.pid}`).catch(unlessMissing(undefined));
    let newer = 0;
    for (const file of (await this.#earlierFiles()).reverse()) {
      if (newer >= largestFile / 2) await unlink(file).catch(unlessMissing(undefined));
      else newer += (await stat(file).catch(unlessMissing(undefined)))?.size ?? 0;
    }
  }

  async #earlierFiles(): Promise<string[]> {
    const name = `${path.basename(this.#file)}.`;
    const folder = path.dirname(this.#file);
    const names = await readdir(folder).catch(unlessMissing<string[]>([]));
    return names
      .filter((other) => other.startsWith(name) && /^\d{13}-\d+$/.test(other.slice(name.length)))
      .sort()
      .map((other) => path.join(folder, other));
  }
}

/** Entries and claims of JSON lines. An entry on the same line behind a cut one is found too. */
export function parseHistory(text: string): HistoryContent {
  const entries: HistoryEntry[] = [];
  const claims: Claim[] = [];
  let broken = 0;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    // Inside a JSON string the quotes would be escaped.
    const start = line.lastIndexOf('{"session":');
    const value = start < 0 ? undefined : parseLine(line.slice(start));
    if (start !== 0 || value === undefined) broken += 1;
    if (value !== undefined && 'kernel' in value) claims.push(value);
    else if (value !== undefined) entries.push(value);
  }
  return { entries, claims, broken };
}

function parseLine(text: string): HistoryEntry | Claim | undefined {
  let value: Partial<Record<keyof HistoryEntry | keyof Claim, unknown>>;
  try {
    value = JSON.parse(text) as typeof value;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const { session, count, input, output = null, kernel } = value;
  if (typeof session !== 'number') return undefined;
  if (typeof kernel === 'string') return { session, kernel };
  if (typeof count !== 'number' || typeof input !== 'string') return undefined;
  return { session, count, input, output: typeof output === 'string' ? output : null };
}

const readIfThere = (file: string) => readFile(file, 'utf8').catch(unlessMissing(''));

/** Handles a rejected promise: gives `otherwise` if there is no such file, and throws other errors again. */
function unlessMissing<T>(otherwise: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return otherwise;
    throw error;
  };
}
