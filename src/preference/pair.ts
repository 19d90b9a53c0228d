/**
 * A preference pair: two responses to one prompt, of which the first is preferred.
 *
 * Text is plain (TRL's standard format); the response follows the prompt after the chat template, if the model has one.
 */
export interface PreferencePair {
  readonly prompt: string;
  readonly chosen: string;
  readonly rejected: string;
  /** Why the chosen response is better, where the builder says so (the reviser of CLAIR does). */
  readonly rationale?: string;
}

/** The four ways of making pairs that the paper compares, in the order of its table's rows. */
export const datasetIds = ['clair', 'judge_on_policy', 'judge_off_policy', 'stronger_preferred'] as const;
export type DatasetId = (typeof datasetIds)[number];
