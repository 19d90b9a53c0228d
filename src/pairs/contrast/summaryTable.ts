/** The measures of a set as a table, one row per measure, in HTML and in text. */
import { countOf } from '../../core/text.js';
import { histogramSvg, histogramText } from './histogramPicture.js';
import { formatMeasure, measures, type MeasureId } from './measures.js';
import { escapeHtml } from '../../core/html.js';
import { alignedText } from '../../core/text.js';
import { intervalText } from './tableText.js';
import { pairStyle } from './pairStyle.js';
import type { MeasureSummary } from '../../core/runningStatistics.js';

type Summaries = Readonly<Partial<Record<MeasureId, MeasureSummary>>>;

const heads = ['', 'mean', '95 %', 'median', '95 %', 'range', 'distribution'];

/** The table as HTML, with the histograms as SVG. */
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

/** The table as text, with the histograms as block characters. */
export function summaryText(pairs: number, summaries: Summaries, title: string | undefined): string {
  const rows = rowsOf(summaries).map(({ label, unit, cells, summary }) => [
    unit === '' ? label : `${label}, ${unit}`,
    ...cells,
    histogramText(summary.histogram),
  ]);
  return `${headingOf(pairs, title)}\n\n${alignedText([heads, ...rows], (column) => column > 0 && column < 6)}`;
}

function headingOf(pairs: number, title: string | undefined): string {
  return `${title === undefined ? '' : `${title}: `}${countOf(pairs, 'pair')}`;
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
