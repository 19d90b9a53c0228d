import { html, type Html } from '../../../core/html.js';

/** What the numbers can and cannot show. */
export function limits(): Html {
  return html`<section>
    <h2>What these numbers can and cannot say</h2>
    <ul>
      <li>
        The world is small and its answers are short, so beta weighs each token more than it would in long responses.
      </li>
      <li>
        The chosen answers of CLAIR and Stronger Preferred are nearly all right and the model can learn them, which
        favours imitation (SFT). This may differ if the chosen answers are beyond the model's ability.
      </li>
      <li>The weaker and stronger responders are programs with their own style, not trained models.</li>
      <li>
        KTO's loss with a KL estimate of 0 is APO-zero's, and in this world the estimate is often clamped to 0; the two
        columns are expected to be close at equal learning rates.
      </li>
      <li>Learning rates were frozen before the run, chosen with the same budget for every objective.</li>
    </ul>
  </section>`;
}
