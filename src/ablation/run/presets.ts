/** How large a run is. */

/** The sizes of a run. */
export interface Preset {
  /** One line for the help text. */
  readonly summary: string;
  /** Pairs per dataset. */
  readonly pairCount: number;
  readonly epochs: number;
  /** How many consecutive seeds, each with pairs and batches of its own. */
  readonly seeds: number;
  /** Hard held-out prompts that score each checkpoint. */
  readonly evaluationPrompts: number;
  /** Pairs per step. */
  readonly batchSize: number;
}

/** The presets: `quick` takes at most ten minutes on two cores without a GPU, `full` has the paper's 18 epochs and 3 seeds. */
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

/** A preset's name: the key of its row. */
export type PresetId = keyof typeof presets;

/** Every preset's name, in the order of the rows. */
export const presetIds = Object.keys(presets) as readonly PresetId[];
