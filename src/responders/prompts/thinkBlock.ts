/** The reasoning of a model before its answer: `<think>...</think>` at the beginning of a completion. */
import type { TextSpan } from './textSpan.js';

/**
 * The end of the think block and the spans of its tags; undefined if the block does not end. Without a think block the end
 * is 0.
 *
 * @example
 * findThinkBlock('<think>4?</think>It is 4.')?.end; // 17
 */
export function findThinkBlock(
  completion: string,
): { readonly end: number; readonly tags: readonly TextSpan[] } | undefined {
  const [opening, closing] = ['<think>', '</think>'];
  const start = completion.length - completion.trimStart().length;
  if (!completion.startsWith(opening, start)) return { end: 0, tags: [] };
  const close = completion.indexOf(closing, start);
  if (close === -1) return undefined;
  const end = close + closing.length;
  return {
    end,
    tags: [
      { start, end: start + opening.length },
      { start: close, end },
    ],
  };
}
