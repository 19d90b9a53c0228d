/** Detectors of problems of the optimization: loss, gradients and the speed of learning. */
import { falls, drift, median, rises, type Drift } from './drift.js';
import { change, driftOf, metric, metricsOf, short, slight, type Detector } from './evidence.js';

/** From this share of correctly ranked pairs on, the pairs count as learned. */
const allRight = 0.99;
/** The gradient counts as vanished if its norm is at most this part of its initial norm. */
const vanished = 0.1;
/** A gradient norm counts as an outlier if it is more than this many times the usual one. */
const outlierFactor = 10;
/** A change counts as none if it is below a hundredth of the loss, or of a nat of reward, even if it is significant. */
const tiny = 0.01;

/** A metric is infinite or NaN. */
export const notFinite: Detector = {
  title: 'The run broke: a metric is no longer a number',
  severity: 'critical',
  fix: 'Lower the learning rate, clip the gradient (maxGradientNorm), and look at the pairs of that batch.',
  detect: ({ broken }) =>
    broken &&
    `In step ${broken.step} ${metricsOf(broken)
      .filter(([, value]) => !Number.isFinite(value))
      .map(([name, value]) => `${name} is ${value}`)
      .join(', ')}.`,
};

/** The gradient norm has outliers, or grows many times. */
export const gradientExplosion: Detector = {
  title: 'The gradient explodes',
  severity: 'critical',
  fix: 'Lower the learning rate, warm up over more steps, clip the gradient at a smaller norm; look at the pairs of those batches.',
  detect: ({ steps }) => {
    const norms = metric(steps, 'grad_norm');
    if (norms.length === 0) return undefined;
    // Compared with the beginning too: if the gradient vanishes, every batch that still has one would be an outlier.
    const usual = Math.max(median(norms), median(norms.slice(0, Math.ceil(norms.length / 5))));
    const outliers = norms.filter((norm) => norm > outlierFactor * usual);
    if (outliers.length > 0.02 * norms.length) {
      return `${outliers.length} of ${norms.length} steps have a gradient norm over ${outlierFactor} times the usual ${short(usual)}, up to ${short(Math.max(...norms))}.`;
    }
    const growth = drift(norms);
    return rises(growth) && growth.to > outlierFactor * growth.from
      ? `Its norm grew from ${short(growth.from)} to ${short(growth.to)}.`
      : undefined;
  },
};

/** The loss increases. */
export const lossRising: Detector = {
  title: 'The loss rises',
  severity: 'critical',
  fix: 'Lower the learning rate, or warm up over more steps.',
  detect: ({ steps }) => {
    const loss = driftOf(steps, 'loss');
    if (!loss || !rises(loss) || loss.change <= slight * Math.abs(loss.from)) return undefined;
    return `The loss rose ${change(loss)}, standard error ${short(loss.standardError)}.`;
  },
};

/** All pairs are ranked correctly and the gradient has vanished. */
export const saturation: Detector = {
  title: 'The pairs are learned: nothing is left to learn from them',
  severity: 'note',
  fix: 'Stop here or train for fewer epochs; to continue, use new pairs, or pairs that the policy still ranks wrongly.',
  detect: ({ steps }) => {
    const [accuracy, norm] = [driftOf(steps, 'rewards/accuracies'), driftOf(steps, 'grad_norm')];
    if (!accuracy || !norm || accuracy.to < allRight || norm.to > vanished * norm.from) return undefined;
    const accuracies = metric(steps, 'rewards/accuracies');
    const since = accuracies.findLastIndex((value) => value < allRight) + 1;
    return `All pairs are ranked correctly since step ${steps[since]?.step ?? since + 1} of ${steps.length}, and the gradient norm is ${short(norm.to)}, from ${short(norm.from)} at the start.`;
  },
};

/** Neither the loss nor the margin changes. */
export const learningTooSlow: Detector = {
  title: 'Hardly anything is learned',
  severity: 'note',
  fix: 'Raise the learning rate (try ten times the value), train longer, or check whether the warm-up ends.',
  detect: ({ steps }) => {
    const [loss, margin] = [driftOf(steps, 'loss'), driftOf(steps, 'rewards/margins')];
    if (!loss || changes(loss, tiny * Math.abs(loss.from)) || (margin && changes(margin, tiny))) return undefined;
    const words = `The loss went ${change(loss)} in ${steps.length} steps, standard error ${short(loss.standardError)}`;
    return margin
      ? `${words}; the margin ${change(margin)}, standard error ${short(margin.standardError)}.`
      : `${words}.`;
  },
};

const changes = (drift: Drift, least: number) => (rises(drift) || falls(drift)) && Math.abs(drift.change) > least;
