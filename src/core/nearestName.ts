import { distance } from 'fastest-levenshtein';

/**
 * The known name that `given` is most likely a misspelling of: the one with the smallest edit distance, if that is at most a
 * third of `given`'s length plus one. Upper and lower case and punctuation do not count. Undefined if none is near enough.
 *
 * @example
 * nearestName('apo-zero', ['dpo', 'apo_zero']); // 'apo_zero'
 */
export function nearestName<Name extends string>(given: string, known: readonly Name[]): Name | undefined {
  const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');
  const [best] = known
    .map((name) => ({ name, distance: distance(plain(given), plain(name)) }))
    .sort((one, other) => one.distance - other.distance);
  return best !== undefined && best.distance <= given.length / 3 + 1 ? best.name : undefined;
}
