import { html, type Html } from '../../../core/html.js';
import type { Grid } from '../../grid.js';

/** Versions, machine, times, and the settings as JSON. */
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
