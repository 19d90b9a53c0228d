/**
 * How many earlier items of the list are the same as each item, so that a prompt that comes twice in one call can be answered
 * with a seed of its own each time.
 *
 * @param keyOf two items with the same key are the same
 * @example
 * earlierOccurrences(['a', 'b', 'a']); // [0, 0, 1]
 */
export function earlierOccurrences<Item>(items: readonly Item[], keyOf: (item: Item) => string = String): number[] {
  if (items.length === 1) return [0];
  const counts = new Map<string, number>();
  return items.map((item) => {
    const key = keyOf(item);
    const earlier = counts.get(key) ?? 0;
    counts.set(key, earlier + 1);
    return earlier;
  });
}
