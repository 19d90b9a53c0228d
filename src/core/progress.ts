/**
 * Progress of long work: a pure function formats the line, a small writer shows it.
 *
 * On a terminal the line is redrawn in place. A log file gets a new line every five seconds at most, so that it stays short.
 */

/** The state of some work, in units of it (steps, cells, pairs). */
export interface Progress {
  readonly done: number;
  /** How much there is to do; undefined if that is not known. */
  readonly total?: number | undefined;
  /** Milliseconds, on the same clock as `now`. */
  readonly startedAt: number;
  readonly now: number;
  readonly label: string;
  /** How much was done before `startedAt`, if the work was resumed. It does not count for the rate. */
  readonly before?: number | undefined;
  /** Columns of the whole line; 80 by default. */
  readonly width?: number | undefined;
}

/**
 * One line: label, bar, done of total, rate per second, time left.
 *
 * The time left assumes a constant rate: `elapsed * (total - done) / (done - before)`. Without a total there is no bar.
 *
 * @example
 * formatProgress({ done: 5, total: 20, startedAt: 0, now: 10_000, label: 'cells', width: 60 });
 * // 'cells [#######---------------------] 5/20  0.50/s  0:30 left'
 */
export function formatProgress({ done, total, startedAt, now, label, before = 0, width = 80 }: Progress): string {
  const elapsed = Math.max(0, now - startedAt) / 1000;
  const rate = elapsed > 0 ? `  ${formatRate((done - before) / elapsed)}` : '';
  if (total === undefined || !(total > 0) || !Number.isFinite(total)) {
    return `${label} ${done}${rate}  ${formatTime(elapsed)}`;
  }
  const share = Math.min(1, Math.max(0, done / total));
  const time =
    share === 1
      ? `  ${formatTime(elapsed)}`
      : done > before && elapsed > 0
        ? `  ${formatTime((elapsed * (total - done)) / (done - before))} left`
        : '';
  const figures = `${done}/${total}${rate}${time}`;
  const room = Math.min(40, width - label.length - figures.length - 4);
  if (room < 5) return `${label} ${figures}`;
  const filled = Math.round(share * room);
  return `${label} [${'#'.repeat(filled)}${'-'.repeat(room - filled)}] ${figures}`;
}

/** `0.50/s`, `12.3/s`, `480/s`; `3.0/min` if it is less than 0.1 per second. */
function formatRate(perSecond: number): string {
  if (perSecond < 0.1) return `${(perSecond * 60).toFixed(1)}/min`;
  return `${perSecond.toFixed(perSecond < 1 ? 2 : perSecond < 100 ? 1 : 0)}/s`;
}

/**
 * Metrics as texts of three decimals, for the end of a progress line. Small numbers keep two digits, whole ones have no decimals.
 *
 * @example
 * formatMetrics({ loss: 0.69315, margin: 0.00021, skipped: 3 }); // ['loss 0.693', 'margin 2.1e-4', 'skipped 3']
 */
export function formatMetrics(metrics: Readonly<Record<string, number>>): string[] {
  return Object.entries(metrics).map(([name, value]) => `${name} ${shortNumber(value)}`);
}

function shortNumber(value: number): string {
  if (Number.isInteger(value) || !Number.isFinite(value)) return String(value);
  return Math.abs(value) < 0.001 ? value.toExponential(1) : value.toFixed(3);
}

/** Seconds as `m:ss`, or as `h:mm:ss` if they are an hour or more. */
export function formatTime(seconds: number): string {
  const whole = Math.round(seconds);
  const pad = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}

/** A progress line that is being shown. */
export interface ProgressLine {
  /** Shows how much is done. `note` is written after the line (the current cell, the last loss). */
  update(done: number, note?: string): void;
  /** Shows the final state and ends the line. */
  finish(note?: string): void;
}

/** What a progress line is written to: `process.stderr`, or any object that takes text. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Milliseconds between two drawings. */
const interval = { terminal: 100, file: 5000 };

/**
 * A progress line on `stream`.
 *
 * @param before how much was done earlier, if the work is resumed
 * @example
 * const progress = createProgress('prompts', prompts.length);
 * for (const [done, prompt] of prompts.entries()) {
 *   progress.update(done, prompt);
 *   await policy.generate([prompt]);
 * }
 * progress.finish();
 */
export function createProgress(
  label: string,
  total: number | undefined,
  stream: ProgressStream = process.stderr,
  clock: () => number = Date.now,
  before = 0,
): ProgressLine {
  const startedAt = clock();
  const onTerminal = stream.isTTY === true;
  let drawnAt = -Infinity;
  let latest = before;
  const line = (note: string | undefined) => {
    const width = (stream.columns ?? 80) - 1;
    const suffix = note === undefined ? '' : `  ${note}`;
    const room = width - suffix.length;
    const text = formatProgress({ done: latest, total, startedAt, now: clock(), label, before, width: room });
    return onTerminal ? `\r${(text + suffix).slice(0, width)}\x1b[K` : `${text}${suffix}\n`;
  };
  return {
    update(done, note) {
      latest = done;
      if (clock() - drawnAt < (onTerminal ? interval.terminal : interval.file)) return;
      drawnAt = clock();
      stream.write(line(note));
    },
    finish(note) {
      stream.write(onTerminal ? `${line(note)}\n` : line(note));
    },
  };
}
