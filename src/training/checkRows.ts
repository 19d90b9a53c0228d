/** Which rows an objective can be trained on. */
import { ApolabError } from '../core/errors.js';
import { catalog, objectiveIds, type CatalogEntry } from '../objectives/catalog.js';
import { isUnpaired, type TrainingRow } from '../pairs/rows/trainingRow.js';

/** The objectives that take unpaired examples: those with a loss per response. */
export const unpairedObjectives = objectiveIds.filter((id) => !catalog[id].paired);

/** Why an objective does not take unpaired examples, or undefined if it does. */
export function refusalOfUnpaired({ paired, label }: Pick<CatalogEntry, 'paired' | 'label'>): string | undefined {
  if (!paired) return undefined;
  return `${label} needs pairs; unpaired rows (prompt, completion, label) are taken by ${unpairedObjectives.join(', ')}`;
}

/**
 * Checks that an objective can be trained on rows.
 *
 * @throws ApolabError if the rows are unpaired and the objective needs pairs, if they are pairs and unpaired examples, or if
 * KTO's KL estimate has nothing to combine because batches have one example.
 */
export function checkRows(entry: CatalogEntryLike, rows: readonly TrainingRow[], batchSize: number): void {
  const unpaired = rows.filter(isUnpaired).length;
  if (unpaired === 0) return;
  const refusal = refusalOfUnpaired(entry);
  if (refusal !== undefined) throw new ApolabError(`${refusal}.`);
  if (unpaired < rows.length) {
    throw new ApolabError(
      `${rows.length - unpaired} of ${rows.length} rows are pairs, the others unpaired examples; make examples of the pairs with preference.unpairPairs(pairs).`,
    );
  }
  if (entry.needsKl && batchSize === 1) {
    throw new ApolabError(
      `${entry.label} estimates the KL from prompts combined with the completions of other rows of the batch, so batchSize has to be 2 or more for unpaired examples; it is 1.`,
    );
  }
}

type CatalogEntryLike = Pick<CatalogEntry, 'paired' | 'label' | 'needsKl'>;
