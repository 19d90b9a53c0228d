import { html, type Html } from '../../../core/html.js';
import { type Claim, type Comparison, type Verdict, verdictTexts } from '../claims.js';
import { formatInterval, signed } from '../numbers.js';

/** The paper's claims, each with its comparisons and their verdicts. */
export function agreement(claims: readonly Claim[], seeds: number): Html {
  // Two cells with the same answers cannot look decided by chance.
  const tested = claims.flatMap(({ comparisons }) =>
    comparisons.filter(({ verdict }) => verdict !== null && verdict !== 'identical'),
  );
  const basis = seeds === 1 ? 'the paired bootstrap over the held-out prompts' : 'the differences of all seeds';
  return html`<section>
    <h2>Agreement with the paper</h2>
    <p>
      Each number is the mean change of one cell minus that of the other, within a seed and on the same prompts; below
      it is the difference of the max changes. A comparison agrees or disagrees if its 95 % interval, from ${basis},
      does not contain zero; otherwise it is undecided. Two cells that answered every prompt equally well at every
      checkpoint are identical here. Of ${tested.length} other ${tested.length === 1 ? 'comparison' : 'comparisons'},
      about ${(tested.length / 20).toFixed(1)} would look decided by chance alone. Nothing in this run was tuned toward
      the paper's order.
    </p>
    ${claims.map((claim) => claimTable(claim))}
  </section>`;
}

const verdicts = Object.keys(verdictTexts) as Verdict[];

function claimTable({ statement, source, reading, comparisons }: Claim): Html {
  const columns = [...new Set(comparisons.map(({ column }) => column))];
  const rows = [...new Set(comparisons.map(({ row }) => row))];
  const count = (verdict: Verdict) => comparisons.filter((comparison) => comparison.verdict === verdict).length;
  return html`<h3>&ldquo;${statement}&rdquo; <span class="note">(${source})</span></h3>
    <p>
      ${verdicts
        .filter((verdict) => verdict !== 'identical' || count(verdict) > 0)
        .map((verdict, index) => [
          index === 0 ? '' : ', ',
          html`<span class="${verdict}">${count(verdict)} ${verdictTexts[verdict]}</span>`,
        ])}.
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
    <b>${signed(mean.value)}</b>
    <span class="${verdict}">${verdict === 'identical' ? verdictTexts.identical : verdict}</span>
    <span class="small">${mean.interval === null ? 'interval unknown' : formatInterval(mean.interval)}</span>
    <span class="small">max ${signed(max.value)}</span>
  </td>`;
}
