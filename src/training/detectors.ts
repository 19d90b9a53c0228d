/**
 * What can go wrong in a preference run, as one table: how it is seen in the metrics, and what cures it.
 *
 * A likelihood is judged by its reward, `beta` times the log-ratio: the log-probability itself moves with every batch's
 * lengths, and the reference takes that out.
 */
import { correlation, drift, falls, median, rises, type Drift } from './drift.js';

/** What is read of a step: metrics by TRL's names, all of them optional; `StepMetrics` is one. */
export interface DiagnosedStep {
  readonly step?: number;
  readonly loss?: number;
  readonly 'rewards/chosen'?: number;
  readonly 'rewards/rejected'?: number;
  readonly 'rewards/accuracies'?: number;
  readonly 'rewards/margins'?: number;
  readonly 'logps/chosen'?: number;
  readonly 'logps/rejected'?: number;
  readonly kl?: number;
  readonly grad_norm?: number;
  /** Mean tokens of the batch's responses. */
  readonly 'length/chosen'?: number;
  readonly 'length/rejected'?: number;
  /** Mean tokens of what the policy writes, where an evaluation measured it. */
  readonly eval_length?: number;
  /** Quality of what the policy writes, where an evaluation measured it; more is better. */
  readonly eval_score?: number;
}

/** The policy's rewards of a pair's responses, and their lengths in tokens. */
export interface RewardedPair {
  readonly chosenReward: number;
  readonly rejectedReward: number;
  readonly chosenTokens: number;
  readonly rejectedTokens: number;
}

/** What the detectors look at. */
export interface Evidence {
  /** The steps up to the first that is not finite. */
  readonly steps: readonly DiagnosedStep[];
  /** The first step with a metric that is infinite or not a number. */
  readonly broken: DiagnosedStep | undefined;
  readonly pairs: readonly RewardedPair[];
}

export type Severity = 'critical' | 'warning' | 'note';

interface Detector {
  readonly title: string;
  readonly severity: Severity;
  readonly fix: string;
  /** The evidence in words and numbers, or undefined where there is none. */
  readonly detect: (evidence: Evidence) => string | undefined;
}

/** A part of the margin's growth below which a movement counts as none. */
const slight = 0.1;
/** Share of pairs ranked rightly from which on there is nothing left to learn from them. */
const allRight = 0.99;
/** What is left of the gradient's norm when it is as good as gone. */
const gone = 0.1;
/** A gradient this many times the usual one is an outburst. */
const outburst = 10;
/** KL in nats a response beyond which a policy is far from its reference; fine-tuned ones are commonly within it. */
const farKl = 10;
/** Growth of a reward beyond which the sigmoid of it no longer moves: s(10) = 0.99995. */
const farReward = 10;
/** Growth of the responses' length that is more than a side effect. */
const longer = 0.2;
/** A hundredth of the loss, or of a nat of reward: what has moved less has not moved, however surely. */
const tiny = 0.01;
/** Correlation of reward and length from which on length is what is rewarded. */
const byLength = 0.5;

/** The detectors, the gravest first. */
export const detectors = {
  not_finite: {
    title: 'The run broke: a metric is no longer a number',
    severity: 'critical',
    fix: 'Lower the learning rate, clip the gradient (maxGradientNorm), and look at the pairs of that batch.',
    detect: ({ broken }) =>
      broken &&
      `In step ${broken.step} ${metricsOf(broken)
        .filter(([, value]) => !Number.isFinite(value))
        .map(([name, value]) => `${name} is ${value}`)
        .join(', ')}.`,
  },
  gradient_explosion: {
    title: 'The gradient explodes',
    severity: 'critical',
    fix: 'Lower the learning rate, warm up over more steps, clip the gradient at a smaller norm; look at the pairs of those batches.',
    detect: ({ steps }) => {
      const norms = metric(steps, 'grad_norm');
      if (norms.length === 0) return undefined;
      // Against the beginning too: a gradient that fades makes every batch that still has one look like an outburst.
      const usual = Math.max(median(norms), median(norms.slice(0, Math.ceil(norms.length / 5))));
      const outbursts = norms.filter((norm) => norm > outburst * usual);
      if (outbursts.length > 0.02 * norms.length) {
        return `${outbursts.length} of ${norms.length} steps have a gradient norm over ${outburst} times the usual ${short(usual)}, up to ${short(Math.max(...norms))}.`;
      }
      const { from, to, ...rest } = drift(norms);
      return rises({ from, to, ...rest }) && to > outburst * from
        ? `Its norm grew from ${short(from)} to ${short(to)}.`
        : undefined;
    },
  },
  loss_rising: {
    title: 'The loss rises',
    severity: 'critical',
    fix: 'Lower the learning rate, or warm up over more steps.',
    detect: ({ steps }) =>
      describe(steps, 'loss', (loss) => rises(loss) && loss.change > slight * Math.abs(loss.from), 'The loss rose'),
  },
  both_falling: {
    title: "Both responses' likelihoods fall",
    severity: 'warning',
    fix:
      'What gains is neither of them. If the model already writes better than the chosen responses, that is what APO-down is ' +
      'for; if not, use APO-zero, DPOP or BCO, which hold the chosen response up, or add to the likelihood (CPO), or lower ' +
      'the learning rate.',
    detect: ({ steps }) => {
      const { chosen, rejected, margin } = movements(steps);
      if (!chosen || !rejected || !margin || !falls(rejected) || !winnersFall(chosen, margin)) return undefined;
      return `Rewards fell: ${change(chosen)} of the chosen, ${change(rejected)} of the rejected responses; ${logProbs(steps)}.`;
    },
  },
  winners_falling: {
    title: "The winners' likelihood falls",
    severity: 'warning',
    fix:
      'Are chosen and rejected the right way round, and is the chosen response one that the model could write? Use ' +
      'APO-zero, DPOP or SFT first, or lower the learning rate.',
    detect: ({ steps }) => {
      const { chosen, rejected, margin } = movements(steps);
      if (!chosen || !margin || !winnersFall(chosen, margin) || (rejected && falls(rejected))) return undefined;
      return `The chosen responses' reward fell ${change(chosen)}; ${logProbs(steps)}.`;
    },
  },
  margin_without_movement: {
    title: 'The margin grows, but nothing improves with it',
    severity: 'warning',
    fix:
      'The losers are pushed down and the winners stay where they were. Use APO-zero, which raises them, or pairs whose ' +
      'responses differ in what matters and not in style; judge by what the model writes, not by the margin.',
    detect: ({ steps }) => {
      const { chosen, margin } = movements(steps);
      if (!chosen || !margin || !rises(margin)) return undefined;
      const score = driftOf(steps, 'eval_score');
      if (score && !rises(score)) {
        return `The margin grew ${change(margin)}, and the score of what the model writes did not: ${change(score)}, standard error ${short(score.standardError)}.`;
      }
      if (Math.abs(chosen.change) > slight * margin.change) return undefined;
      const share = Math.round(100 * (1 - chosen.change / margin.change));
      return `The margin grew ${change(margin)}, ${share} % of it from the rejected responses; the chosen ones' reward stayed, ${change(chosen)}.`;
    },
  },
  kl_runaway: {
    title: 'The policy runs away from its reference',
    severity: 'warning',
    fix: 'Raise beta, lower the learning rate, train fewer epochs, or take an earlier checkpoint.',
    detect: ({ steps }) => {
      const recent = steps.slice(-Math.ceil(steps.length / 2));
      const kl = metric(steps, 'kl').some((value) => value > 0) ? driftOf(recent, 'kl') : undefined;
      if (kl && rises(kl) && kl.to > farKl) {
        return `KL from the reference is ${short(kl.to)} nats a response and still grows, ${change(kl)} in the second half.`;
      }
      const found = (['rewards/chosen', 'rewards/rejected'] as const).flatMap((name) => {
        const [whole, half] = [driftOf(steps, name), driftOf(recent, name)];
        if (!whole || !half || Math.abs(whole.change) < farReward) return [];
        return (whole.change > 0 ? rises(half) : falls(half)) ? [`${name} went ${change(whole)}`] : [];
      });
      return found.length === 0
        ? undefined
        : `${found.join(', ')} and still moves; a sigmoid of ${farReward} is 1 but for 5e-5.`;
    },
  },
  length_hacking: {
    title: 'Length is rewarded, not quality',
    severity: 'warning',
    fix:
      'Use an objective that counts a mean a token (SimPO, dpo_norm, IPO), or pairs whose responses are of like length; ' +
      'compare scores at equal length.',
    detect: ({ steps, pairs }) => {
      const found = [generatedLonger(steps), rewardedByLength(pairs), batchesByLength(steps)];
      const sentences = found.filter((sentence) => sentence !== undefined);
      return sentences.length === 0 ? undefined : sentences.join(' ');
    },
  },
  saturation: {
    title: 'The pairs are learned: nothing is left to learn from them',
    severity: 'note',
    fix: 'Stop here or take fewer epochs; to go on, take new pairs, or ones that the policy still ranks wrongly.',
    detect: ({ steps }) => {
      const [accuracy, norm] = [driftOf(steps, 'rewards/accuracies'), driftOf(steps, 'grad_norm')];
      if (!accuracy || !norm || accuracy.to < allRight || norm.to > gone * norm.from) return undefined;
      const accuracies = metric(steps, 'rewards/accuracies');
      const since = accuracies.findLastIndex((value) => value < allRight) + 1;
      return `All pairs are ranked rightly since step ${steps[since]?.step ?? since + 1} of ${steps.length}, and the gradient's norm is ${short(norm.to)}, from ${short(norm.from)} at the start.`;
    },
  },
  learning_too_slow: {
    title: 'Hardly anything is learned',
    severity: 'note',
    fix: 'Raise the learning rate (tenfold is a fair next try), train longer, or see whether the warm-up ever ends.',
    detect: ({ steps }) => {
      const [loss, margin] = [driftOf(steps, 'loss'), driftOf(steps, 'rewards/margins')];
      if (!loss || moves(loss, tiny * Math.abs(loss.from)) || (margin && moves(margin, tiny))) return undefined;
      const words = `The loss went ${change(loss)} in ${steps.length} steps, standard error ${short(loss.standardError)}`;
      return margin
        ? `${words}; the margin ${change(margin)}, standard error ${short(margin.standardError)}.`
        : `${words}.`;
    },
  },
} as const satisfies Record<string, Detector>;

export type FindingId = keyof typeof detectors;

/** A step's metrics that are numbers, by name. */
export function metricsOf(step: DiagnosedStep): [string, number][] {
  return Object.entries(step).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
}

function metric(steps: readonly DiagnosedStep[], name: keyof DiagnosedStep): number[] {
  return steps.flatMap((step) => step[name] ?? []);
}

/** Where a metric went, or undefined where too few steps have it. */
function driftOf(steps: readonly DiagnosedStep[], name: keyof DiagnosedStep): Drift | undefined {
  const values = metric(steps, name);
  return values.length < 8 ? undefined : drift(values);
}

function movements(steps: readonly DiagnosedStep[]) {
  return {
    chosen: driftOf(steps, 'rewards/chosen'),
    rejected: driftOf(steps, 'rewards/rejected'),
    margin: driftOf(steps, 'rewards/margins'),
  };
}

const moves = (drift: Drift, least: number) => (rises(drift) || falls(drift)) && Math.abs(drift.change) > least;

const winnersFall = (chosen: Drift, margin: Drift) =>
  falls(chosen) && Math.abs(chosen.change) > slight * Math.abs(margin.change);

function logProbs(steps: readonly DiagnosedStep[]): string {
  const [chosen, rejected] = [driftOf(steps, 'logps/chosen'), driftOf(steps, 'logps/rejected')];
  return chosen && rejected
    ? `log-probabilities went ${change(chosen)} and ${change(rejected)} nats`
    : 'log-probabilities were not logged';
}

function describe(
  steps: readonly DiagnosedStep[],
  name: keyof DiagnosedStep,
  when: (drift: Drift) => boolean,
  words: string,
): string | undefined {
  const found = driftOf(steps, name);
  return found && when(found) ? `${words} ${change(found)}, standard error ${short(found.standardError)}.` : undefined;
}

function generatedLonger(steps: readonly DiagnosedStep[]): string | undefined {
  const length = driftOf(steps, 'eval_length');
  const score = driftOf(steps, 'eval_score');
  if (!length || !rises(length) || length.change < longer * length.from || (score && rises(score))) return undefined;
  const quality = score ? `, their score ${change(score)}` : '';
  return `The responses that the model writes grew ${change(length)} tokens${quality}.`;
}

function rewardedByLength(pairs: readonly RewardedPair[]): string | undefined {
  if (pairs.length < 8) return undefined;
  const found = correlation(
    pairs.map((pair) => pair.chosenReward - pair.rejectedReward),
    pairs.map((pair) => pair.chosenTokens - pair.rejectedTokens),
  );
  return found.value > byLength && found.low > 0
    ? `Over ${pairs.length} pairs the margin correlates with the difference of length by ${interval(found)}.`
    : undefined;
}

/** In the second half of a run, once the margins' common rise is taken out: do batches with longer winners have more of it? */
function batchesByLength(steps: readonly DiagnosedStep[]): string | undefined {
  const rows = steps
    .slice(-Math.ceil(steps.length / 2))
    .flatMap(({ 'rewards/margins': margin, 'length/chosen': chosen, 'length/rejected': rejected }) =>
      margin === undefined || chosen === undefined || rejected === undefined
        ? []
        : [{ margin, longer: chosen - rejected }],
    );
  if (rows.length < 8) return undefined;
  const found = correlation(
    withoutTrend(rows.map(({ margin }) => margin)),
    withoutTrend(rows.map((row) => row.longer)),
  );
  return found.value > byLength && found.low > 0
    ? `Over the last ${rows.length} batches the margin correlates with the difference of length by ${interval(found)}.`
    : undefined;
}

/** What is left of a series when its straight line is taken away. */
function withoutTrend(values: readonly number[]): number[] {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const rise = values.reduce((sum, value, index) => sum + value * (index - middle), 0);
  const run = values.reduce((sum, _, index) => sum + (index - middle) ** 2, 0);
  return values.map((value, index) => value - mean - (rise / run) * (index - middle));
}

const short = (value: number): string => String(Number(value.toPrecision(3)));
const change = ({ from, to }: Drift): string => `from ${short(from)} to ${short(to)}`;
const interval = ({ value, low, high }: { value: number; low: number; high: number }): string =>
  `${value.toFixed(2)} (95 % interval ${low.toFixed(2)} to ${high.toFixed(2)})`;
