/**
 * The files of a run of a builder: `--out` with the pairs, and `<out>.skipped.jsonl` with every prompt that gave none and its
 * reason. Until the run is finished both have `.partial` in their names, so that `--out` is always whole.
 */
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { PreferencePair, SkippedPrompt } from '../../preference.js';

type Preference = typeof import('../../preference.js');

/** How many prompts gave a pair so far, and how many did not. */
export interface BuildCounts {
  readonly pairs: number;
  readonly skipped: number;
}

/** The files as they were left. */
export interface BuiltFiles {
  /** The file of the pairs; absent if there are none. */
  readonly out?: string;
  /** The file of the skipped prompts; absent if there are none. */
  readonly skippedFile?: string;
}

/** Writes the files of a run and counts what it writes. */
export class BuildOutput {
  readonly counts = { pairs: 0, skipped: 0 };
  /** How often each reason was given, with the numbers in it replaced by N, except the status of an answer. */
  readonly reasons = new Map<string, number>();
  readonly #out: string;
  readonly #partial: string;
  readonly #preference: Preference;
  readonly #skipped: ReturnType<Preference['skippedWriter']>;
  #pairs: Awaited<ReturnType<Preference['pairWriter']>> | undefined;

  constructor(preference: Preference, out: string) {
    this.#preference = preference;
    this.#out = out;
    this.#partial = partialOf(out);
    this.#skipped = preference.skippedWriter(this.#partial);
  }

  /** Opens the file of the pairs. */
  async open(): Promise<void> {
    this.#pairs = await this.#preference.pairWriter(this.#partial);
  }

  async writePair(pair: PreferencePair): Promise<void> {
    await this.#pairs?.write(pair);
    this.counts.pairs += 1;
  }

  /** Queues a skipped prompt; the file is written in the background. */
  writeSkipped(skipped: SkippedPrompt): void {
    this.counts.skipped += 1;
    const reason = summaryOf(skipped.reason);
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
    this.#skipped.write(skipped);
  }

  /** Removes what was written. */
  async abort(): Promise<void> {
    await Promise.all([this.#pairs?.abort(), this.#skipped.abort()]);
  }

  /** Closes the files; those of a finished run get their own names and replace those of an earlier run. */
  async close(finished: boolean): Promise<BuiltFiles> {
    const [anyPairs, anySkipped] = [this.counts.pairs > 0, (await this.#skipped.close()) !== undefined];
    await (anyPairs ? this.#pairs?.close() : this.#pairs?.abort());
    const out = finished ? this.#out : this.#partial;
    if (finished) {
      if (anyPairs) await rename(this.#partial, out);
      if (anySkipped) await rename(skippedFileOf(this.#partial), skippedFileOf(out));
      else await rm(skippedFileOf(out), { force: true });
    }
    return { ...(anyPairs ? { out } : {}), ...(anySkipped ? { skippedFile: skippedFileOf(out) } : {}) };
  }
}

/** A reason without the numbers by which equal ones differ. A status says what is wrong, so it stays. */
const summaryOf = (reason: string) =>
  reason.replaceAll(/(\bstatus \d{3}\b)|\d[\d,.]*/g, (_, status: string | undefined) => status ?? 'N');

const skippedFileOf = (out: string) => `${out}.skipped.jsonl`;

/** `clair.jsonl` is `clair.partial.jsonl` until the run is finished. */
function partialOf(out: string): string {
  const { dir, name, ext } = path.parse(out);
  return path.join(dir, `${name}.partial${ext}`);
}
