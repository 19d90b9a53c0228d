/** What a reasoning model thinks aloud before it answers: `<think>...</think>` at a completion's beginning. */
import type { TextSpan } from './textSpan.js';

/**
 * Where the thought ends and where its tags stand; undefined where it has no end. A completion without one has ended its
 * thought at 0.
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
