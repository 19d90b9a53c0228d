/** The files of a run as links that a notebook shows. */
import path from 'node:path';
import { jupyterDisplay, type Displayable } from '../../core/display.js';
import { html } from '../../core/html.js';
import { fileLink, pageLink } from '../../core/servedFile.js';
import { shownPath } from './runFolder.js';
import { runVariable } from './runSettings.js';

type SavedFiles = Record<'grid' | 'csv' | 'report', string>;

const descriptions = {
  report: 'the report: tables, figures and the comparison with the paper, for a browser',
  csv: 'one line per cell',
  grid: 'everything, as JSON',
} as const satisfies Record<keyof SavedFiles, string>;

/**
 * The files' paths with a display method, which is not enumerable: links in a notebook, paths in a terminal.
 *
 * @example
 * showableFiles({ report: '/work/results/run/report.html', csv: '/work/results/run/grid.csv', grid: '/work/results/run/grid.json' })
 */
export function showableFiles(files: SavedFiles): SavedFiles & Displayable {
  const show = () => {
    // `npm run reproduce` writes the executed notebook beside these files; otherwise it is in the kernel's own folder.
    const from = process.env[runVariable] === undefined ? process.cwd() : path.dirname(files.report);
    const names = ['report', 'csv', 'grid'] as const;
    const links = names.map((name) => {
      const link = name === 'report' ? pageLink : fileLink;
      return html`<li>${link(from, files[name], shownPath(files[name]))}: ${descriptions[name]}</li>`;
    });
    const lines = names.map((name) => `${shownPath(files[name])}: ${descriptions[name]}`);
    return {
      'text/html': html`<ul>
        ${links}
      </ul>`.text,
      'text/plain': lines.join('\n'),
    };
  };
  return Object.defineProperty({ ...files }, jupyterDisplay, { value: show }) as SavedFiles & Displayable;
}
