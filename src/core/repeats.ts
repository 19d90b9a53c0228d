/**
 * How often each item of a call stands before it, so that a prompt that comes twice in one call can be answered anew.
 *
 * @example
 * timesBefore(['a', 'b', 'a']); // [0, 0, 1]
 */
export function timesBefore<Item>(items: readonly Item[], keyOf: (item: Item) => string = String): number[] {
  if (items.length === 1) return [0];
  const seen = new Map<string, number>();
  return items.map((item) => {
    const key = keyOf(item);
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    return before;
  });
}
