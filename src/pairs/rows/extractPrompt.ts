/** The prompt that both responses of a row begin with, if the row has no column for it. */
import type { Message } from '../pair.js';
import { sameValue } from './readMessages.js';

/** A prompt, and what follows it in each response. */
export interface Extracted<Sequence> {
  readonly prompt: Sequence;
  readonly chosen: Sequence;
  readonly rejected: Sequence;
}

/**
 * The longest text that both responses begin with, character by character, and the rest of each. A space at its end goes to the
 * responses. If one response is the beginning of the other, its last character is not part of the prompt. So does TRL's
 * `extract_prompt`.
 *
 * @example
 * extractText('\n\nHuman: 1 + 1 ?\n\nAssistant: 2', '\n\nHuman: 1 + 1 ?\n\nAssistant: 3');
 * // { prompt: '\n\nHuman: 1 + 1 ?\n\nAssistant:', chosen: ' 2', rejected: ' 3' }
 */
export function extractText(chosen: string, rejected: string): Extracted<string> {
  // Python counts code points, so a prompt never ends inside of a character.
  const [first, second] = [Array.from(chosen), Array.from(rejected)];
  const found = firstDifference(first, second, (left, right) => left === right);
  const end = first[found - 1] === ' ' && first[found] !== second[found] ? found - 1 : found;
  return {
    prompt: first.slice(0, end).join(''),
    chosen: first.slice(end).join(''),
    rejected: second.slice(end).join(''),
  };
}

/** The same for conversations: the messages that both begin with. */
export function extractMessages(
  chosen: readonly Message[],
  rejected: readonly Message[],
): Extracted<readonly Message[]> {
  const end = firstDifference(chosen, rejected, sameValue);
  return { prompt: chosen.slice(0, end), chosen: chosen.slice(end), rejected: rejected.slice(end) };
}

/** Where two lists differ first; the end of the shorter one, less one item, if they do not. */
function firstDifference<Item>(
  left: readonly Item[],
  right: readonly Item[],
  same: (left: Item, right: Item) => boolean,
): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) if (!same(left[index]!, right[index]!)) return index;
  return Math.max(0, length - 1);
}
