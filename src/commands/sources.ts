/** What commands that read pairs share: the options that find a source, and the progress of reading it. */
import { Option } from 'commander';
import { positiveWholeNumber } from './options.js';
import { createProgress, formatTime, type ProgressLine } from '../core/progress.js';

/** Options of a command line that say which part of a source is meant. */
export interface SourceFlags {
  readonly split?: string;
  readonly config?: string;
  readonly revision?: string;
  readonly delimiter?: string;
  readonly maxLineBytes?: number;
}

export const sourceOptions = () => [
  new Option('--split <name>', 'split of a dataset folder or of a dataset of the Hub (train)'),
  new Option('--config <name>', 'configuration of such a dataset, where it has several'),
  new Option('--revision <name>', 'branch, tag or commit of a dataset of the Hub (main)'),
  new Option('--max-line-bytes <bytes>', 'longest line of JSONL or row of CSV that is read (1048576)').argParser(
    positiveWholeNumber,
  ),
  new Option('--delimiter <character>', 'what stands between the cells of a CSV file (found out)'),
];

/**
 * Rows that were read, with their rate and the time that the rest of the bytes will take.
 *
 * @param often asking the clock for each of a million rows would take longer than reading some of them
 */
export function showRows(label: string, often = 256) {
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
    options: {
      onRow(count: number) {
        rows = count;
        if (rows % often === 0) progress.update(rows, note());
      },
      onProgress(read: number, total: number) {
        share = total === 0 ? 1 : read / total;
      },
    },
    finish() {
      // So few were done before anybody could look.
      if (rows < often) return;
      share = 1;
      progress.update(rows);
      progress.finish();
    },
  };
}

/** Bytes that are fetched from the Hub. */
export function showFetching() {
  let progress: ProgressLine | undefined;
  return ({
    file,
    bytes,
    totalBytes,
  }: {
    readonly file: string;
    readonly bytes: number;
    readonly totalBytes: number;
  }) => {
    progress ??= createProgress('fetching', Math.ceil(totalBytes / 1e6));
    progress.update(Math.ceil(bytes / 1e6), `MB  ${file}`);
    if (bytes === totalBytes) progress.finish();
  };
}
