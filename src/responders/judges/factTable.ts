/** Results with named facts as their display: a table in a notebook, lines of text elsewhere. */
import { jupyterDisplay, type Displayable } from '../../core/display.js';
import { escapeHtml } from '../../core/html.js';

/** A row of the display. */
export type Fact = readonly [name: string, value: string];

/** A copy of a result with a display. The method is not enumerable, so that JSON of the result has only its data. */
export function withFactTable<T extends object>(result: T, title: string, facts: readonly Fact[]): T & Displayable {
  const width = Math.max(0, ...facts.map(([name]) => name.length));
  const lines = facts.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
  const rows = facts.map(
    ([name, value]) =>
      `<tr><th scope="row" style="text-align:left">${escapeHtml(name)}</th><td style="text-align:left">${escapeHtml(value)}</td></tr>`,
  );
  const show = () => ({
    'text/html': `<table><caption style="text-align:left"><b>${escapeHtml(title)}</b></caption><tbody>${rows.join('')}</tbody></table>`,
    'text/plain': [title, ...lines].join('\n'),
  });
  return Object.defineProperty({ ...result }, jupyterDisplay, { value: show }) as T & Displayable;
}
