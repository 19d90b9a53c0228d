/**
 * What an objective is: a pure function from summed response log-probabilities to one loss an example. It knows no
 * model, reads no file and takes no mean, so the same function serves a packed batch, a notebook cell and a test.
 *
 * Notation: `D_w = log pi(y_w|x) - log ref(y_w|x)` is the log-ratio of the chosen response, `D_l` that of the rejected
 * one; `r = beta D` is the implicit reward; `s` is the logistic sigmoid.
 */
import type { tf } from '../tensor/index.js';

/** Log-probabilities of a batch of preference pairs: float32 tensors of shape `[pairs]`, in nats. */
export interface ResponseLogProbs {
  /** `log pi(y_w|x)`, summed over the tokens of each chosen response (the end of sequence included). */
  readonly policyChosen: tf.Tensor1D;
  /** `log pi(y_l|x)`, summed over the tokens of each rejected response. */
  readonly policyRejected: tf.Tensor1D;
  /** `log ref(y_w|x)` under the frozen reference model. */
  readonly referenceChosen: tf.Tensor1D;
  /** `log ref(y_l|x)` under the frozen reference model. */
  readonly referenceRejected: tf.Tensor1D;
  /** How many tokens each chosen response has. */
  readonly chosenTokens: tf.Tensor1D;
  /** How many tokens each rejected response has. */
  readonly rejectedTokens: tf.Tensor1D;
  /** KTO's estimate of KL(pi || ref) over the batch, already clamped at 0 and cut off from the gradient. */
  readonly kl?: tf.Scalar;
  /** BCO's reward shift: the running mean of the rewards so far, this batch's included, cut off from the gradient. */
  readonly rewardShift?: tf.Scalar;
}

export interface ObjectiveOptions {
  /** How strongly the policy is held to its reference: rewards are `beta` times log-ratios. Greater than 0. */
  readonly beta: number;
  /** Weight of the chosen half of an unpaired loss (KTO's lambda_D); 1 where it isn't given. */
  readonly desirableWeight?: number;
  /** Weight of the rejected half of an unpaired loss (KTO's lambda_U); 1 where it isn't given. */
  readonly undesirableWeight?: number;
  /** Share of pairs whose labels are taken to be the wrong way round, 0 to below 0.5; 0 where it isn't given. */
  readonly labelSmoothing?: number;
  /** SimPO's target margin between the rewards, in nats; 0 where it isn't given. */
  readonly gamma?: number;
  /** Weight of the chosen responses' negative log-likelihood (CPO's alpha); 0 where it isn't given. */
  readonly likelihoodWeight?: number;
  /** Weight of DPOP's penalty on a chosen response less likely than under the reference (its lambda). */
  readonly penaltyWeight?: number;
}

export interface ObjectiveResult {
  /** One loss a pair, shape `[pairs]`; of an unpaired objective one a response, `[2 * pairs]`, the chosen ones first. */
  readonly losses: tf.Tensor1D;
  /**
   * `beta D_w`, shape `[pairs]`: logged, never differentiated. Of an objective that never looks at a reference (SimPO,
   * CPO, ORPO) it is `beta` times the policy's own log-probability, a mean a token where its loss takes one, as TRL
   * logs it.
   */
  readonly chosenRewards: tf.Tensor1D;
  /** `beta D_l`, shape `[pairs]`: as `chosenRewards`, of the rejected responses. */
  readonly rejectedRewards: tf.Tensor1D;
}

export type Objective = (logProbs: ResponseLogProbs, options: ObjectiveOptions) => ObjectiveResult;

/**
 * Every objective's function by its id. Each file of compute/ adds its own line to this interface, so that an objective
 * without its row in the catalog does not compile.
 */
export interface ObjectiveFunctions {}
