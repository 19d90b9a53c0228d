import { rm } from 'node:fs/promises';
import type { SkippedPrompt } from './skipped.js';
import { type AtomicFile, openAtomic } from '../../core/atomicFile.js';

/** Takes skipped prompts one at a time. */
export interface SkippedWriter {
  /** Queues a prompt for writing; needs no await. */
  write(skipped: SkippedPrompt): void;
  /** Completes the file; resolves to its path, or to undefined if nothing was skipped. */
  close(): Promise<string | undefined>;
  /** Discards what was written; a file of that name stays as it was. */
  abort(): Promise<void>;
}

/**
 * Writes prompts that gave no pair to `<out>.skipped.jsonl`: one object per line with the prompt, the response that was to be
 * revised or judged, and the reason. If nothing is skipped there is no file, and an earlier run's file is removed.
 *
 * @example
 * const skippedFile = skippedWriter('clair.jsonl');
 * await writePairs('clair.jsonl', clair({ prompts, policy, reviser, onSkipped: skippedFile.write }));
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
    write: (skipped) => {
      // Lines that come during a write are collected for the next one.
      if (waiting === '') writing = writing.then(flush);
      waiting += `${JSON.stringify(toRow(skipped))}\n`;
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

/** The prompt in its original form; a row that is not a prompt has only its text. */
function toRow({ row, prompt, conversation, response, reason, text }: SkippedPrompt): Record<string, unknown> {
  return { row, ...(prompt === '' ? {} : { prompt: conversation ?? prompt }), response, reason, text };
}
