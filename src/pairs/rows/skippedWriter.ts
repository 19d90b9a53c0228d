import { rm } from 'node:fs/promises';
import type { SkippedPrompt } from './skipped.js';
import { type AtomicFile, openAtomic } from '../../core/atomicFile.js';

export interface SkippedWriter {
  /** Takes one; it is on disk soon after. */
  write(rejected: SkippedPrompt): void;
  /** Ends the file and puts it in its place; its path, or nothing where nothing was rejected. */
  close(): Promise<string | undefined>;
  /** Leaves the place as it was. */
  abort(): Promise<void>;
}

/**
 * Keeps what gave no pair beside the pairs: `<out>.skipped.jsonl`, an object a line with the prompt, what was to be
 * revised or judged, and the reason. Where nothing is rejected there is no file, and an earlier run's goes away.
 *
 * @example
 * const skippedFile = skippedWriter('clair.jsonl');
 * await writePairs('clair.jsonl', clair({ ...options, onSkipped: skippedFile.write }));
 * await skippedFile.close();
 */
export function skippedWriter(out: string): SkippedWriter {
  const file = `${out}.skipped.jsonl`;
  let target: AtomicFile | undefined;
  let writing: Promise<void> = Promise.resolve();
  let waiting = '';
  const flush = async () => {
    target ??= await openAtomic(file);
    const lines = waiting;
    waiting = '';
    await target.write(lines);
  };
  return {
    write: (rejected) => {
      // What comes while the disk is busy goes with the next write.
      if (waiting === '') writing = writing.then(flush);
      waiting += `${JSON.stringify(toRow(rejected))}\n`;
    },
    close: async () => {
      await writing;
      if (target === undefined) {
        await rm(file, { force: true });
        return undefined;
      }
      await target.close();
      return file;
    },
    abort: async () => {
      await writing;
      await target?.abort();
    },
  };
}

/** The prompt in the form it came in; of a row that is no prompt only what it held. */
function toRow({ row, prompt, conversation, response, reason, text }: SkippedPrompt): Record<string, unknown> {
  return { row, ...(prompt === '' ? {} : { prompt: conversation ?? prompt }), response, reason, text };
}
