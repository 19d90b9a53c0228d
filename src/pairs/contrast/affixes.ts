/** What two sequences have in common at their beginnings and at their ends. */

/** A text by its UTF-16 units, tokens, ids. */
type Sequence = string | ArrayLike<number> | readonly (string | number)[];

/** How many items both begin with. */
export function commonPrefixLength(a: Sequence, b: Sequence): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length += 1;
  return length;
}

/** How many items both end with, their first `prefix` items left aside. */
export function commonSuffixLength(a: Sequence, b: Sequence, prefix: number): number {
  const most = Math.min(a.length, b.length) - prefix;
  let length = 0;
  while (length < most && a[a.length - 1 - length] === b[b.length - 1 - length]) length += 1;
  return length;
}
