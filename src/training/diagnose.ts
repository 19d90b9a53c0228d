/** The diagnosis of a run: problems with their evidence, and a figure. */
import { diagnosis as draw, type Figure } from '../charts/index.js';
import { jupyterDisplay, type Displayable } from '../core/display.js';
import { metricsOf, type DiagnosedStep, type RewardedPair, type Severity } from './detectors/evidence.js';
import { detectors, type FindingId } from './detectors/detectors.js';
import { fewestSteps } from './detectors/drift.js';

/** A problem that was found in a run. */
export interface Finding {
  readonly id: FindingId;
  readonly title: string;
  /** The observation, with its numbers. */
  readonly evidence: string;
  /** What to do. */
  readonly fix: string;
  readonly severity: Severity;
}

/** The problems found in a run. A notebook shows it as a figure with the text above it. */
export interface Diagnosis extends Displayable {
  /** The most severe first; empty if nothing was found. */
  readonly findings: readonly Finding[];
  /** One sentence: number of steps and of findings. */
  readonly summary: string;
  /** Log-probabilities of chosen and rejected responses, the margin, and the gradient norm, by step. */
  readonly figure: Figure;
}

/** Options of `diagnose`. */
export interface DiagnoseOptions {
  /** Rewards and lengths of single pairs under the trained policy, to test whether length is rewarded. */
  readonly pairs?: readonly RewardedPair[];
}

/**
 * Finds the problems of a run: falling likelihoods, a margin that grows without improvement, saturation, large KL, rewarded
 * length, exploding gradients, slow learning.
 *
 * The means of the first and the last fifth of the steps are compared; a change counts if it is more than three standard errors.
 * A detector that needs a missing metric finds nothing.
 *
 * @example
 * const run = training.train(policy, pairs, { objective: 'dpo' });
 * for await (const step of run) history.push(step);
 * training.diagnose(history)
 */
export function diagnose(history: readonly DiagnosedStep[], { pairs = [] }: DiagnoseOptions = {}): Diagnosis {
  const steps = history.map((row, index) => ({ step: index + 1, ...row }));
  const isBroken = (step: DiagnosedStep) => metricsOf(step).some(([, value]) => !Number.isFinite(value));
  const broken = steps.find(isBroken);
  const whole = broken === undefined ? steps : steps.slice(0, steps.indexOf(broken));
  const enough = whole.length >= fewestSteps;
  const findings = (Object.keys(detectors) as FindingId[]).flatMap((id): Finding[] => {
    const { detect, ...described } = detectors[id];
    // A run that is not finite is reported even if it is short.
    const evidence = enough || id === 'not_finite' ? detect({ steps: whole, broken, pairs }) : undefined;
    return evidence === undefined ? [] : [{ id, ...described, evidence }];
  });
  const summary = summarize(whole.length, enough, findings);
  const words = [summary, ...findings.map(({ title, evidence, fix }) => `${title}. ${evidence} ${fix}`)];
  const paragraphs = findings.flatMap(({ title, evidence, fix }) => [`<b>${title}</b>`, evidence, fix]);
  const figure = draw(steps, [summary, ...paragraphs]);
  const show = () => ({ ...figure[jupyterDisplay](), 'text/plain': words.join('\n') });
  const found = { findings, summary, figure };
  return Object.defineProperty(found, jupyterDisplay, { value: show }) as typeof found & Displayable;
}

function summarize(steps: number, enough: boolean, findings: readonly Finding[]): string {
  const count = `${steps} ${steps === 1 ? 'step' : 'steps'}`;
  if (!enough) return `${count}: too few for a diagnosis; at least ${fewestSteps} are needed.`;
  if (findings.length === 0) return `${count}: no problem was found.`;
  return `${count}: ${findings.length === 1 ? 'one finding' : `${findings.length} findings`}.`;
}
