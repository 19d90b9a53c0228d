/**
 * Detectors of problems with likelihoods: falling responses, a margin without improvement, distance from the reference.
 *
 * They judge a likelihood by its reward, `beta` times the log-ratio: log-probabilities change with the lengths of a batch's
 * responses, and the reference removes this effect.
 */
import { falls, rises, type Drift } from './drift.js';
import { change, driftOf, metric, short, slight, type Detector, type DiagnosedStep } from './evidence.js';

/** From this KL on, in nats per response, a policy is far from its reference; fine-tuned models are usually closer. */
const farKl = 10;
/** Change of a reward from which on its sigmoid is constant: s(10) = 0.99995. */
const farReward = 10;

/** Both responses lose likelihood. */
export const bothFalling: Detector = {
  title: "Both responses' likelihoods fall",
  severity: 'warning',
  fix:
    'Other responses gain likelihood. If the model already writes better than the chosen responses, APO-down is meant for this; ' +
    'if not, use APO-zero, DPOP or BCO, which hold the chosen response up, or add to the likelihood (CPO), or lower ' +
    'the learning rate.',
  detect: ({ steps }) => {
    const { chosen, rejected, margin } = movements(steps);
    if (!chosen || !rejected || !margin || !falls(rejected) || !winnersFall(chosen, margin)) return undefined;
    return `Rewards fell: ${change(chosen)} of the chosen, ${change(rejected)} of the rejected responses; ${logProbs(steps)}.`;
  },
};

/** Only the chosen responses lose likelihood. */
export const winnersFalling: Detector = {
  title: "The winners' likelihood falls",
  severity: 'warning',
  fix:
    'Check that chosen and rejected are not swapped, and that the model could write the chosen responses. Use ' +
    'APO-zero, DPOP or SFT first, or lower the learning rate.',
  detect: ({ steps }) => {
    const { chosen, rejected, margin } = movements(steps);
    if (!chosen || !margin || !winnersFall(chosen, margin) || (rejected && falls(rejected))) return undefined;
    return `The chosen responses' reward fell ${change(chosen)}; ${logProbs(steps)}.`;
  },
};

/** The margin grows, but neither the chosen responses' reward nor the evaluation's score does. */
export const marginWithoutMovement: Detector = {
  title: 'The margin grows, but nothing improves with it',
  severity: 'warning',
  fix:
    'The rejected responses become less likely, and the chosen ones stay as they were. Use APO-zero, which raises them, or pairs ' +
    'whose responses differ in content and not in style; judge by what the model writes, not by the margin.',
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
};

/** The KL, or a reward, is large and still growing. */
export const klRunaway: Detector = {
  title: 'The policy runs away from its reference',
  severity: 'warning',
  fix: 'Raise beta, lower the learning rate, train fewer epochs, or use an earlier checkpoint.',
  detect: ({ steps }) => {
    const recent = steps.slice(-Math.ceil(steps.length / 2));
    const kl = metric(steps, 'kl').some((value) => value > 0) ? driftOf(recent, 'kl') : undefined;
    if (kl && rises(kl) && kl.to > farKl) {
      return `KL from the reference is ${short(kl.to)} nats per response and still grows, ${change(kl)} in the second half.`;
    }
    const found = (['rewards/chosen', 'rewards/rejected'] as const).flatMap((name) => {
      const [whole, half] = [driftOf(steps, name), driftOf(recent, name)];
      if (!whole || !half || Math.abs(whole.change) < farReward) return [];
      return (whole.change > 0 ? rises(half) : falls(half)) ? [`${name} went ${change(whole)}`] : [];
    });
    return found.length === 0
      ? undefined
      : `${found.join(', ')} and still moves; the sigmoid of ${farReward} differs from 1 by only 5e-5.`;
  },
};

function movements(steps: readonly DiagnosedStep[]) {
  return {
    chosen: driftOf(steps, 'rewards/chosen'),
    rejected: driftOf(steps, 'rewards/rejected'),
    margin: driftOf(steps, 'rewards/margins'),
  };
}

const winnersFall = (chosen: Drift, margin: Drift) =>
  falls(chosen) && Math.abs(chosen.change) > slight * Math.abs(margin.change);

function logProbs(steps: readonly DiagnosedStep[]): string {
  const [chosen, rejected] = [driftOf(steps, 'logps/chosen'), driftOf(steps, 'logps/rejected')];
  return chosen && rejected
    ? `log-probabilities went ${change(chosen)} and ${change(rejected)} nats`
    : 'log-probabilities were not logged';
}
