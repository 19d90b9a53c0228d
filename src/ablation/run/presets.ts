/** How large a run is. `quick` fits into ten minutes on two cores without a GPU; `full` is the run that counts. */
export interface Preset {
  /** One line for the help text. */
  readonly summary: string;
  /** Pairs of each dataset. */
  readonly pairCount: number;
  readonly epochs: number;
  /** Runs with consecutive seeds, each with its own pairs and batches. */
  readonly seeds: number;
  /** Hard held-out prompts that score each checkpoint. */
  readonly evaluationPrompts: number;
  /** Pairs a step. */
  readonly batchSize: number;
}

export const presets = {
  quick: {
    summary: 'one seed, 400 pairs, 4 epochs: minutes on a laptop',
    pairCount: 400,
    epochs: 4,
    seeds: 1,
    evaluationPrompts: 320,
    batchSize: 16,
  },
  full: {
    summary: 'three seeds, 400 pairs, 18 epochs as in the paper: an hour or more on a laptop',
    pairCount: 400,
    epochs: 18,
    seeds: 3,
    evaluationPrompts: 480,
    batchSize: 16,
  },
} as const satisfies Record<string, Preset>;

export type PresetId = keyof typeof presets;
export const presetIds = Object.keys(presets) as PresetId[];
