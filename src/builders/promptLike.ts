/** What a builder gets as prompts: prompts alone, prompts with a response, or the rows of a file. */
import { fnv1a } from '../core/random.js';
import type { Prompt } from '../pairs/pair.js';
import type { PromptRow } from '../pairs/rows/readPrompts.js';

/** A prompt, with the policy's response if it has answered already. */
export interface PromptItem {
  readonly prompt: Prompt;
  /** Used as the policy's sample; the policy is then not asked. */
  readonly response?: string;
  /** Its row in the file that it comes from. */
  readonly row?: number;
}

/** Anything that can be a builder's prompt. A row of `streamPrompts` that has no usable prompt is reported as skipped. */
export type PromptLike = Prompt | PromptItem | PromptRow;

/** A prompt with the number of times that it came before, or a row without a usable prompt. */
export type NumberedPrompt = (PromptItem & { readonly kind: 'prompt'; readonly repeat: number }) | SkippedPromptRow;
type SkippedPromptRow = Extract<PromptRow, { kind: 'skipped' }>;

/** Yields each prompt `times` times, with the number of times that the same prompt came before. */
export async function* numberPrompts(
  prompts: Iterable<PromptLike> | AsyncIterable<PromptLike>,
  times: number,
): AsyncGenerator<NumberedPrompt> {
  const timesSeen = new Map<string, number>();
  for await (const given of prompts) {
    if (isSkippedRow(given)) {
      yield given;
      continue;
    }
    const { prompt, response, row } = isPromptItem(given) ? given : { prompt: given };
    const key = fingerprint(prompt);
    const seen = timesSeen.get(key) ?? 0;
    timesSeen.set(key, seen + times);
    const fields = { prompt, ...(response === undefined ? {} : { response }), ...(row === undefined ? {} : { row }) };
    for (let time = 0; time < times; time++) yield { kind: 'prompt', ...fields, repeat: seen + time };
  }
}

function isSkippedRow(given: PromptLike): given is SkippedPromptRow {
  return typeof given === 'object' && 'kind' in given && given.kind === 'skipped';
}

function isPromptItem(given: Prompt | PromptItem): given is PromptItem {
  return typeof given === 'object' && 'prompt' in given;
}

/** Short, because memory holds one for every prompt of a run. */
function fingerprint(prompt: Prompt): string {
  const text = typeof prompt === 'string' ? prompt : JSON.stringify(prompt);
  return text.length <= 24 ? text : `${text.length} ${fnv1a(text)} ${fnv1a(`${text} again`)}`;
}
