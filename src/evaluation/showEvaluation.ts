/** An evaluation as tables: the score and its parts, and the items, each of which opens to question, response and verdict. */
import type { MimeBundle } from '../core/display.js';
import { html, type Html } from '../core/html.js';
import { alignedText, countOf } from '../core/text.js';
import { promptText } from '../pairs/pair.js';
import type { EvaluatedItem, Evaluation, PartEvaluation } from './evaluation.js';

/** How many items open in a page, and how many the text lists; `items` has them all. */
const shown = { html: 200, text: 10 };
const shownLength = 100;

/** The tables as HTML and as text. */
export function showEvaluation(evaluation: Omit<Evaluation, symbol>): MimeBundle {
  return { 'text/html': htmlOf(evaluation).text, 'text/plain': textOf(evaluation) };
}

/**
 * The score in one line: 'Village, hard split: 54.4 of 100, standard error 2.8, 320 items, 1 refused'.
 *
 * @example
 * summaryOf({ benchmark: 'Sums', score: 50, standardError: null, n: 1, refused: 0, undecided: 0 });
 * // 'Sums: 50.0 of 100, 1 item'
 */
export function summaryOf(
  evaluation: Pick<Evaluation, 'benchmark' | 'score' | 'standardError' | 'n' | 'refused' | 'undecided'>,
): string {
  const { benchmark, score, standardError, n, refused, undecided } = evaluation;
  return [
    `${benchmark}: ${score.toFixed(1)} of 100`,
    ...(standardError === null ? [] : [`standard error ${standardError.toFixed(1)}`]),
    countOf(n, 'item'),
    ...(refused === 0 ? [] : [`${refused} refused`]),
    ...(undecided === 0 ? [] : [`${undecided} undecided (0 points each)`]),
  ].join(', ');
}

/** The parts as lines of text, with their scores, standard errors and numbers of scores; none if there is no part. */
export function partLines(parts: readonly PartEvaluation[]): string[] {
  if (parts.length === 0) return [];
  const rows = parts.map((part) => ['', ...partCells(part)]);
  return alignedText([['', 'part', 'score', 'error', 'n'], ...rows], (column) => column > 1).split('\n');
}

function partCells({ name, score, standardError, n }: PartEvaluation): [string, string, string, string] {
  return [name, score.toFixed(1), standardError === null ? '' : standardError.toFixed(1), String(n)];
}

function textOf(evaluation: Omit<Evaluation, symbol>): string {
  const { items, parts } = evaluation;
  const rows = items.slice(0, shown.text).map((item) => {
    const line = `${scoreText(item).padStart(4)}  ${shortened(promptText(item.prompt))} -> ${shortened(answerOf(item))}`;
    return `${line}${item.reason === undefined ? '' : `  (${shortened(item.reason)})`}`.replaceAll('\n', ' ');
  });
  const more = items.length - rows.length;
  return [summaryOf(evaluation), ...partLines(parts), ...rows, ...(more > 0 ? [`${more} more in items`] : [])].join(
    '\n',
  );
}

const answerOf = ({ response, refused }: EvaluatedItem) => response ?? (refused === true ? '(refused)' : '');

function scoreText({ score, undecided }: EvaluatedItem): string {
  if (undecided === true) return '?';
  return Number.isInteger(score) ? String(score) : score.toFixed(2);
}

function shortened(text: string): string {
  return text.length > shownLength ? `${text.slice(0, shownLength)}...` : text;
}

function htmlOf(evaluation: Omit<Evaluation, symbol>): Html {
  const { items, parts } = evaluation;
  const rows = items.slice(0, shown.html);
  const more = items.length - rows.length;
  return html`<div>
    <p><b>${summaryOf(evaluation)}</b></p>
    ${parts.length === 0 ? '' : partTable(parts)}
    <table>
      <thead>
        <tr>
          <th>score</th>
          <th style="${left}">item</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(itemRow)}
      </tbody>
    </table>
    ${more > 0 ? html`<p>${more} more in items</p>` : ''}
  </div>`;
}

const left = 'text-align:left';
const wrapped = 'white-space:pre-wrap;text-align:left;margin:0;max-width:60em';

function partTable(parts: readonly PartEvaluation[]): Html {
  return html`<table>
    <thead>
      <tr>
        <th style="${left}">part</th>
        <th>score</th>
        <th>standard error</th>
        <th>n</th>
      </tr>
    </thead>
    <tbody>
      ${parts.map((part) => {
        const [name, ...numbers] = partCells(part);
        return html`<tr>
          <td style="${left}">${name}</td>
          ${numbers.map((number) => html`<td>${number}</td>`)}
        </tr>`;
      })}
    </tbody>
  </table>`;
}

function itemRow(item: EvaluatedItem): Html {
  const { id = {}, prompt, response, reason, verdict } = item;
  const name = Object.values(id).join(' ');
  const text = promptText(prompt);
  const facts = [
    ['question', text],
    ['response', response ?? ''],
    ['verdict', verdict === undefined ? '' : JSON.stringify(verdict)],
    ['reason', reason ?? ''],
  ] as const;
  return html`<tr>
    <td>${scoreText(item)}</td>
    <td style="${left}">
      <details>
        <summary>${name === '' ? '' : html`<b>${name}</b> `}${shortened(text)}${refusedMark(item)}</summary>
        ${facts
          .filter(([, value]) => value !== '')
          .map(
            ([fact, value]) =>
              html`<p style="${left}"><b>${fact}</b></p>
                <pre style="${wrapped}">${value}</pre>`,
          )}
      </details>
    </td>
  </tr>`;
}

const refusedMark = ({ refused }: EvaluatedItem) => (refused === true ? ' (refused)' : '');
