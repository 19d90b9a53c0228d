/**
 * The catalog of builders: what is known about each recipe for pairs, as pure data that loads nothing. Files, pictures of
 * pairs and figures read their labels here; the functions are in the table of index.ts.
 */

/** One row: what documentation, figures and files need to know about a recipe. */
export interface BuilderFacts {
  /** Its name as the paper writes it. */
  readonly label: string;
}

/**
 * The recipes, by id: the paper's four in the order of its table. The id is what a pair's provenance says.
 *
 * @example
 * builderCatalog.clair.label; // 'CLAIR'
 */
export const builderCatalog = {
  clair: { label: 'CLAIR' },
  judge_on_policy: { label: 'Judge on-policy' },
  judge_off_policy: { label: 'Judge off-policy' },
  stronger_preferred: { label: 'Stronger Preferred' },
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
