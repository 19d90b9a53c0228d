/** Links from a notebook's output to files, for people who click on them. */
import path from 'node:path';
import { escapeHtml, Html } from './html.js';

/**
 * A link from a notebook to a file, for an `href`: relative to the notebook's folder, with `/` between the names. Every front end
 * resolves it, under whatever address it is served.
 *
 * @example
 * relativeLink('/work/notebooks', '/work/results/my run/grid.csv'); // '../results/my%20run/grid.csv'
 */
export function relativeLink(from: string, file: string): string {
  return path.relative(from, file).split(path.sep).map(encodeURIComponent).join('/');
}

/**
 * JupyterLab makes two things of a relative link: an address of the server's `/files/`, which gives the file in a sandbox in which
 * scripts run and cannot reach the server, and a handler of clicks, which opens the file in a viewer that runs no script until the
 * user trusts the page. This keeps the click from the handler. Other front ends get the click as usual.
 */
const openAddress = "if (document.getElementById('jupyter-config-data')) event.stopImmediatePropagation()";

/**
 * A link that opens a file in a tab of the browser. In a notebook that is not trusted, JupyterLab opens it in its viewer.
 *
 * @example
 * const report = pageLink('/work/notebooks', '/work/results/run/report.html', 'the report');
 */
export const pageLink = (from: string, file: string, text: string): Html =>
  link(relativeLink(from, file), text, ` onclick="${openAddress}"`);

/**
 * A link to a file that the front end opens with its own viewer.
 *
 * @example
 * fileLink('/work/notebooks', '/work/results/run/grid.csv', 'the numbers').text;
 * // '<a href="../results/run/grid.csv" target="_blank" rel="noopener">the numbers</a>'
 */
export const fileLink = (from: string, file: string, text: string): Html => link(relativeLink(from, file), text);

const link = (href: string, text: string, attributes = '') =>
  new Html(`<a href="${href}" target="_blank" rel="noopener"${attributes}>${escapeHtml(text)}</a>`);
