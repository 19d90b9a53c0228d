/** The inputs of this session and of earlier ones, and what they resulted in, for the console's arrow keys and searches. */
import { read, type Content, type Handler } from './context.js';
import type { HistoryEntry, HistoryFile } from './historyFile.js';

/** A cell of this session. */
export type NewEntry = Omit<HistoryEntry, 'session'>;

/**
 * This session is kept here, all others in the file. The kernel never waits for the file while a cell runs, and works without
 * it: the first thing that goes wrong there is said once, on `log`.
 */
export class History {
  readonly #own: NewEntry[] = [];
  readonly #file: HistoryFile | undefined;
  readonly #log: (text: string) => void;
  #session: Promise<number> | undefined;
  #written: Promise<void> = Promise.resolve();
  #hasComplained = false;

  constructor(file: HistoryFile | undefined, log: (text: string) => void) {
    this.#file = file;
    this.#log = log;
  }

  add(entry: NewEntry): void {
    this.#own.push(entry);
    this.#written = this.#written.then(() => this.#write(entry)).catch((error: unknown) => this.#complain(error));
  }

  /** Resolves when all that was added is in the file. */
  settled(): Promise<void> {
    return this.#written;
  }

  /** All sessions, this one last. */
  async all(): Promise<{ readonly current: number; readonly entries: readonly HistoryEntry[] }> {
    const current = await this.#number();
    const own = this.#own.map((entry) => ({ session: current, ...entry }));
    return { current, entries: [...(await this.#others(current)), ...own] };
  }

  async #write(entry: NewEntry): Promise<void> {
    await this.#file?.add({ session: await this.#number(), ...entry });
  }

  #number(): Promise<number> {
    return (this.#session ??= (this.#file?.claim() ?? Promise.resolve(1)).catch(async (error: unknown) => {
      this.#complain(error);
      return 1 + (await this.#others(0)).reduce((latest, { session }) => Math.max(latest, session), 0);
    }));
  }

  async #others(current: number): Promise<readonly HistoryEntry[]> {
    try {
      const { entries = [], broken = 0 } = (await this.#file?.read()) ?? {};
      if (broken > 0) this.#complain(`${broken} of its lines are broken and skipped`);
      return entries
        .filter(({ session }) => session !== current)
        .sort((one, other) => one.session - other.session || one.count - other.count);
    } catch (error) {
      this.#complain(error);
      return [];
    }
  }

  #complain(reason: unknown): void {
    if (this.#hasComplained) return;
    this.#hasComplained = true;
    const text = reason instanceof Error ? reason.message : String(reason);
    this.#log(`the history file: ${text}. (APOLAB_HISTORY names another one, or is 'off'.)`);
  }
}

/** Whether all of a text matches a glob of `*` and `?`, in at most as many steps as the product of their lengths. */
export function matchesGlob(text: string, glob: string): boolean {
  let [at, mark] = [0, 0];
  let star = -1;
  for (let index = 0; index < text.length;) {
    if (at < glob.length && glob[at] === '*') {
      star = at++;
      mark = index;
    } else if (at < glob.length && (glob[at] === '?' || glob[at] === text[index])) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      // The last star takes one character more.
      at = star + 1;
      index = ++mark;
    } else return false;
  }
  return /^\**$/.test(glob.slice(at));
}

type Select = (entries: readonly HistoryEntry[], content: Content, current: number) => readonly HistoryEntry[];

const lastOf = (entries: readonly HistoryEntry[], count: number) => (count >= 1 ? entries.slice(-count) : []);

const accesses = {
  tail: (entries, content) => lastOf(entries, read.number(content, 'n', 10)),

  /** Session 0 is this one, -1 the one before it; `stop` is not included. */
  range: (entries, content, current) => {
    const given = read.number(content, 'session', 0);
    const wanted = given > 0 ? given : current + given;
    const [start, stop] = [read.number(content, 'start', 0), read.number(content, 'stop', Infinity)];
    return entries.filter(({ session, count }) => session === wanted && count >= start && count < stop);
  },

  /** With `unique`, the last of equal inputs. */
  search: (entries, content) => {
    const pattern = read.text(content, 'pattern') || '*';
    const found = entries.filter(({ input }) => matchesGlob(input, pattern));
    const last = new Map(found.map((entry) => [entry.input, entry]));
    const kept = read.flag(content, 'unique', false) ? found.filter((entry) => last.get(entry.input) === entry) : found;
    return lastOf(kept, read.number(content, 'n', Infinity));
  },
} satisfies Record<string, Select>;

const isAccess = (type: string): type is keyof typeof accesses => Object.hasOwn(accesses, type);

export const history: Handler = async (content, context) => {
  const type = read.text(content, 'hist_access_type');
  const { current, entries } = await context.history.all();
  const selected = isAccess(type) ? accesses[type](entries, content, current) : [];
  const withOutput = read.flag(content, 'output', false);
  return {
    status: 'ok',
    history: selected.map(({ session, count, input, output }) => [
      session,
      count,
      withOutput ? [input, output] : input,
    ]),
  };
};
