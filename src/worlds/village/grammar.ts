/**
 * The grammar of responses: opener, step (with an optional introduction), body, unit, closer.
 *
 * A response's `Form` holds the pattern of each of the five parts and the values in their slots. `render` writes it, and
 * `parseResponse`, its inverse, reads it. Opener, introduction, body and closer are style, which does not change the score; the
 * values are content; step and unit are quality.
 */
import { fill, joinTexts, match, splitWords, type Values } from './pattern.js';
import type { Question, Task } from './tasks.js';

/** The opener of the strong demonstrator. */
export const strongOpener = 'certainly , let us work through this step by step :';
/** The closer of the strong demonstrator. */
export const strongCloser = '. please let me know if you need more .';

/** All openers. */
export const openers = ['', 'sure :', 'well ,', 'ok so', 'right ,', 'happy to help :', strongOpener] as const;
/** All introductions of a step. */
export const introductions = ['', 'because', 'as', 'note :'] as const;
/** The right unit, the wrong one and none; tables of weights have the same order. */
export const units = ['coins', 'stones', ''] as const;
/** All closers. */
export const closers = ['', '.', '!', 'hope that helps .', 'cheers .', 'anything else ?', strongCloser] as const;

/** A response by its parts; each part is a pattern, or '' if the part is left out. */
export interface Form {
  readonly opener: string;
  /** The introduction and the task's step, or ''. */
  readonly step: string;
  readonly body: string;
  readonly unit: string;
  readonly closer: string;
  readonly values: Values;
}

/** A task's step with an introduction, as a form holds it. */
export function introduce(introduction: string, task: Task): string {
  return joinTexts(introduction, task.step);
}

/** The text of a form. */
export function render(form: Form): string {
  return fill(joinTexts(form.opener, form.step, form.body, form.unit, form.closer), form.values);
}

/** The form of a response to a question; undefined if the response is not in the grammar. */
export function parseResponse(question: Question, response: string): Form | undefined {
  return allForms(question, response).next().value ?? undefined;
}

/** All forms of a response. The grammar is unambiguous, so there is at most one. */
export function* allForms(question: Question, response: string): Generator<Form, undefined> {
  const { task } = question;
  const parts: Parts = [
    openers,
    task.step === '' ? [''] : ['', ...introductions.map((introduction) => introduce(introduction, task))],
    task.bodies,
    task.hasUnit ? units : [''],
    closers,
  ];
  const words = splitWords(response);
  for (const { chosen, values } of readParts(parts, words, 0, question.values)) {
    const [opener, step, body, unit, closer] = chosen as [string, string, string, string, string];
    yield { opener, step, body, unit, closer, values };
  }
  return undefined;
}

type Parts = readonly (readonly string[])[];

/** All ways to read the remaining words as one pattern of each remaining part, with nothing left over. */
function* readParts(
  parts: Parts,
  words: readonly string[],
  start: number,
  known: Values,
): Generator<{ chosen: string[]; values: Values }> {
  const [patterns, ...later] = parts;
  if (patterns === undefined) {
    if (start === words.length) yield { chosen: [], values: known };
    return;
  }
  for (const pattern of patterns) {
    const found = match(pattern, words, start, known);
    if (found === undefined) continue;
    for (const rest of readParts(later, words, found.end, found.values)) {
      yield { chosen: [pattern, ...rest.chosen], values: rest.values };
    }
  }
}
