/**
 * What an objective is: a pure function from summed response log-probabilities to one loss per example. It has no model, reads no
 * file and takes no mean, so the same function works for a packed batch, a notebook cell and a test.
 *
 * Notation: `D_w = log pi(y_w|x) - log ref(y_w|x)` is the log-ratio of the chosen response, `D_l` that of the rejected
 * one; `r = beta D` is the implicit reward; `s` is the logistic sigmoid.
 */
import type { tf } from '../tensor/index.js';

/**
 * Log-probabilities of a batch of preference pairs: float32 tensors of shape `[pairs]`, in nats. For an unpaired objective
 * (`paired: false`) the chosen and the rejected responses need not belong together: there may be more of one kind than of the
 * other, or none.
 */
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
  /** KTO's estimate of KL(pi || ref) over the batch, clamped at 0 and without a gradient. */
  readonly kl?: tf.Scalar;
  /** BCO's reward shift: the running mean of the rewards so far, including this batch, without a gradient. */
  readonly rewardShift?: tf.Scalar;
}

/** The options of all objectives; an objective's row in the catalog says which of them it reads. */
export interface ObjectiveOptions {
  /** How strongly the policy is held to its reference: rewards are `beta` times log-ratios. Greater than 0. */
  readonly beta: number;
  /** Weight of the chosen half of an unpaired loss (KTO's lambda_D); 1 by default. */
  readonly desirableWeight?: number;
  /** Weight of the rejected half of an unpaired loss (KTO's lambda_U); 1 by default. */
  readonly undesirableWeight?: number;
  /** The assumed share of pairs with chosen and rejected exchanged, from 0 to below 0.5; 0 by default. */
  readonly labelSmoothing?: number;
  /** SimPO's target margin between the rewards, in nats; 0 by default. */
  readonly gamma?: number;
  /** Weight of the chosen responses' negative log-likelihood (CPO's alpha); 0 by default. */
  readonly likelihoodWeight?: number;
  /** Weight of DPOP's penalty on a chosen response that is less likely than under the reference (the paper's lambda). */
  readonly penaltyWeight?: number;
}

/** What an objective returns. */
export interface ObjectiveResult {
  /** One loss per pair, `[pairs]`; for an unpaired objective one per response, the chosen ones first (`[2 * pairs]` for pairs). */
  readonly losses: tf.Tensor1D;
  /**
   * `beta D_w`, shape `[pairs]`: logged, never differentiated. For an objective without a reference (SimPO, CPO, ORPO) it is, as
   * TRL logs it, `beta` times the policy's log-probability: the mean per token if the loss uses means, otherwise the sum.
   */
  readonly chosenRewards: tf.Tensor1D;
  /** `beta D_l`, shape `[pairs]`: as `chosenRewards`, for the rejected responses. */
  readonly rejectedRewards: tf.Tensor1D;
}

/**
 * The function of an objective.
 *
 * @throws ApolabError if an option is out of range, or if `logProbs` lacks a term that the objective needs.
 */
export type Objective = (logProbs: ResponseLogProbs, options: ObjectiveOptions) => ObjectiveResult;

/**
 * Every objective's function by its id. Each file of compute/ adds a line to this interface, so that an objective without a row in
 * the catalog does not compile.
 */
export interface ObjectiveFunctions {}
