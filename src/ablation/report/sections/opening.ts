import { html, type Html } from '../../../core/html.js';
import type { Grid } from '../../grid.js';
import { formatDuration } from '../numbers.js';

/** The head of the report: what the grid is, and the run's size in six numbers. */
export function opening(grid: Grid): Html {
  const { run, base } = grid;
  const backends = [...new Set(grid.cells.map(({ backend }) => backend))].join(', ');
  const facts: readonly (readonly [string, string])[] = [
    [base.score.toFixed(1), 'base score, of 100'],
    [`${grid.cells.length} of ${run.datasets.length * run.objectives.length * run.seeds}`, 'cells trained'],
    [String(run.pairCount), 'pairs per dataset'],
    [String(run.epochs), 'epochs, one checkpoint each'],
    [base.seeds.map(({ seed }) => seed).join(', '), run.seeds === 1 ? 'seed' : 'seeds'],
    [formatDuration(grid.seconds), `on ${backends === '' ? 'no backend' : backends}`],
  ];
  return html`<header>
    <h1>Ablation grid: preference datasets by objectives</h1>
    <p class="lead">
      Every cell is a policy trained in this run, from the same base, on one kind of preference pairs with one
      objective. Its score is the share of held-out prompts that it answers correctly.
    </p>
    <ul class="facts">
      ${facts.map(([value, name]) => html`<li><b>${value}</b><span>${name}</span></li>`)}
    </ul>
  </header>`;
}
