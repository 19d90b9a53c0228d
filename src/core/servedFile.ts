/** Links from a notebook's output to files, for people who click on them. */
import path from 'node:path';

/** The environment variable in which `npm start` tells kernels which folder its JupyterLab serves. */
export const servedFolderVariable = 'APOLAB_SERVED_FOLDER';

/**
 * A link from a notebook to a file, for an `href`: relative to the notebook's folder, with `/` between the names.
 *
 * @example
 * relativeLink('/work/notebooks', '/work/results/my run/grid.csv'); // '../results/my%20run/grid.csv'
 */
export function relativeLink(from: string, file: string): string {
  return path.relative(from, file).split(path.sep).map(encodeURIComponent).join('/');
}

/**
 * A link that opens a page in a tab of the browser. JupyterLab opens a relative link to an HTML file in its own viewer, which runs
 * no script until the user trusts the page. The server's `/files/` gives the file in a sandbox in which scripts run and cannot
 * reach the server. Other front ends, and files that are not in the served folder, get the relative link.
 *
 * @example
 * pageLink('/work/notebooks', '/work/results/run/report.html'); // '../results/run/report.html' ('/files/results/run/report.html' in the JupyterLab of npm start)
 */
export function pageLink(from: string, file: string): string {
  const served = process.env[servedFolderVariable];
  const inside = served === undefined || served === '' ? '..' : relativeLink(served, file);
  return inside.startsWith('..') ? relativeLink(from, file) : `/files/${inside}`;
}
