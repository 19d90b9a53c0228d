/**
 * The checker: grades any response, in the grammar or not, against the facts of the world.
 *
 * The last words of the answer's kind (number, noun or places) count as the answer. Only the content decides the score; step and
 * unit are quality, which the judge and the reviser use.
 */
import { ApolabError } from '../../core/errors.js';
import { parseResponse } from './grammar.js';
import { fill, slotWords, splitWords, valueOf } from './pattern.js';
import { parsePrompt, type Question, solveTruly } from './tasks.js';
import { numbers } from './vocabulary.js';
import type { World } from './world.js';

/** The grade of one response. */
export interface Grade {
  /** The share of the answer's words that are right, 0 to 1. The answer of `trip` has two words, those of the other tasks one. */
  readonly content: number;
  /** Whether the response contains the step with the true values; true if the task has no step. */
  readonly step: boolean;
  /** Whether the word after the last number is `coins`; true if the task has no unit. */
  readonly unit: boolean;
  /** Whether all of the content is right. The score counts this. */
  readonly correct: boolean;
  /** Whether the response is in the grammar. */
  readonly parsed: boolean;
}

const isNumber = new Set(numbers);

/**
 * Grades one response.
 *
 * @throws ApolabError if the prompt does not belong to the world.
 *
 * @example
 * grade(village, 'price of tea ?', 'it is 7 coins .'); // { content: 1, ... }
 */
export function grade(world: World, prompt: string, response: string): Grade {
  const question = parsePrompt(prompt);
  const truth = solveTruly(world.facts, question);
  const words = splitWords(response);
  const given = givenAnswer(question, words);
  const right = question.task.answer.filter((slot, index) => given[index] === valueOf(truth, slot));
  const content = right.length / question.task.answer.length;
  const lastNumber = words.findLastIndex((word) => isNumber.has(word));
  return {
    content,
    step: ` ${response} `.includes(` ${fill(question.task.step, truth)} `) || question.task.step === '',
    unit: !question.task.hasUnit || (lastNumber >= 0 && words[lastNumber + 1] === 'coins'),
    correct: content === 1,
    parsed: parseResponse(question, response) !== undefined,
  };
}

/** The last words of the answer's kind, one per slot. If there are too few, the first slots are undefined. */
function givenAnswer({ task }: Question, words: readonly string[]): (string | undefined)[] {
  const kind = slotWords(task.answer[0]!);
  const candidates = words.filter((word) => kind.has(word));
  return task.answer.map((_, index) => candidates[candidates.length - task.answer.length + index]);
}

/** The score of some responses. */
export interface Score {
  /** Accuracy in percent, 0 to 100. */
  readonly score: number;
  /** Which responses are right: one 0 or 1 per response, in their order. */
  readonly correct: string;
}

/**
 * The score of one response per prompt.
 *
 * @throws ApolabError if the numbers of prompts and responses differ, if there are none, or if a prompt does not belong to the world.
 */
export function score(world: World, prompts: readonly string[], responses: readonly string[]): Score {
  if (prompts.length !== responses.length || prompts.length === 0) {
    throw new ApolabError(
      `A score needs one response per prompt, and at least one prompt; given: ${prompts.length} prompts, ${responses.length} responses.`,
    );
  }
  const correct = prompts
    .map((prompt, index) => (grade(world, prompt, responses[index]!).correct ? '1' : '0'))
    .join('');
  return { score: (100 * correct.replaceAll('0', '').length) / prompts.length, correct };
}
