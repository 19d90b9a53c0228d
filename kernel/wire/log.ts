/** The wire thread's log: few lines in the Jupyter server's log, even if a stranger sends thousands of messages. */
import { writeSync } from 'node:fs';

/** Writes one line. */
export type Log = (text: string) => void;

/** A port scan or a client with a wrong key sends thousands of messages that are each worth a line. */
const linesInPeriod = 20;
const period = 10_000;

/** Passes at most 20 lines per 10 s to `write`; the others are counted, and the count and the last of them are logged. */
export function createLog(write: (line: string) => void): Log {
  let written = 0;
  let left = 0;
  let last = '';

  const endPeriod = () => {
    if (left > 0) write(`${left} more lines in ${period / 1000} s, the last of them: ${last}`);
    written = left = 0;
  };

  return (text) => {
    if (written === 0 && left === 0) setTimeout(endPeriod, period).unref();
    if (written < linesInPeriod) {
      written += 1;
      write(text);
    } else {
      left += 1;
      last = text;
    }
  };
}

/**
 * Writes lines to a file descriptor. A worker's process.stderr goes through the main thread, which may be busy; a descriptor does
 * not. If nothing reads it, it fills up (EAGAIN): then lines are dropped and counted, and nothing is thrown.
 */
export function createLineWriter(descriptor: number): (line: string) => void {
  let unwritten = 0;
  return (line) => {
    const before = unwritten === 0 ? '' : `(${unwritten} lines before this one could not be written) `;
    try {
      writeSync(descriptor, `[apolab] ${before}${line}\n`);
      unwritten = 0;
    } catch (error) {
      unwritten += 1;
      if (!(error instanceof Error)) throw error;
    }
  };
}
