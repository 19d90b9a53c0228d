/**
 * The line of a step: its title at the start, its seconds at the end; on a terminal also a clock and the last line of the
 * installer's output, so that a long step shows that it still runs.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';

/**
 * Starts the line of a step.
 *
 * @param {string} title
 * @param {string} log the file whose last line is shown while the step runs
 * @param {{ write(text: string): unknown, isTTY?: boolean, columns?: number }} stream
 * @returns {{ end(word: string): void }}
 */
export function startStepLine(title, log, stream = process.stderr) {
  const startedAt = Date.now();
  const seconds = () => `${((Date.now() - startedAt) / 1000).toFixed(0)} s`;
  if (!stream.isTTY) {
    stream.write(`${title} ... `);
    return { end: (word) => void stream.write(`${word}, ${seconds()}\n`) };
  }
  const draw = (/** @type {string} */ rest) => {
    const line = `${title} ... ${rest}`.slice(0, (stream.columns || 80) - 1);
    stream.write(`\r${line}\x1b[K`);
  };
  draw('');
  const ticker = setInterval(() => draw(`${seconds()}  ${lastLine(log)}`), 1000);
  return {
    end(word) {
      clearInterval(ticker);
      draw(`${word}, ${seconds()}`);
      stream.write('\n');
    },
  };
}

/** @param {string} file */
function lastLine(file) {
  const size = statSync(file).size;
  const buffer = Buffer.alloc(Math.min(size, 2000));
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, buffer, 0, buffer.length, size - buffer.length);
  } finally {
    closeSync(descriptor);
  }
  return buffer.toString().trim().split('\n').at(-1)?.trim() ?? '';
}
