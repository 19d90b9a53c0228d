/** What a builder is asked for: prompts alone, with an answer, or as the rows of a file. */
import { fnv1a } from '../core/random.js';
import type { PromptRow } from '../pairs/rows/readPrompts.js';
import type { Prompt } from '../pairs/pair.js';

/** A prompt, with the policy's response where it has answered already. */
export interface AskedPrompt {
  readonly prompt: Prompt;
  /** Taken as the policy's sample, which then isn't asked. */
  readonly response?: string;
  /** Its row in the file that it comes from. */
  readonly row?: number;
}

/** What a builder is given for a prompt; a row of a file that is none, as `streamPrompts` yields it, is reported like others. */
export type Asked = Prompt | AskedPrompt | PromptRow;

/** A prompt to ask, with how often it was asked before; or a row that is no prompt. */
export type Numbered = (AskedPrompt & { readonly kind: 'asked'; readonly repeat: number }) | NoPrompt;
type NoPrompt = Extract<PromptRow, { kind: 'skipped' }>;

/** The prompts, each as often as `times` says. */
export async function* numbered(
  prompts: Iterable<Asked> | AsyncIterable<Asked>,
  times: number,
): AsyncGenerator<Numbered> {
  const timesSeen = new Map<string, number>();
  for await (const given of prompts) {
    if (isNoPrompt(given)) {
      yield given;
      continue;
    }
    const { prompt, response, row } = isAsked(given) ? given : { prompt: given };
    const key = fingerprint(prompt);
    const seen = timesSeen.get(key) ?? 0;
    timesSeen.set(key, seen + times);
    const fields = { prompt, ...(response === undefined ? {} : { response }), ...(row === undefined ? {} : { row }) };
    for (let time = 0; time < times; time++) yield { kind: 'asked', ...fields, repeat: seen + time };
  }
}

function isNoPrompt(given: Asked): given is NoPrompt {
  return typeof given === 'object' && 'kind' in given && given.kind === 'skipped';
}

function isAsked(given: Prompt | AskedPrompt): given is AskedPrompt {
  return typeof given === 'object' && 'prompt' in given;
}

/** Short, since one is kept for every prompt of a run. */
function fingerprint(prompt: Prompt): string {
  const text = typeof prompt === 'string' ? prompt : JSON.stringify(prompt);
  return text.length <= 24 ? text : `${text.length} ${fnv1a(text)} ${fnv1a(`${text} again`)}`;
}
