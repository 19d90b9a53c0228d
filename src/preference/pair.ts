/** One message of a conversation. */
export interface Message {
  readonly role: string;
  readonly content: string;
}

/**
 * A preference pair: two responses to one prompt, of which the first is preferred.
 *
 * Text is plain (TRL's standard format). A row that was written as a conversation keeps its messages beside the text, so
 * that a model with a chat template is given them through it.
 */
export interface PreferencePair {
  readonly prompt: string;
  readonly chosen: string;
  readonly rejected: string;
  /** Why the chosen response is better, where the builder says so (the reviser of CLAIR does). */
  readonly rationale?: string;
  /** The messages that both responses answer, of a conversational row; `prompt` is the last of them, as text. */
  readonly conversation?: readonly Message[];
}

/** The four ways of making pairs that the paper compares, in the order of its table's rows. */
export const datasetIds = ['clair', 'judge_on_policy', 'judge_off_policy', 'stronger_preferred'] as const;
export type DatasetId = (typeof datasetIds)[number];
