/** The report's chapters, each a pure function from results to HTML. */
import type { Published } from '../../datasets/index.js';
import type { Claim, Comparison, Verdict } from './claims.js';
import type { Grid, PairsRecord } from '../grid.js';
import { heatTable } from './heatTable.js';
import { html, type Html } from '../../core/html.js';
import { formatDuration, formatInterval, signed } from './numbers.js';
import { builderCatalog } from '../../builders/catalog.js';
import { catalog } from '../../objectives/catalog.js';

const shownSkipped = 50;

export function opening(grid: Grid): Html {
  const { run, base } = grid;
  const backends = [...new Set(grid.cells.map(({ backend }) => backend))].join(', ');
  const facts: readonly (readonly [string, string])[] = [
    [base.score.toFixed(1), 'base score, of 100'],
    [`${grid.cells.length} of ${run.datasets.length * run.objectives.length * run.seeds}`, 'cells trained'],
    [String(run.pairCount), 'pairs a dataset'],
    [String(run.epochs), 'epochs, a checkpoint each'],
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

export function results(grid: Grid): Html {
  const intervals =
    grid.run.seeds === 1
      ? 'Intervals (95 %) resample the held-out prompts, the same for the base and every checkpoint, and pick the largest change anew each time; they do not cover what another seed would change.'
      : 'Values are means over the seeds; intervals (95 %) are t-intervals over the seeds.';
  return html`<section>
    <h2>The grid</h2>
    <p>
      Change of the score against the base in points: <b>max</b> / mean over the checkpoints. The max is biased upward,
      since it is picked after the fact; the mean is the steadier number.
    </p>
    <div class="scroll">${heatTable(grid)}</div>
    <p class="note">${intervals}</p>
    ${failures(grid)}
  </section>`;
}

function failures({ failures: failed }: Grid): Html {
  if (failed.length === 0) return html``;
  return html`<h3>Cells that failed</h3>
    ${failed.map(
      ({ dataset, objective, seed, reason }) =>
        html`<p class="disagrees">${builderCatalog[dataset].label} x ${catalog[objective].label}, seed ${seed}</p>
          <pre>${reason}</pre>`,
    )}`;
}

/** The paper's table with the numbers that a source gave, in the same shape as this run's. */
export function published(grid: Grid, paper: Published): Html {
  const { datasets, objectives } = grid.run;
  const number = (value: number | null) => (value === null ? '' : signedHundredths(value));
  const cell = (dataset: string, objective: string) => {
    const known = paper.cells.find((entry) => entry.dataset === dataset && entry.objective === objective);
    if (known === undefined) return html`<td></td>`;
    return html`<td title="${known.source}">
      <b>${number(known.maxChange)}</b>${known.meanChange === null ? '' : ` / ${number(known.meanChange)}`}
    </td>`;
  };
  return html`<section>
    <h2>Beside the paper</h2>
    <p>
      ${paper.paper.citation}, ${paper.benchmark}. Only numbers that a source states are here; an empty cell is a number
      that we could not read, not a zero.
    </p>
    <div class="scroll">
      <table class="numbers">
        <caption>
          Published max / mean change
        </caption>
        <thead>
          <tr>
            <th></th>
            ${objectives.map((objective) => html`<th scope="col">${catalog[objective].label}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${datasets.map(
            (dataset) =>
              html`<tr>
                <th scope="row">${builderCatalog[dataset].label}</th>
                ${objectives.map((objective) => cell(dataset, objective))}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <ul>
      ${paper.cells.map(
        ({ dataset, objective, source }) =>
          html`<li>${builderCatalog[dataset].label} x ${catalog[objective].label}: ${source}.</li>`,
      )}
      ${paper.unplaced.map(({ label, maxChange, meanChange, source }) => {
        const mean = meanChange === null ? '' : `, mean ${number(meanChange)}`;
        return html`<li>${label}: max ${number(maxChange)}${mean} (${source}).</li>`;
      })}
    </ul>
    <p>
      Sizes cannot be compared: there an 8B model on a benchmark of open questions, here a small model in a world where
      every answer can be checked. Signs and orders can, and that is what the next part does.
    </p>
  </section>`;
}

export function agreement(claims: readonly Claim[], seeds: number): Html {
  const decided = claims.flatMap(({ comparisons }) => comparisons.filter(({ verdict }) => verdict !== null));
  const basis = seeds === 1 ? 'the paired bootstrap over the held-out prompts' : 'the differences of all seeds';
  return html`<section>
    <h2>Where this run agrees with the paper, and where it does not</h2>
    <p>
      Each number is the mean change of the one cell minus that of the other, within a seed and on the same prompts,
      with the max change's difference below it. It agrees or disagrees where its 95 % interval, from ${basis}, leaves
      out zero; otherwise it is undecided. Of ${decided.length} ${decided.length === 1 ? 'comparison' : 'comparisons'}
      about ${(decided.length / 20).toFixed(1)} would look decided by chance alone. Nothing in this run was tuned toward
      the paper's order.
    </p>
    ${claims.map((claim) => claimTable(claim))}
  </section>`;
}

function claimTable({ statement, source, reading, comparisons }: Claim): Html {
  const columns = [...new Set(comparisons.map(({ column }) => column))];
  const rows = [...new Set(comparisons.map(({ row }) => row))];
  const count = (verdict: Verdict) => comparisons.filter((comparison) => comparison.verdict === verdict).length;
  return html`<h3>&ldquo;${statement}&rdquo; <span class="note">(${source})</span></h3>
    <p>
      <span class="agrees">${count('agrees')} agree</span>,
      <span class="disagrees">${count('disagrees')} disagree</span>,
      <span class="undecided">${count('undecided')} undecided</span>.
    </p>
    <div class="scroll">
      <table class="numbers">
        <caption>
          ${reading}, points
        </caption>
        <thead>
          <tr>
            <th></th>
            ${columns.map((column) => html`<th scope="col">${column}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) =>
              html`<tr>
                <th scope="row">${row}</th>
                ${columns.map((column) =>
                  comparisonCell(comparisons.find((entry) => entry.row === row && entry.column === column)),
                )}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

function comparisonCell(comparison: Comparison | undefined): Html {
  const { difference, verdict } = comparison ?? { difference: null, verdict: null };
  if (difference === null || verdict === null) return html`<td></td>`;
  const { max, mean } = difference;
  return html`<td>
    <b>${signed(mean.value)}</b> <span class="${verdict}">${verdict}</span>
    <span class="small">${mean.interval === null ? 'interval unknown' : formatInterval(mean.interval)}</span>
    <span class="small">max ${signed(max.value)}</span>
  </td>`;
}

export function pairs(grid: Grid): Html {
  return html`<section>
    <h2>The pairs</h2>
    <div class="scroll">
      <table class="plain">
        <thead>
          <tr>
            <th>Dataset</th>
            <th>Seed</th>
            <th>Source</th>
            <th>Pairs</th>
            <th>Skipped</th>
            <th>Jaccard</th>
            <th>Levenshtein</th>
          </tr>
        </thead>
        <tbody>
          ${grid.pairs.map(
            (record) =>
              html`<tr>
                <th scope="row">${builderCatalog[record.dataset].label}</th>
                <td>${record.seed}</td>
                <td>${record.source}</td>
                <td>${record.count}</td>
                <td>${record.skipped.length}</td>
                <td>${record.jaccard.toFixed(2)}</td>
                <td>${record.levenshtein.toFixed(1)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <div id="contrastiveness"></div>
    ${grid.pairs.map(skippedDetails)}
  </section>`;
}

function skippedDetails({ dataset, seed, skipped }: PairsRecord): Html {
  if (skipped.length === 0) return html``;
  const row = ({ line, prompt, reason }: PairsRecord['skipped'][number]) =>
    html`<li>${line === undefined ? '' : `Line ${line}: `}${reason}${prompt === undefined ? '' : ` (${prompt})`}</li>`;
  const more = skipped.length - shownSkipped;
  return html`<details>
    <summary>${builderCatalog[dataset].label}, seed ${seed}: ${skipped.length} skipped</summary>
    <ul>
      ${skipped.slice(0, shownSkipped).map(row)}
    </ul>
    ${more > 0 ? html`<p class="note">${more} more are in grid.json.</p>` : ''}
  </details>`;
}

export function limits(): Html {
  return html`<section>
    <h2>What these numbers can and cannot say</h2>
    <ul>
      <li>
        The world is small and its answers are short, so beta weighs each token more than it would in long responses.
      </li>
      <li>
        The chosen answers of CLAIR and Stronger Preferred are nearly all right and within the model's reach, which
        favours imitation (SFT). A world whose winners exceed the model may differ.
      </li>
      <li>The weaker and stronger responders are programs with a style of their own, not trained models.</li>
      <li>
        KTO's loss with a KL estimate of 0 is APO-zero's, and in this world the estimate is often clamped to 0; the two
        columns are expected to be close at equal learning rates.
      </li>
      <li>Learning rates were frozen before the run, chosen with the same budget for every objective.</li>
    </ul>
  </section>`;
}

export function settings(grid: Grid): Html {
  const { run, environment, startedAt, finishedAt } = grid;
  return html`<section>
    <h2>Settings</h2>
    <p class="note">
      apolab ${environment.apolab}, Node ${environment.node}, ${environment.platform}, ${environment.processors};
      ${startedAt} to ${finishedAt}.
    </p>
    <details>
      <summary>All settings of the run</summary>
      <pre>${JSON.stringify(run, null, 2)}</pre>
    </details>
  </section>`;
}

/** Published numbers have two decimals. */
function signedHundredths(value: number): string {
  return `${value > 0 ? '+' : ''}${value.toFixed(2)}`;
}
