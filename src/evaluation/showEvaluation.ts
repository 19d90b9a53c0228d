/** An evaluation as a small table: the score, then the first items, refused ones marked. */
import type { MimeBundle } from '../core/display.js';
import { html, type Html } from '../core/html.js';
import { promptText } from '../pairs/pair.js';
import type { EvaluatedItem, Evaluation } from './evaluation.js';

/** How many items are shown; `items` has them all. */
const shownItems = 10;
const shownLength = 200;

/** The table as HTML and as text. */
export function showEvaluation(evaluation: Omit<Evaluation, symbol>): MimeBundle {
  const rows = evaluation.items.slice(0, shownItems).map(cellsOf);
  const more = evaluation.items.length - rows.length;
  const note = more > 0 ? `${more} more in items` : '';
  const summary = summaryOf(evaluation);
  const text = [summary, ...rows.map((cells) => textRow(cells)), note].filter((line) => line !== '').join('\n');
  return { 'text/html': tableOf(summary, rows, note).text, 'text/plain': text };
}

/** 'Village, hard split: 54.4 of 100, standard error 2.8, 320 items, 1 refused'. */
function summaryOf({ benchmark, score, standardError, refused, items }: Omit<Evaluation, symbol>): string {
  const error = standardError === null ? '' : `, standard error ${standardError.toFixed(1)}`;
  const count = `${items.length} ${items.length === 1 ? 'item' : 'items'}`;
  return `${benchmark}: ${score.toFixed(1)} of 100${error}, ${count}${refused === 0 ? '' : `, ${refused} refused`}`;
}

interface Cells {
  readonly prompt: string;
  readonly response: string;
  readonly score: string;
  readonly reason: string;
}

function cellsOf({ prompt, response, score, reason = '' }: EvaluatedItem): Cells {
  return {
    prompt: shortened(promptText(prompt)),
    response: response === null ? '(refused)' : shortened(response),
    score: Number.isInteger(score) ? String(score) : score.toFixed(2),
    reason: shortened(reason),
  };
}

function shortened(text: string): string {
  return text.length > shownLength ? `${text.slice(0, shownLength)}...` : text;
}

/** '1  price of tea ? -> it is 4 coins': score, prompt, response, reason. */
function textRow({ prompt, response, score, reason }: Cells): string {
  const line = `${score.padStart(4)}  ${prompt} -> ${response}${reason === '' ? '' : `  (${reason})`}`;
  return line.replaceAll('\n', ' ');
}

function tableOf(summary: string, rows: readonly Cells[], note: string): Html {
  const left = 'text-align:left';
  return html`<table>
    <caption style="${left}">
      ${summary}
    </caption>
    <thead>
      <tr>
        <th style="${left}">prompt</th>
        <th style="${left}">response</th>
        <th>score</th>
        <th style="${left}">reason</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ({ prompt, response, score, reason }) =>
          html`<tr>
            <td style="${left}">${prompt}</td>
            <td style="${left}">${response}</td>
            <td>${score}</td>
            <td style="${left}">${reason}</td>
          </tr>`,
      )}
    </tbody>
    ${
      note === ''
        ? ''
        : html`<tfoot>
            <tr>
              <td colspan="4" style="${left}">${note}</td>
            </tr>
          </tfoot>`
    }
  </table>`;
}
