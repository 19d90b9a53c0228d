/** The learning rate during a run: a linear warm-up, then a schedule, as in transformers. */

/** The table of schedules: the share of the full learning rate, given the progress from 0 to 1 after the warm-up. */
export const schedules = {
  constant: () => 1,
  linear: (progress: number) => 1 - progress,
  cosine: (progress: number) => (1 + Math.cos(Math.PI * progress)) / 2,
} as const satisfies Record<string, (progress: number) => number>;

/** A schedule's name: a key of `schedules`. */
export type Schedule = keyof typeof schedules;

/** Options of `learningRateAt`. */
export interface LearningRateOptions {
  /** The full rate, reached at the end of the warm-up. */
  readonly learningRate: number;
  readonly schedule: Schedule;
  /** Steps of the warm-up; 0 for none. */
  readonly warmupSteps: number;
  /** The schedule ends at this share of the learning rate, 0 to 1. */
  readonly minimumRatio: number;
}

/**
 * The learning rate of one step. During the warm-up it is `learningRate * step / warmupSteps`, so the first step has rate 0, as in
 * transformers. After it, the schedule goes from the full rate to `minimumRatio` of it at the last step.
 *
 * @param step counted from 0
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
 * Number of warm-up steps: `warmupSteps` if it is above 0, otherwise the share `warmupRatio` of all steps, rounded up as in
 * transformers.
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
