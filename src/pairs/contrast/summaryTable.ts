/** A set's measures as a table: a row a measure. */
import { histogramSvg, histogramText } from './histogramPicture.js';
import { formatMeasure, measures, type MeasureId } from './measures.js';
import { count } from './pairHtml.js';
import { escapeHtml } from '../../core/html.js';
import { pairStyle } from './pairStyle.js';
import type { MeasureSummary } from '../../core/runningStatistics.js';
import type { Interval } from '../../core/statistics.js';

type Summaries = Readonly<Partial<Record<MeasureId, MeasureSummary>>>;

const heads = ['', 'mean', '95 %', 'median', '95 %', 'range', 'distribution'];

export function summaryHtml(pairs: number, summaries: Summaries, title: string | undefined): string {
  const rows = rowsOf(summaries).map(({ label, unit, cells, summary }) => {
    const numbers = cells.map((cell) => `<td class="apolab-number">${cell}</td>`);
    const name = `<th>${escapeHtml(label)}${unit === '' ? '' : ` <small class="apolab-note">${unit}</small>`}</th>`;
    return `<tr>${name}${numbers.join('')}<td>${histogramSvg(summary.histogram)}</td></tr>`;
  });
  const head = heads.map((each, index) => `<th${index > 0 && index < 6 ? ' class="apolab-number"' : ''}>${each}</th>`);
  return (
    `${pairStyle}<div class="apolab-pairs"><div class="apolab-heading"><b>${escapeHtml(headingOf(pairs, title))}</b></div>` +
    `<div class="apolab-box apolab-narrow"><table><thead><tr>${head.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div></div>`
  );
}

export function summaryText(pairs: number, summaries: Summaries, title: string | undefined): string {
  const rows = rowsOf(summaries).map(({ label, unit, cells, summary }) => [
    unit === '' ? label : `${label}, ${unit}`,
    ...cells,
    histogramText(summary.histogram),
  ]);
  return `${headingOf(pairs, title)}\n\n${alignedText([heads, ...rows], (column) => column > 0 && column < 6)}`;
}

function headingOf(pairs: number, title: string | undefined): string {
  return `${title === undefined ? '' : `${title}: `}${count(pairs, 'pair')}`;
}

function rowsOf(summaries: Summaries) {
  return (Object.entries(summaries) as [MeasureId, MeasureSummary][]).map(([id, summary]) => {
    const format = (value: number) => formatMeasure(id, value);
    const exact = (value: number) => formatMeasure(id, value, 'value');
    const range = `${exact(summary.least)} \u2026 ${exact(summary.most)}`;
    return {
      ...measures[id],
      summary,
      cells: [
        format(summary.mean),
        intervalText(summary.interval, format),
        exact(summary.median),
        intervalText(summary.medianInterval, exact),
        range,
      ],
    };
  });
}

/** `0.41 to 0.43`; nothing where it isn't known. */
export function intervalText(interval: Interval | null, format: (value: number) => string): string {
  return interval === null ? '' : `${format(interval.low)} to ${format(interval.high)}`;
}

/** Rows of cells in columns, numbers flush right. */
export function alignedText(rows: readonly (readonly string[])[], isNumber: (column: number) => boolean): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      widths
        .map((width, column) => (isNumber(column) ? row[column]!.padStart(width) : row[column]!.padEnd(width)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
