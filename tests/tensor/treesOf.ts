import type { TokenTrees } from '../../src/tensor/index.js';

/** Trees with a trunk and two branches of the given lengths. */
export function treesOf(lengths: readonly (readonly [trunk: number, first: number, second: number])[]): TokenTrees {
  const offsets = [0];
  const ranges: number[] = [];
  for (const [trunk, first, second] of lengths) {
    const start = offsets.at(-1)!;
    for (let at = start; at < start + trunk; at++) ranges.push(start, at + 1, at + 1, at + 1);
    const branches = [
      [start + trunk, first],
      [start + trunk + first, second],
    ] as const;
    for (const [from, length] of branches)
      for (let at = from; at < from + length; at++) ranges.push(start, start + trunk, from, at + 1);
    offsets.push(start + trunk + first + second);
  }
  return { offsets: Int32Array.from(offsets), ranges: Int32Array.from(ranges) };
}
