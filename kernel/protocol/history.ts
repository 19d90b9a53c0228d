/** The inputs of this session, and what they resulted in, for the console's arrow keys and searches. */
import { read, type Content, type Handler } from './context.js';

export interface HistoryEntry {
  readonly count: number;
  readonly input: string;
  readonly output: string | null;
}

/** Only one session is remembered yet; clients also name it 0, "the current one". */
const session = 1;

export class History {
  readonly #entries: HistoryEntry[] = [];

  add(entry: HistoryEntry): void {
    this.#entries.push(entry);
  }

  tail(count: number): readonly HistoryEntry[] {
    return count <= 0 ? [] : this.#entries.slice(-count);
  }

  /** Entries counted from `start` up to but not including `stop`; negative sessions are earlier ones, of which none is kept. */
  range(from: number, start: number, stop: number): readonly HistoryEntry[] {
    if (from !== 0 && from !== session) return [];
    return this.#entries.filter(({ count }) => count >= start && count < stop);
  }

  /** Entries whose whole input matches a glob of `*` and `?`; with `unique`, the last of equal inputs. */
  search(pattern: string, count: number, unique: boolean): readonly HistoryEntry[] {
    const source = pattern
      .replace(/[\\^$.+()|{}[\]]/g, '\\$&')
      .replace(/\*/g, '[^]*')
      .replace(/\?/g, '[^]');
    const glob = new RegExp(`^${source}$`);
    const found = this.#entries.filter(({ input }) => glob.test(input));
    const kept = unique ? [...new Map(found.map((entry) => [entry.input, entry])).values()] : found;
    return kept.slice(-count);
  }
}

type Access = 'tail' | 'range' | 'search';

const accesses = {
  tail: (history, content) => history.tail(read.number(content, 'n', 10)),
  range: (history, content) =>
    history.range(
      read.number(content, 'session', 0),
      read.number(content, 'start', 0),
      read.number(content, 'stop', Infinity),
    ),
  search: (history, content) =>
    history.search(
      read.text(content, 'pattern') || '*',
      read.number(content, 'n', Infinity),
      read.flag(content, 'unique', false),
    ),
} satisfies Record<Access, (history: History, content: Content) => readonly HistoryEntry[]>;

export const history: Handler = (content, context) => {
  const type = read.text(content, 'hist_access_type');
  const entries = Object.hasOwn(accesses, type) ? accesses[type as Access](context.history, content) : [];
  const withOutput = read.flag(content, 'output', false);
  return {
    status: 'ok',
    history: entries.map(({ count, input, output }) => [session, count, withOutput ? [input, output] : input]),
  };
};
