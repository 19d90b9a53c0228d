/** The learning rate over a run: a linear warm-up, then a schedule; transformers' rules. */
export const schedules = {
  constant: () => 1,
  linear: (progress: number) => 1 - progress,
  cosine: (progress: number) => (1 + Math.cos(Math.PI * progress)) / 2,
} as const satisfies Record<string, (progress: number) => number>;
export type Schedule = keyof typeof schedules;

export interface LearningRateOptions {
  readonly learningRate: number;
  readonly schedule: Schedule;
  readonly warmupSteps: number;
  /** The schedule falls to this share of the learning rate and no further. */
  readonly minimumRatio: number;
}

/**
 * The rate of one step, counted from 0: `step / warmupSteps` of the full rate while warming up (transformers' rule, so the
 * very first step has rate 0 where there is a warm-up), then the schedule from 1 down to `minimumRatio` at the last step.
 *
 * @example
 * learningRateAt(50, 100, { learningRate: 1e-3, schedule: 'linear', warmupSteps: 0, minimumRatio: 0 }); // 5e-4
 */
export function learningRateAt(step: number, totalSteps: number, options: LearningRateOptions): number {
  const { learningRate, schedule, warmupSteps, minimumRatio } = options;
  if (step < warmupSteps) return (learningRate * step) / warmupSteps;
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
  return learningRate * (minimumRatio + (1 - minimumRatio) * schedules[schedule](progress));
}

/**
 * How many steps the warm-up takes: `warmupSteps` where given (0 is as good as not given), else the share `warmupRatio` of all steps, rounded
 * up as transformers does.
 *
 * @example
 * warmupStepsOf({ warmupSteps: 0, warmupRatio: 0.1 }, 25); // 3
 */
export function warmupStepsOf(
  { warmupSteps, warmupRatio }: { readonly warmupSteps: number; readonly warmupRatio: number },
  totalSteps: number,
): number {
  return warmupSteps > 0 ? warmupSteps : Math.ceil(totalSteps * warmupRatio);
}
