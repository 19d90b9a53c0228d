/** The thinking of a model before its answer, such as `<think>...</think>` at the beginning of a text. */
import type { TextSpan } from './prompts/textSpan.js';

/** The tags of thinking. DeepSeek, Qwen and others write the first, Magistral the last. */
const tagPairs = [
  ['<think>', '</think>'],
  ['<thinking>', '</thinking>'],
  ['<thought>', '</thought>'],
  ['[THINK]', '[/THINK]'],
] as const;

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
  const start = completion.length - completion.trimStart().length;
  const [opening, closing] = tagPairs.find(([tag]) => completion.startsWith(tag, start)) ?? [];
  if (opening === undefined) return { end: 0, tags: [] };
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

/** A text in two parts. */
export interface SplitText {
  readonly text: string;
  /** '' if there is none. */
  readonly reasoning: string;
}

/**
 * A text without the thinking at its beginning, and that thinking. White space after the thinking goes with it; a text without
 * thinking stays as it is. Thinking that does not end is all thinking. A chat template may have written the opening tag, so
 * `</think>` alone ends thinking too.
 *
 * @example
 * splitThinking('<think>\n2 + 2\n</think>\n\nIt is 4.'); // { text: 'It is 4.', reasoning: '2 + 2' }
 */
export function splitThinking(given: string): SplitText {
  const thoughts: string[] = [];
  let text = given;
  for (;;) {
    const start = text.trimStart();
    const [opening, closing] = tagPairs.find(([tag]) => start.startsWith(tag)) ?? [];
    if (opening === undefined) break;
    const close = start.indexOf(closing);
    thoughts.push(start.slice(opening.length, close === -1 ? start.length : close).trim());
    text = close === -1 ? '' : start.slice(close + closing.length).trimStart();
  }
  const close = thoughts.length === 0 ? closingAlone.exec(text) : null;
  if (close !== null && !text.slice(0, close.index).includes('<think>')) {
    thoughts.push(text.slice(0, close.index).trim());
    text = text.slice(close.index + close[0].length).trimStart();
  }
  return { text, reasoning: thoughts.filter((thought) => thought !== '').join('\n\n') };
}

/** `</think>` at the end of a line; elsewhere it is a mention. */
const closingAlone = /<\/think>[^\S\n]*(?:\n|$)/;
