/** history_request: the inputs of this session and of earlier ones, for the console's arrow keys and searches. */
import { read, type Content } from '../messages/content.js';
import type { Handler } from './context.js';
import type { HistoryEntry } from './historyFile.js';

/** Whether all of a text matches a glob of `*` and `?`; takes at most `text.length * glob.length` steps. */
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
      // The last star matches one character more.
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

  /** Session 0 is this one, -1 the one before it; `stop` is excluded. */
  range: (entries, content, current) => {
    const given = read.number(content, 'session', 0);
    const wanted = given > 0 ? given : current + given;
    const [start, stop] = [read.number(content, 'start', 0), read.number(content, 'stop', Infinity)];
    return entries.filter(({ session, count }) => session === wanted && count >= start && count < stop);
  },

  /** With `unique`, only the last of equal inputs. */
  search: (entries, content) => {
    const pattern = read.text(content, 'pattern') || '*';
    const found = entries.filter(({ input }) => matchesGlob(input, pattern));
    const last = new Map(found.map((entry) => [entry.input, entry]));
    const kept = read.flag(content, 'unique', false) ? found.filter((entry) => last.get(entry.input) === entry) : found;
    return lastOf(kept, read.number(content, 'n', Infinity));
  },
} satisfies Record<string, Select>;

const isAccess = (type: string): type is keyof typeof accesses => Object.hasOwn(accesses, type);

/** Selects cells by the request's access type: `tail`, `range` or `search`; none for another type. */
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
