/** What the detectors look at, and how they describe it in words. */
import { drift, type Drift } from './drift.js';

/** The metrics of a step, with TRL's names; all are optional. `StepMetrics` is such a step. */
export interface DiagnosedStep {
  readonly step?: number;
  readonly loss?: number;
  readonly 'rewards/chosen'?: number;
  readonly 'rewards/rejected'?: number;
  readonly 'rewards/accuracies'?: number;
  readonly 'rewards/margins'?: number;
  /** Log-probabilities in nats. */
  readonly 'logps/chosen'?: number;
  readonly 'logps/rejected'?: number;
  /** In nats per response. */
  readonly kl?: number;
  readonly grad_norm?: number;
  /** Mean length of the batch's chosen responses, in tokens. */
  readonly 'length/chosen'?: number;
  /** Mean length of the batch's rejected responses, in tokens. */
  readonly 'length/rejected'?: number;
  /** Mean length of generated responses, in tokens, if an evaluation measured it. */
  readonly eval_length?: number;
  /** Quality of generated responses, if an evaluation measured it; greater is better. */
  readonly eval_score?: number;
}

/** The policy's rewards for a pair's responses, and their lengths in tokens. */
export interface RewardedPair {
  readonly chosenReward: number;
  readonly rejectedReward: number;
  readonly chosenTokens: number;
  readonly rejectedTokens: number;
}

/** The input of the detectors. */
export interface Evidence {
  /** The steps before the first one that is not finite. */
  readonly steps: readonly DiagnosedStep[];
  /** The first step with a metric that is infinite or NaN, if there is one. */
  readonly broken: DiagnosedStep | undefined;
  readonly pairs: readonly RewardedPair[];
}

/** How serious a finding is: the run failed, the result is probably bad, or something to know. */
export type Severity = 'critical' | 'warning' | 'note';

/** A row of the table of detectors. */
export interface Detector {
  readonly title: string;
  readonly severity: Severity;
  /** What to do, in one or two sentences. */
  readonly fix: string;
  /** The evidence in words and numbers, or undefined if the problem is not found. */
  readonly detect: (evidence: Evidence) => string | undefined;
}

/** Changes smaller than this part of the margin's growth are ignored. */
export const slight = 0.1;

/** A step's numeric metrics, with their names. */
export function metricsOf(step: DiagnosedStep): [string, number][] {
  return Object.entries(step).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
}

/** The values of a metric, of the steps that have it. */
export function metric(steps: readonly DiagnosedStep[], name: keyof DiagnosedStep): number[] {
  return steps.flatMap((step) => step[name] ?? []);
}

/** The change of a metric, or undefined if fewer than eight steps have it. */
export function driftOf(steps: readonly DiagnosedStep[], name: keyof DiagnosedStep): Drift | undefined {
  const values = metric(steps, name);
  return values.length < 8 ? undefined : drift(values);
}

/** A number with three significant digits. */
export const short = (value: number): string => String(Number(value.toPrecision(3)));

/** A change in words: `from 1.2 to 3`. */
export const change = ({ from, to }: Drift): string => `from ${short(from)} to ${short(to)}`;
