/** Position bias: whether a judge's verdict depends on the order in which it gets two responses. */
import pLimit from 'p-limit';
import { type Displayable } from '../../core/display.js';
import { seedFor } from '../seedFor.js';
import type { PreferencePair, Prompt } from '../../pairs/pair.js';
import type { Comparison, PairJudge, Position, Refusal } from '../responder.js';
import { type Fact, withFactTable } from './factTable.js';
import { describeProportion, type Proportion, wilson } from '../../core/statistics.js';

/** Two responses to compare; of a preference pair, chosen is the first. */
export type PairItem = { readonly prompt: Prompt; readonly first: string; readonly second: string } | PreferencePair;

/** Options of `comparePairs` and `positionBias`. */
export interface CompareOptions {
  /** 0 by default. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

/** A judge's position bias; each proportion has Wilson's 95 % interval. */
export interface PositionBias extends Displayable {
  readonly judge: string;
  /** Comparisons whose verdict changed with the order, among all comparisons. */
  readonly flips: Proportion;
  /** Among these, how many preferred the first position; one half if no position is preferred. */
  readonly firstPosition: Proportion;
  /** Verdicts by the position that won, two per comparison; all 0 for judges without `verdicts`. */
  readonly verdicts: Readonly<Record<Position, number>>;
  /** Comparisons without a result, with their reasons. */
  readonly refused: readonly Refusal[];
}

/** Comparisons at the same time for a judge without a `concurrency`: one batch of a local model. */
const batchSize = 64;

/**
 * A judge's comparison of each item, in the items' order; as many at the same time as the judge's `concurrency` allows.
 *
 * @example
 * const judge = asPairJudge((prompt, response) => response.length);
 * await comparePairs(judge, [{ prompt: '2 + 2?', first: 'four', second: '4' }]);
 * // [{ kind: 'compared', first: 4, second: 1, consistent: true }]
 */
export async function comparePairs(
  judge: PairJudge,
  items: Iterable<PairItem>,
  { seed = 0, signal }: CompareOptions = {},
): Promise<(Comparison | Refusal)[]> {
  const limit = pLimit(judge.concurrency ?? batchSize);
  return Promise.all(
    Array.from(items, (item) => {
      const prompt = 'first' in item ? item.prompt : (item.conversation ?? item.prompt);
      const [first, second] = 'first' in item ? [item.first, item.second] : [item.chosen, item.rejected];
      return limit(() => {
        signal?.throwIfAborted();
        return judge.compare(prompt, first, second, seedFor(seed, 'compared'), signal);
      });
    }),
  );
}

/**
 * Compares every item in both orders and counts the verdicts that change with the order, and how many of these prefer the
 * first position. A comparison is one observation, since its two verdicts are not independent.
 *
 * @param judge a judge that gets both responses at once, such as `pairwiseJudge(responder)`
 * @returns the counts, which a notebook shows as a table
 * @example
 * const judge = pairwiseJudge(asResponder(() => '{verdict}: A'));
 * const bias = await positionBias(judge, [{ prompt: '2 + 2?', first: '4', second: '5' }]);
 * bias.flips.share; // 1
 */
export async function positionBias(
  judge: PairJudge,
  items: Iterable<PairItem>,
  options: CompareOptions = {},
): Promise<PositionBias> {
  const outcomes = await comparePairs(judge, items, options);
  const compared = outcomes.filter((one): one is Comparison => one.kind === 'compared');
  const refused = outcomes.filter((one): one is Refusal => one.kind === 'skipped');
  const verdicts = { first: 0, second: 0, tie: 0 } satisfies Record<Position, number>;
  for (const place of compared.flatMap((one) => one.verdicts ?? [])) verdicts[place] += 1;
  const inconsistent = compared.flatMap((one) => (one.consistent || one.verdicts === undefined ? [] : [one.verdicts]));
  const toFirst = inconsistent.filter((places) => leaning(places) > 0).length;
  const flips = wilson(compared.filter(({ consistent }) => !consistent).length, compared.length);
  const firstPosition = wilson(toFirst, inconsistent.length);
  const facts: Fact[] = [
    ['compared', `${compared.length} in both orders`],
    ['verdict changes with the order', describeProportion(flips)],
    ['of these to the first place', describeProportion(firstPosition)],
    ['all verdicts', `${verdicts.first} first place, ${verdicts.second} second place, ${verdicts.tie} tie`],
    ...refusalFacts(refused),
  ];
  return withFactTable(
    { judge: judge.name, flips, firstPosition, verdicts, refused },
    `Position bias of ${judge.name}`,
    facts,
  );
}

/** Rows with the refusals by reason: the five most frequent reasons, then the count of all others. */
export function refusalFacts(refused: readonly Refusal[]): Fact[] {
  const counts = new Map<string, number>();
  for (const { reason } of refused) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const sorted = [...counts].sort(([, one], [, other]) => other - one);
  const rest = sorted.slice(5).reduce((sum, [, count]) => sum + count, 0);
  return [
    ...(refused.length === 0 ? [] : [['no verdict', String(refused.length)] as const]),
    ...sorted.slice(0, 5).map(([reason, count]): Fact => [`  ${count} times`, reason]),
    ...(rest === 0 ? [] : [[`  ${rest} times`, 'other reasons'] as const]),
  ];
}

/** Above 0 if the first position won more of both verdicts. */
function leaning(places: readonly [Position, Position]): number {
  const worth = { first: 1, tie: 0, second: -1 } as const satisfies Record<Position, number>;
  return worth[places[0]] + worth[places[1]];
}
