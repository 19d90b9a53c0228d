import { logOneMinusExp, logSigmoid, tf } from '../../tensor/index.js';
import { negativeLogLikelihood } from './likelihood.js';
import type { Objective } from '../objective.js';
import { perTokenLogProbs, referenceFreeRewards } from './rewards.js';

/**
 * Odds-ratio preference optimization: `nll - beta log s(log odds(p_w) - log odds(p_l))`, shape `[pairs]`, with
 * `p = exp(log pi(y|x) / |y|)`, the geometric mean of the token probabilities, `odds(p) = p / (1 - p)` and
 * `nll = -log pi(y_w|x) / mean(|y_w|)`. `beta` is the paper's lambda.
 *
 * It combines fine-tuning and preference learning from a base model, without a reference. TRL 1.16's likelihood term includes the
 * prompt's tokens; this one is the paper's, over the response.
 *
 * Source: Hong et al., ORPO, arXiv 2403.07691, equations 4 and 7 (as cited by TRL). TRL: ORPOTrainer.
 *
 * @example
 * const { losses } = orpo({ ...logProbs, policyChosen: tf.tensor1d([-6]), policyRejected: tf.tensor1d([-12]) }, { beta: 0.1 });
 * losses.print(); // Tensor [1.023818] (odds 0.581977 and 0.156518, 6 tokens each)
 */
export const orpo: Objective = (logProbs, options) => {
  const both = perTokenLogProbs(logProbs);
  const logOdds = (logProb: tf.Tensor1D) => tf.sub<tf.Tensor1D>(logProb, logOneMinusExp(logProb));
  const ratio = logSigmoid(tf.sub<tf.Tensor1D>(logOdds(both.chosen), logOdds(both.rejected)));
  return {
    losses: tf.sub(negativeLogLikelihood(logProbs), tf.mul(ratio, options.beta)),
    ...referenceFreeRewards(both, options),
  };
};

declare module '../objective.js' {
  interface ObjectiveFunctions {
    readonly orpo: typeof orpo;
  }
}
