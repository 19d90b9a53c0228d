/** The results as Markdown. */
import { cases } from './cases.mjs';
import { median } from './run.mjs';

/** @param {object} results what bench.mjs writes */
export function markdown({ machine, cases: measured, scaling = [] }) {
  const rows = Object.entries(measured).flatMap(([id, { runs }]) =>
    Object.entries(runs).map(([side, all]) => rowOf(id, side, all, runs.apolab)),
  );
  return [
    `Medians on ${machine}.`,
    table(['', 'pairs/s', 'ratio', 'processor s', 'ratio', 'peak MB', 'ratio', 'largest difference of a loss'], rows),
    ...Object.entries(measured).map(([id, { runs, profile }]) => workLine(id, runs.apolab, profile)),
    ...(scaling.length === 0
      ? []
      : [table(['', 'ms per step', 'tokens/s', 'GFLOP/s', 'peak MB'], scaling.map(scalingRow))]),
  ].join('\n\n');
}

/** One side of a case; a ratio above 1 is in favour of apolab. */
function rowOf(id, side, runs, ours) {
  const of = (all, key) => median(all.map((run) => run[key]));
  const rate = (all) => all[0].pairs / of(all, 'seconds');
  const ratio = (key) => (ours === undefined || side === 'apolab' ? '' : (of(runs, key) / of(ours, key)).toFixed(2));
  const difference = ours && Math.max(...runs[0].losses.map((loss, step) => Math.abs(loss - ours[0].losses[step])));
  return [
    `${cases[id].name}: ${side}`,
    rate(runs).toFixed(2),
    ratio('seconds'),
    of(runs, 'cpuSeconds').toFixed(1),
    ratio('cpuSeconds'),
    of(runs, 'peakMB'),
    ratio('peakMB'),
    side === 'apolab' || difference === undefined ? '' : difference.toExponential(1),
  ];
}

/** Tokens, arithmetic and the profile of one step. */
function workLine(id, [ours] = [], profile) {
  if (ours === undefined) return '';
  const { computed, separate, padded } = ours.tokens;
  const share = (part, whole) => `${Math.round((100 * part) / whole)} %`;
  const work =
    `${cases[id].name}: ${computed} tokens per pass, ${share(computed, separate)} of the sequences' tokens and ${share(computed, padded)} of padded ones; ` +
    `${ours.gflops.toFixed(0)} GFLOP/s, ${share(ours.gflops, ours.peakGflops)} of the ${ours.peakGflops.toFixed(0)} of a product of 1024 x 1024.`;
  if (profile === undefined) return work;
  const operations = Object.entries(profile.operations);
  const known = operations.reduce((sum, [, { ms }]) => sum + ms, 0);
  const parts = [
    ...operations.slice(0, 8).map(([name, { ms, calls }]) => [`${name} (${calls})`, ms]),
    ['everything else', profile.step - known],
  ];
  return `${work} One step: ${parts.map(([name, ms]) => `${name} ${share(ms, profile.step)}`).join(', ')} of ${profile.step.toFixed(0)} ms.`;
}

const scalingRow = ({ axis, value, ms, tokens, gflops, peakMB }) => [
  `${axis} ${value}`,
  ms.toFixed(0),
  ((1000 * tokens) / ms).toFixed(0),
  gflops.toFixed(0),
  peakMB,
];

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n');
}
