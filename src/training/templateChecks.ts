/**
 * What goes wrong between a chat template, a tokenizer and a pairs file, looked for before training: none of it stops a
 * run, all of it is counted and shown.
 *
 * A check is a row: whether it hits one pair, and what a person is told.
 */
import type { Tokenizer } from '../model/index.js';
import type { PreferencePair } from '../pairs/pair.js';
import type { TokenizedPair } from './tokenize.js';

/** One pair with its tokens. */
export interface CheckedPair {
  /** Counted from 1 in the list that was given. */
  readonly number: number;
  readonly pair: PreferencePair;
  /** As the tokenizer and the template give it. */
  readonly whole: TokenizedPair;
  /** As it is trained on, cut to the max length; undefined where its prompt leaves no room for a response. */
  readonly cut: TokenizedPair | undefined;
}

interface Check {
  /** How many responses (or pairs) of this pair it hits; a text instead where it found one to show. */
  readonly count: (checked: CheckedPair, tokenizer: TokenizerFacts) => number;
  readonly unit: 'responses' | 'pairs';
  /** What it means, and what to do. */
  readonly meaning: string;
}

/** What the checks ask of a tokenizer, worked out once. */
interface TokenizerFacts {
  readonly tokenizer: Tokenizer;
  readonly beginning: number | undefined;
  readonly end: number;
  /** What the chat template writes to open the assistant's answer. */
  readonly generationPrompt: string | undefined;
}

const hits = (tokens: readonly number[], token: number) => tokens.filter((other) => other === token).length;

const responsesThat = ({ whole }: CheckedPair, test: (ids: readonly number[], which: 0 | 1) => boolean) =>
  whole.responses.filter((ids, index) => test(ids, index as 0 | 1)).length;

export const templateChecks = {
  double_bos: {
    unit: 'pairs',
    meaning:
      'have the beginning-of-sequence token twice. The text, or the chat template, writes what the tokenizer adds by itself: take it out of one',
    count: ({ whole }, { beginning, end }) =>
      beginning !== undefined &&
      beginning !== end &&
      whole.responses.some((response) => hits([...whole.prompt, ...response], beginning) > 1)
        ? 1
        : 0,
  },
  missing_eos: {
    unit: 'responses',
    meaning:
      'lack the end-of-sequence token, so the model does not learn to end there. Let eos_token in tokenizer_config.json be what the chat template ends a turn with',
    count: (checked, { end }) => responsesThat(checked, (ids) => !ids.includes(end)),
  },
  extra_eos: {
    unit: 'responses',
    meaning:
      'have the end-of-sequence token more than once. Take it out of the text: the tokenizer or the template adds it',
    count: (checked, { end }) => responsesThat(checked, (ids) => hits(ids, end) > 1),
  },
  generation_prompt_in_response: {
    unit: 'responses',
    meaning:
      "begin with what opens the assistant's answer, which belongs to the prompt. Take it out of the text, or let the chat template write it where add_generation_prompt is set",
    count: (checked, facts) =>
      responsesThat(checked, (_, which) => opensWithHeader(checked.pair, which === 0 ? 'chosen' : 'rejected', facts)),
  },
  split_prompt: {
    unit: 'pairs',
    meaning:
      'lose the end of their prompt, as the prompt alone is written otherwise than before a response (tokens merge across the boundary, or the template differs); TRL does the same. Generation sees another context than training',
    count: ({ pair, whole }, { tokenizer }) => (promptAlone(tokenizer, pair) > whole.prompt.length ? 1 : 0),
  },
  truncated_responses: {
    unit: 'responses',
    meaning: 'are cut to the max length, and end without their end-of-sequence token. Allow more, or shorten them',
    count: ({ whole, cut }) =>
      cut === undefined ? 0 : whole.responses.filter((ids, index) => cut.responses[index]!.length < ids.length).length,
  },
  no_room: {
    unit: 'pairs',
    meaning: 'are left out: the prompt alone fills the max length. Allow more, or shorten them',
    count: ({ cut }) => (cut === undefined ? 1 : 0),
  },
} as const satisfies Record<string, Check>;

export type TemplateCheckId = keyof typeof templateChecks;

/** What a check found. */
export interface TemplateFinding {
  readonly check: TemplateCheckId;
  readonly count: number;
  readonly of: number;
  readonly unit: 'responses' | 'pairs';
  /** The first pair that it hit, counted from 1. */
  readonly firstPair: number;
  /** All of it in one sentence. */
  readonly message: string;
}

/**
 * Runs every check over pairs that are tokenized already.
 *
 * @example
 * for (const { message } of findTemplateProblems(model.tokenizer, checked)) console.error(message);
 */
export function findTemplateProblems(tokenizer: Tokenizer, pairs: readonly CheckedPair[]): TemplateFinding[] {
  const facts = factsOf(tokenizer);
  return (Object.entries(templateChecks) as [TemplateCheckId, Check][]).flatMap(([check, { count, unit, meaning }]) => {
    const counts = pairs.map((pair) => count(pair, facts));
    const total = counts.reduce((sum, value) => sum + value, 0);
    if (total === 0) return [];
    const of = unit === 'pairs' ? pairs.length : 2 * pairs.length;
    const { number: firstPair } = pairs[counts.findIndex((value) => value > 0)]!;
    const message = `${check}: ${total} of ${of} ${unit} ${meaning} (first: pair ${firstPair}).`;
    return [{ check, count: total, of, unit, firstPair, message }];
  });
}

function factsOf(tokenizer: Tokenizer): TokenizerFacts {
  return {
    tokenizer,
    beginning: tokenizer.beginningOfSequence,
    end: tokenizer.endOfSequence,
    generationPrompt: generationPromptOf(tokenizer),
  };
}

/** What `add_generation_prompt` adds to a conversation of one message, without the spaces round it. */
function generationPromptOf(tokenizer: Tokenizer): string | undefined {
  const template = tokenizer.chatTemplate;
  if (template === undefined) return undefined;
  const messages = [{ role: 'user', content: 'x' }];
  const without = template.render(messages, { addGenerationPrompt: false });
  const added = template.render(messages, { addGenerationPrompt: true });
  const header = added.startsWith(without) ? added.slice(without.length).trim() : '';
  return header === '' ? undefined : header;
}

function opensWithHeader(pair: PreferencePair, field: 'chosen' | 'rejected', facts: TokenizerFacts): boolean {
  const content = pair[field];
  const { generationPrompt, tokenizer } = facts;
  if (generationPrompt !== undefined && content.trimStart().startsWith(generationPrompt)) return true;
  const template = tokenizer.chatTemplate;
  if (template === undefined || pair.conversation === undefined) return false;
  const prompt = template.render(pair.conversation, { addGenerationPrompt: true });
  const answered = template.render([...pair.conversation, { role: 'assistant', content }], {
    addGenerationPrompt: false,
  });
  let shared = 0;
  while (shared < prompt.length && prompt[shared] === answered[shared]) shared += 1;
  const start = answered.indexOf(content.trim(), shared);
  return start > shared && answered.slice(shared, start).trim() !== '';
}

/** Tokens of the prompt alone, as a model that answers it sees it. */
function promptAlone(tokenizer: Tokenizer, { prompt, conversation }: PreferencePair): number {
  const template = tokenizer.chatTemplate;
  return conversation === undefined || template === undefined
    ? tokenizer.encodePrompt(prompt).length
    : tokenizer.encodeChat(conversation, { addGenerationPrompt: true }).length;
}
