import { rm } from 'node:fs/promises';
import type { RejectedPrompt } from '../responder.js';
import { openAtomic } from './atomicFile.js';

export interface RejectionsWriter {
  /** Takes one; it is on disk soon after. */
  write(rejected: RejectedPrompt): void;
  /** Ends the file and puts it in its place; its path, or nothing where nothing was rejected. */
  close(): Promise<string | undefined>;
  /** Leaves the place as it was. */
  abort(): Promise<void>;
}

/**
 * Keeps what gave no pair beside the pairs: `<out>.rejected.jsonl`, an object a line with the prompt, what was to be
 * revised or judged, and the reason. Where nothing is rejected there is no file, and an earlier run's goes away.
 *
 * @example
 * const rejections = await rejectionsWriter('clair.jsonl');
 * await writePairs('clair.jsonl', clair({ ...options, onRejected: rejections.write }));
 * await rejections.close();
 */
export async function rejectionsWriter(out: string): Promise<RejectionsWriter> {
  const file = `${out}.rejected.jsonl`;
  const target = await openAtomic(file);
  let writing: Promise<void> = Promise.resolve();
  let written = 0;
  let waiting = '';
  const flush = () => {
    const lines = waiting;
    waiting = '';
    return target.write(lines);
  };
  return {
    write: (rejected) => {
      written += 1;
      // What comes while the disk is busy goes with the next write.
      if (waiting === '') writing = writing.then(flush);
      waiting += `${JSON.stringify(toRow(rejected))}\n`;
    },
    close: async () => {
      await writing;
      if (written > 0) {
        await target.close();
        return file;
      }
      await target.abort();
      await rm(file, { force: true });
      return undefined;
    },
    abort: async () => {
      await writing;
      await target.abort();
    },
  };
}

/** The prompt in the form it came in; of a row that is no prompt only what it held. */
function toRow({ row, prompt, conversation, response, reason, text }: RejectedPrompt): Record<string, unknown> {
  return { row, ...(prompt === '' ? {} : { prompt: conversation ?? prompt }), response, reason, text };
}
