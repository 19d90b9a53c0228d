/** The events of a run, and the lines that a terminal or notebook shows of them. */
import { builderCatalog } from '../../builders/catalog.js';
import { openLiveDisplay, type ShowLive } from '../../core/liveDisplay.js';
import { formatMetrics, formatProgress } from '../../core/progress.js';
import type { DatasetId } from '../../datasets/paper.js';
import { columnStyle } from '../../charts/columnStyle.js';
import type { CellProgress } from '../cell/cell.js';
import type { CellFailure, PairsRecord } from '../grid.js';
import { signed } from '../report/numbers.js';
import { gridBar, showGridStatus, type GridStatus } from './gridStatus.js';
import type { PrepareProgress } from './prepared.js';
import { shownPath, type OpenedRun } from './runFolder.js';

interface CellName {
  readonly dataset: DatasetId;
  readonly objective: string;
  readonly seed: number;
}

/**
 * What happens during a run: the folder is `opened`; each seed is `preparing`, then `prepared`; training has `started`
 * (`reused` cells were finished before); each cell makes `progress` and is `finished`, or `retried` after its first failure
 * and `failed` after the second; the run was `stopped`.
 */
export type GridEvent =
  | { readonly kind: 'opened'; readonly folder: string; readonly opened: OpenedRun }
  | { readonly kind: 'preparing'; readonly progress: PrepareProgress }
  | { readonly kind: 'prepared'; readonly seed: number; readonly base: number; readonly pairs: readonly PairsRecord[] }
  | { readonly kind: 'started'; readonly reused: number; readonly total: number }
  | ({ readonly kind: 'progress'; readonly progress: CellProgress } & CellName)
  | ({ readonly kind: 'finished'; readonly maxChange: number; readonly meanChange: number } & CellName)
  | ({ readonly kind: 'retried' } & CellFailure)
  | ({ readonly kind: 'failed' } & CellFailure)
  | { readonly kind: 'stopped'; readonly message: string };

/** Output and clock of `printEvents`; standard output and the process's clock by default. */
export interface PrintOptions {
  /** Called with each text; a status line begins with a carriage return and has no line end. */
  readonly write?: (text: string) => void;
  /** Milliseconds since some fixed moment. */
  readonly now?: () => number;
  /** Shows the status in place of the one before; by default in an output of the notebook, and as a line outside of one. */
  readonly live?: ShowLive | undefined;
}

/** A status line must fit in a terminal of 80 columns: a wrapped line cannot be overwritten. */
const statusWidth = 79;
/** Milliseconds between two status lines: a notebook keeps every one that it receives. */
const statusPause = 300;

/**
 * Prints events as lines, and below them a status line that overwrites itself.
 *
 * @example
 * await ablation.runGrid(ablation.runSettings(), { onEvent: printEvents() });
 */
export function printEvents(options: PrintOptions = {}): (event: GridEvent) => void {
  const { write = (text: string) => void process.stdout.write(text), now = () => performance.now() } = options;
  let lastStatus = -Infinity;
  let statusShown = false;
  const line = (text: string) => {
    write(`${statusShown ? `\r${' '.repeat(statusWidth)}\r` : ''}${text}\n`);
    statusShown = false;
    lastStatus = -Infinity;
  };
  const status = (text: () => string) => {
    if (now() - lastStatus < statusPause) return;
    lastStatus = now();
    statusShown = true;
    write(`\r${text().slice(0, statusWidth).padEnd(statusWidth)}`);
  };

  const began = now();
  let cells = { total: 0, reused: 0, finished: 0, began: 0 };
  let live: ShowLive | undefined;
  const running = new Map<string, CellProgress>();
  const statusNow = (): GridStatus => ({
    total: cells.total - cells.reused,
    finished: cells.finished,
    running,
    startedAt: cells.began,
    now: now(),
  });
  const showRunning = (atOnce: boolean) => {
    if (live === undefined) {
      if (!atOnce) status(() => gridBar(statusNow(), 46) + [...running].map(runningNote).join(''));
    } else if (atOnce || now() - lastStatus >= statusPause) {
      lastStatus = now();
      live(showGridStatus(statusNow()));
    }
  };

  const show: { [Kind in GridEvent['kind']]: (event: Extract<GridEvent, { kind: Kind }>) => void } = {
    opened: ({ folder, opened }) => line(openedLine(folder, opened)),
    preparing: ({ progress: { task, done, total } }) =>
      status(() => formatProgress({ done, total, startedAt: began, now: now(), label: task, width: statusWidth })),
    prepared: ({ seed, base, pairs }) => {
      line(`Seed ${seed}: the base scores ${base.toFixed(1)} on the held-out prompts.`);
      pairs.flatMap(pairsLines).forEach(line);
    },
    started: ({ total, reused }) => {
      cells = { total, reused, finished: 0, began: now() };
      line(
        `Training ${total} ${total === 1 ? 'cell' : 'cells'}${reused === 0 ? '' : `; ${reused} are already finished`}.`,
      );
      live = 'live' in options ? options.live : openLiveDisplay();
    },
    progress: (event) => {
      running.set(cellName(event), event.progress);
      showRunning(false);
    },
    finished: (event) => {
      running.delete(cellName(event));
      cells.finished++;
      const count = `${cells.reused + cells.finished}/${cells.total}`.padStart(7);
      const changes = `max ${signed(event.maxChange).padStart(5)}  mean ${signed(event.meanChange).padStart(5)}`;
      line(`${count}  ${cellName(event).padEnd(36)} ${changes}`);
      showRunning(true);
    },
    retried: (event) => failed(event, 'It is tried once more.'),
    failed: (event) => failed(event, 'The others go on.'),
    stopped: ({ message }) => line(message),
  };
  const failed = (event: CellFailure, then: string) => {
    running.delete(cellName(event));
    line(`${cellName(event)} failed. ${then} ${event.reason}`);
  };
  return (event) => (show[event.kind] as (event: GridEvent) => void)(event);
}

/** The cell's epoch, and its loss and margin, after the bar of a status line. */
function runningNote([name, { epoch, epochs, metrics = {} }]: [string, CellProgress]): string {
  const shown = Object.entries(metrics).filter(([metric]) => metric === 'loss' || metric === 'margin');
  return ['', name, `${epoch}/${epochs}`, ...formatMetrics(Object.fromEntries(shown))].join(' ').replace(' ', '  ');
}

function openedLine(folder: string, opened: OpenedRun): string {
  switch (opened.kind) {
    case 'new':
      return `Run folder: ${shownPath(folder)}`;
    case 'continued':
      return `Run folder: ${shownPath(folder)}; a run of ${opened.startedAt} was interrupted; it is continued.`;
    case 'moved':
      return `Run folder: ${shownPath(folder)}; it ${opened.why}, which was moved to ${shownPath(opened.to)}.`;
  }
}

function pairsLines({ dataset, count, source, skipped }: PairsRecord): string[] {
  const name = builderCatalog[dataset].label.padEnd(20);
  const lines = skipped
    .filter((row) => row.line !== undefined)
    .map(({ line, reason }) => `    line ${line}: ${reason}`);
  const note = skipped.length === 0 ? '' : `, ${skipped.length} skipped`;
  return [`  ${name} ${count} pairs from ${source}${note}`, ...lines];
}

function cellName({ dataset, objective, seed }: CellName): string {
  return `${builderCatalog[dataset].label} x ${columnStyle({}, objective).label}${seed === 0 ? '' : `, seed ${seed}`}`;
}
