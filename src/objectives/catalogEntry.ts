import type { Objective, ObjectiveOptions } from './objective.js';

/** One row of the catalog: everything that documentation, grid, trainer, charts and export need to know about an objective. */
export interface CatalogEntry {
  /** Loads the function that computes it, and with it TensorFlow.js. */
  readonly load: () => Promise<Objective>;
  /** Its name as its paper writes it. */
  readonly label: string;
  /**
   * Its colour in charts, `#rrggbb`, which colour-blind readers can tell apart: the paper's objectives have Okabe and Ito's
   * colours, the others those of Tol's muted set.
   */
  readonly color: `#${string}`;
  /** The loss of one example, in the notation of objective.ts. It is TRL's, so that logged losses can be compared (APO's are the paper's plus 1). */
  readonly formula: string;
  /** The paper or program that defines it. */
  readonly source: string;
  /** The number of the loss's equation in its source, as in `Eq. 7`; absent if the source does not number it, or if it was not verified. */
  readonly equation?: `Eq. ${string}` | `Eqs. ${string}`;
  /** When to use it, in one sentence. */
  readonly whenToUse: string;
  /** Every option that the objective reads, with its default value. `objectiveOptions` refuses all others. */
  readonly defaults: ObjectiveOptions;
  /** True if there is one loss per pair (`[pairs]`), false if there is one per response (chosen first), so that unpaired examples can be trained on. */
  readonly paired: boolean;
  /** True if the loss itself depends on the reference. SFT's does not, but its logged rewards do. */
  readonly needsReference: boolean;
  /** True if `logProbs.kl` must be given. */
  readonly needsKl: boolean;
  /** True if `logProbs.rewardShift` must be given. */
  readonly needsRewardShift: boolean;
  /** What the mean over several micro-batches is taken over: every example, or every response token of the step. */
  readonly reduction: 'examples' | 'tokens';
  /** The class of TRL 1.16 (CPO's and ORPO's are in `trl.experimental`); absent if TRL has no such objective. */
  readonly trlTrainer?: 'SFTTrainer' | 'DPOTrainer' | 'KTOTrainer' | 'CPOTrainer' | 'ORPOTrainer';
  /** TRL's `loss_type`; the trainers of `sft` and `orpo` have none, so here it is their id. */
  readonly trlName?: string;
}
