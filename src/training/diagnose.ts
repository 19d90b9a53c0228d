/** What happened in a run, in words with the evidence, and as a picture. */
import { diagnosis as draw, type Figure } from '../charts/index.js';
import { jupyterDisplay, type Displayable } from '../core/display.js';
import {
  detectors,
  metricsOf,
  type DiagnosedStep,
  type FindingId,
  type RewardedPair,
  type Severity,
} from './detectors.js';
import { fewestSteps } from './drift.js';

export type { DiagnosedStep, FindingId, RewardedPair, Severity } from './detectors.js';

/** Something that went wrong, or may have. */
export interface Finding {
  readonly id: FindingId;
  readonly title: string;
  /** What was seen, with its numbers. */
  readonly evidence: string;
  /** What to do about it. */
  readonly fix: string;
  readonly severity: Severity;
}

/** What happened in a run. As the last expression of a cell it is its picture with the words above it. */
export interface Diagnosis extends Displayable {
  /** The gravest first; empty where nothing was found. */
  readonly findings: readonly Finding[];
  readonly summary: string;
  /** Log-probabilities of chosen and rejected responses apart, the margin, the gradient's norm. */
  readonly figure: Figure;
}

export interface DiagnoseOptions {
  /** Rewards and lengths of single pairs under the trained policy, if whether length was rewarded is the question. */
  readonly pairs?: readonly RewardedPair[];
}

/**
 * Names what happened in a run: likelihoods that fall, a margin without movement, saturation, a policy that runs away,
 * length that is rewarded, gradients that explode, learning that is too slow.
 *
 * The first fifth of the steps is compared with the last, means with their standard errors; a change counts from three
 * of them on. Metrics that are missing are not missed: what needs them is not looked for.
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
    // What broke a run is to be said however short it was.
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
  if (!enough) return `${count}: too few to tell what happened; ${fewestSteps} are needed.`;
  if (findings.length === 0) return `${count}: nothing wrong was found.`;
  return `${count}: ${findings.length === 1 ? 'one finding' : `${findings.length} findings`}.`;
}
