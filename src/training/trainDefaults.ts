/** The defaults of a training run, as plain data: the command line shows them in its help without loading TensorFlow.js. */
import type { Schedule } from './learningRate.js';

/** Options of AdamW. */
export interface AdamWOptions {
  /** Decay of the running mean of the gradient, from 0 to below 1. */
  readonly beta1: number;
  /** Decay of the running mean of the squared gradient, from 0 to below 1. */
  readonly beta2: number;
  /** Added to the denominator. */
  readonly epsilon: number;
  /** Decoupled weight decay; 0 turns it off. */
  readonly weightDecay: number;
  /** True if the decay also applies to tensors with one axis (norms and biases), which transformers leaves out. */
  readonly decayVectors: boolean;
}

/** AdamW's defaults: those of PyTorch and transformers. */
export const adamWDefaults: AdamWOptions = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  decayVectors: false,
};

/** Options of RMSprop. */
export interface RMSpropOptions {
  /** Decay of the running mean of the squared gradient, from 0 to below 1. */
  readonly alpha: number;
  /** Added to the denominator. */
  readonly epsilon: number;
  /** 0: no momentum. */
  readonly momentum: number;
  /** Added to the gradient (L2), as PyTorch's RMSprop does; AdamW's is decoupled. */
  readonly weightDecay: number;
  /** True if the decay also applies to tensors with one axis (norms and biases), which transformers leaves out. */
  readonly decayVectors: boolean;
}

/** RMSprop's defaults: those of PyTorch. */
export const rmsPropDefaults: RMSpropOptions = {
  alpha: 0.99,
  epsilon: 1e-8,
  momentum: 0,
  weightDecay: 0,
  decayVectors: false,
};

/** Every optimizer's defaults, by its name in PyTorch in lower case. */
export const optimizerDefaults = { adamw: adamWDefaults, rmsprop: rmsPropDefaults } as const;

/** An optimizer's name: a key of `optimizerDefaults`. */
export type OptimizerId = keyof typeof optimizerDefaults;

/** Defaults of everything except an objective's own options, whose defaults are in its row of the catalog. */
export const trainDefaults = {
  learningRate: 1e-4,
  epochs: 1,
  batchSize: 16,
  gradientAccumulation: 1,
  seed: 0,
  shuffle: true,
  schedule: 'constant' satisfies Schedule,
  warmupSteps: 0,
  warmupRatio: 0,
  minimumRatio: 0,
  maxGradientNorm: 1,
  optimizer: { name: 'adamw', ...adamWDefaults },
} as const;
