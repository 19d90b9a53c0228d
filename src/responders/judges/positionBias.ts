/** Whether a judge that is shown two responses goes by the place in which it sees them. */
import pLimit from 'p-limit';
import { type Displayable } from '../../core/display.js';
import { seedFor } from '../seedFor.js';
import type { PreferencePair, Prompt } from '../../pairs/pair.js';
import type { Comparison, PairJudge, Position, Refusal } from '../responder.js';
import { type Fact, withFactTable } from './factTable.js';
import { describeProportion, type Proportion, wilson } from '../../core/statistics.js';

/** Two responses to compare; of a preference pair the chosen one is shown first. */
export type PairItem = { readonly prompt: Prompt; readonly first: string; readonly second: string } | PreferencePair;

export interface CompareOptions {
  /** 0 by default. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

export interface PositionBias extends Displayable {
  readonly judge: string;
  /** Comparisons whose verdict was not the same in both orders, of all that were compared. */
  readonly flips: Proportion;
  /** Of those, how many leaned to the response that stood first; half of them where no place is favoured. */
  readonly firstPosition: Proportion;
  /** All verdicts, two a comparison, by the place that won; of a judge that doesn't tell them all 0. */
  readonly verdicts: Readonly<Record<Position, number>>;
  /** Comparisons that gave nothing, with their reasons. */
  readonly refused: readonly Refusal[];
}

/** How many comparisons a judge without a `concurrency` is given at once: a batch. */
const batchSize = 64;

/**
 * What a judge says to each item, in the items' order; as many at the same time as the judge's `concurrency` allows.
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
 * Compares every item in both orders and counts how often the order had a say: the share of verdicts that change with it,
 * and the share of those that lean to the first place, both with Wilson's 95 % interval. A comparison is one observation,
 * since its two verdicts are not independent.
 *
 * @param judge one that shows both responses at once, such as `pairwiseJudge(responder)`
 * @returns as the last expression of a cell it is a table
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
  const swayed = compared.flatMap((one) => (one.consistent || one.verdicts === undefined ? [] : [one.verdicts]));
  const toFirst = swayed.filter((places) => leaning(places) > 0).length;
  const flips = wilson(compared.filter(({ consistent }) => !consistent).length, compared.length);
  const firstPosition = wilson(toFirst, swayed.length);
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

/** Refusals by reason, the most frequent first; the reasons beyond five are counted together. */
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

/** Above 0 where the place first shown won more of both verdicts. */
function leaning(places: readonly [Position, Position]): number {
  const worth = { first: 1, tie: 0, second: -1 } as const satisfies Record<Position, number>;
  return worth[places[0]] + worth[places[1]];
}
