/** The flags of `apolab train` for a run of tests/golden/trajectories.json, and what the run is trained with. */
export interface TrajectorySettings {
  readonly settings: Readonly<Record<string, number | string>>;
  readonly run: { readonly objectiveOptions: { readonly beta?: number }; readonly max_grad_norm: number };
}

/** The settings that every run has as flags, each with its value. */
export function trajectoryFlags({ settings, run }: TrajectorySettings): string[] {
  const flags = {
    '--beta': run.objectiveOptions.beta,
    '--learning-rate': settings.learning_rate,
    '--schedule': settings.lr_scheduler_type,
    '--warmup-steps': settings.warmup_steps,
    '--batch-size': settings.batch,
    '--gradient-accumulation': settings.gradient_accumulation_steps,
    '--max-steps': settings.max_steps,
    '--max-length': settings.max_length,
    '--max-grad-norm': run.max_grad_norm,
    '--weight-decay': settings.weight_decay,
    '--adam-beta2': settings.adam_beta2,
    '--adam-epsilon': settings.adam_epsilon,
  };
  return Object.entries(flags).flatMap(([flag, value]) => [flag, String(value)]);
}
