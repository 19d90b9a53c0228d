/** The cells of this session and of earlier ones. */
import type { HistoryEntry, HistoryFile } from './historyFile.js';

/** A cell of this session. */
export type NewEntry = Omit<HistoryEntry, 'session'>;

/**
 * The cells of this session are in memory, those of all sessions in the file. The kernel never waits for the file while a cell
 * runs, and works without it: only its first error is reported, on `log`.
 */
export class CellHistory {
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
