/** The common prefix and the common suffix of two sequences. */

/** A text by its UTF-16 units, or tokens, or token ids. */
type Sequence = string | ArrayLike<number> | readonly (string | number)[];

/** Length of the common prefix. */
export function commonPrefixLength(a: Sequence, b: Sequence): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length += 1;
  return length;
}

/** Length of the common suffix, not counting the first `prefix` items of both. */
export function commonSuffixLength(a: Sequence, b: Sequence, prefix: number): number {
  const most = Math.min(a.length, b.length) - prefix;
  let length = 0;
  while (length < most && a[a.length - 1 - length] === b[b.length - 1 - length]) length += 1;
  return length;
}
