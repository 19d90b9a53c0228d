/** Tests before the first step whether an objective can be trained with at all. */
import { ApolabError } from '../core/errors.js';
import { tf } from '../tensor/index.js';
import type { ObjectiveOptions, ResponseLogProbs } from './objective.js';
import { probeTensors, probeValues } from './probe.js';
import type { ObjectiveEntry } from './table.js';

/**
 * TensorFlow's gradients of the summed losses with respect to the policy's log-probabilities, each `[pairs]`; undefined if the losses
 * are not connected with an input by TensorFlow's operations.
 *
 * @throws ApolabError if an operation has no gradient.
 */
export function policyGradients(
  { compute, label }: ObjectiveEntry,
  logProbs: ResponseLogProbs,
  options: ObjectiveOptions,
): readonly [chosen: tf.Tensor | undefined, rejected: tf.Tensor | undefined] {
  const policy = [logProbs.policyChosen, logProbs.policyRejected];
  try {
    const { grads } = tf.engine().gradients(() => tf.sum(compute(logProbs, options).losses), policy, undefined, true);
    const [chosen, rejected] = grads as (tf.Tensor | null | undefined)[];
    return [chosen ?? undefined, rejected ?? undefined];
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('Cannot compute gradient')) throw error;
    throw new ApolabError(`${label} cannot be differentiated. ${error.message}`, { cause: error });
  }
}

/**
 * Computes an objective once on made-up log-probabilities.
 *
 * @throws ApolabError if its result has a wrong shape, or no gradient reaches the policy.
 * @example
 * requireGradient(resolveObjective(hinge), { beta: 0.1 });
 */
export function requireGradient(entry: ObjectiveEntry, options: ObjectiveOptions): void {
  tf.tidy(() => {
    const gradients = policyGradients(entry, probeTensors(probeValues(3, 0), entry), options);
    if (gradients.some((gradient) => gradient !== undefined)) return;
    throw new ApolabError(
      `${entry.label} has no gradient: its losses depend on neither policyChosen nor policyRejected through TensorFlow's operations. ` +
        'Compute with tf (tf.sub, tf.mul, tf.sigmoid, ...), not with numbers from dataSync() or arraySync().',
    );
  });
}
