/**
 * The catalog of builders: what is known about each recipe for pairs, as pure data that imports nothing. Files, tables of
 * pairs, figures and documentation read it here; the functions are in table.ts.
 */

/** A part that a builder may need: the one who answers, revises or judges. */
export type BuilderPart = 'policy' | 'reviser' | 'judge' | 'responders' | 'stronger';

/** One row: what documentation, figures and files need to know about a recipe. */
export interface BuilderFacts {
  /** Its name as the paper writes it. */
  readonly label: string;
  /** What chosen and rejected are, in one sentence. */
  readonly summary: string;
  /** The parts that it needs; `table.ts` passes it these. */
  readonly parts: readonly BuilderPart[];
  /** The publication that describes it. */
  readonly source: string;
  /** The command that builds such pairs from a file of prompts. */
  readonly command: string;
}

/**
 * The recipes, by id: the paper's four in the order of its table. The id is what a pair's provenance says.
 *
 * @example
 * builderCatalog.clair.label; // 'CLAIR'
 */
export const builderCatalog = {
  clair: {
    label: 'CLAIR',
    summary: "Chosen is a reviser's minimal revision of the policy's response; rejected is that response.",
    parts: ['policy', 'reviser'],
    source: "D'Oosterlinck et al., arXiv 2408.06266: contrastive learning from AI revisions",
    command: 'apolab clair --model <reviser> --policy <policy>',
  },
  judge_on_policy: {
    label: 'Judge on-policy',
    summary: 'Chosen and rejected are the better and the worse of two samples of the policy, by the scores of a judge.',
    parts: ['policy', 'judge'],
    source: "D'Oosterlinck et al., arXiv 2408.06266: the set ultrafeedback_rlaif_32k",
    command: 'apolab judge --model <judge> --policy <policy>',
  },
  judge_off_policy: {
    label: 'Judge off-policy',
    summary:
      'Chosen and rejected are the better and the worse of the responses of other models, by the scores of a judge.',
    parts: ['responders', 'judge'],
    source: "D'Oosterlinck et al., arXiv 2408.06266: the set ultrafeedback_rlaif-offpolicy_32k",
    command: 'apolab judge --model <judge> --responder <model> --responder <model>',
  },
  stronger_preferred: {
    label: 'Stronger Preferred',
    summary: "Chosen is a stronger model's response; rejected is the policy's response.",
    parts: ['policy', 'stronger'],
    source: "D'Oosterlinck et al., arXiv 2408.06266: the set ultrafeedback_stronger-preferred_32k",
    command: 'apolab stronger --model <stronger> --policy <policy>',
  },
} as const satisfies Record<string, BuilderFacts>;

/** A builder's id: the key of its row. */
export type BuilderId = keyof typeof builderCatalog;

/** Every id, in the order of the rows. */
export const builderIds = Object.keys(builderCatalog) as readonly BuilderId[];

/** True if `id` is the id of a row. */
export function isBuilderId(id: string): id is BuilderId {
  return Object.hasOwn(builderCatalog, id);
}

/** The label of a recipe; any other name as it is. */
export function builderLabel(name: string): string {
  return isBuilderId(name) ? builderCatalog[name].label : name;
}
