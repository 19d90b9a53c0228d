/** Progress of reading a source of pairs: the rows that were read, and the bytes that were fetched from the Hub. */
import { createProgress, formatTime, type ProgressLine } from '../core/progress.js';

/**
 * A progress line for rows, with their rate and the time left, estimated from the share of bytes that was read.
 *
 * @param label what is done, in front of the line
 * @param interval rows between two updates: reading the clock for each of a million rows takes longer than reading a row
 */
export function rowProgress(label: string, interval = 256) {
  const startedAt = Date.now();
  const progress = createProgress(label, undefined);
  let rows = 0;
  let share = 0;
  const note = () => {
    if (share <= 0 || share >= 1) return undefined;
    const left = ((Date.now() - startedAt) / 1000) * (1 / share - 1);
    return `${Math.floor(100 * share)} %  ${formatTime(left)} left`;
  };
  return {
    /** Callbacks for a reader of pairs. */
    options: {
      onRow(count: number) {
        rows = count;
        if (rows % interval === 0) progress.update(rows, note());
      },
      onProgress(read: number, total: number) {
        share = total === 0 ? 1 : read / total;
      },
    },
    finish() {
      // A short file is read before a line would help.
      if (rows < interval) return;
      share = 1;
      progress.update(rows);
      progress.finish();
    },
  };
}

/** How much of a file of the Hub is fetched. */
interface Fetched {
  readonly file: string;
  readonly bytes: number;
  readonly totalBytes: number;
}

/** A progress line for megabytes fetched from the Hub, as the callback `onFetch` of a reader of pairs. */
export function fetchProgress(): (fetched: Fetched) => void {
  let progress: ProgressLine | undefined;
  return ({ file, bytes, totalBytes }) => {
    progress ??= createProgress('fetching', Math.ceil(totalBytes / 1e6));
    progress.update(Math.ceil(bytes / 1e6), `MB  ${file}`);
    if (bytes === totalBytes) progress.finish();
  };
}
