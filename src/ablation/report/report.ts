/**
 * The report: one HTML file with its figures, its data and plotly.js. It loads nothing, and its content security policy
 * forbids it to.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { contrastiveness, rewardCurves, scoreCurves, type Figure } from '../../charts/index.js';
import { html, Html, scriptCode, scriptJson } from '../../core/html.js';
import { packageRoot } from '../../core/packageRoot.js';
import { paper } from '../../datasets/index.js';
import type { Grid } from '../grid.js';
import { compareWithPaper } from './claims.js';
import { reportStyle } from './reportStyle.js';
import { agreement } from './sections/agreement.js';
import { limits } from './sections/limits.js';
import { opening } from './sections/opening.js';
import { pairs } from './sections/pairs.js';
import { published } from './sections/published.js';
import { results } from './sections/results.js';
import { settings } from './sections/settings.js';

const policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: blob:";

/**
 * The report of a run as the text of one HTML file.
 *
 * @example
 * await writeAtomic('report.html', ablation.formatReport(grid));
 */
export function formatReport(grid: Grid): string {
  const figures: Record<string, Figure> = {
    scores: scoreCurves(grid),
    rewards: rewardCurves(grid),
    contrastiveness: contrastiveness(grid.pairs),
  };
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta http-equiv="Content-Security-Policy" content="${policy}" />
      <title>Ablation grid: ${grid.run.preset}, seed ${grid.run.seed}</title>
      <style>
        ${new Html(reportStyle)}
      </style>
    </head>
    <body>
      ${opening(grid)} ${results(grid)} ${published(grid, paper.published())}
      ${agreement(compareWithPaper(grid), grid.run.seeds)}
      <section>
        <h2>Score of each checkpoint</h2>
        <figure>
          <div id="scores"></div>
          <figcaption>Epoch 0 is the base. All panels share one scale. Choose objectives in the legend.</figcaption>
        </figure>
      </section>
      <section>
        <h2>Rewards</h2>
        <figure>
          <div id="rewards"></div>
          <figcaption>
            The implicit reward is beta times the log-ratio of policy and reference, summed over the response; mean over
            each epoch's steps. Solid: chosen; dotted: rejected.
          </figcaption>
        </figure>
      </section>
      ${pairs(grid)} ${limits()} ${settings(grid)}
      <script>
        ${scriptCode(plotlySource())};
      </script>
      <script>
        ${new Html(drawFigures(figures))};
      </script>
    </body>
  </html>`;
  return `<!doctype html>\n${page.text}\n`;
}

/** plotly.js with basic trace types only: a third of the full size. */
function plotlySource(): string {
  return readFileSync(path.join(packageRoot, 'dist', 'packages', 'plotly-basic.min.js'), 'utf8');
}

/** Each figure goes into the element with its name, without its title: the page has headings. */
function drawFigures(figures: Readonly<Record<string, Figure>>): string {
  const drawn = Object.entries(figures).map(([element, { data, layout, config }]) => ({
    element,
    data,
    layout: { ...layout, title: { text: '' }, margin: { ...layout.margin, t: 32 } },
    config: { ...config, responsive: true },
  }));
  return `for (const { element, data, layout, config } of ${scriptJson(drawn).text}) Plotly.newPlot(element, data, layout, config)`;
}
