/** MixEval's questions as they are asked: the form of its official prompts, so that scores can be compared. */
import type { MixEvalQuestion } from './questions.js';

/** Benchmarks whose free-form questions are answered step by step. */
const stepByStep: ReadonlySet<string> = new Set(['BBH', 'GSM8k', 'MATH']);

/**
 * The prompt of a question: context, question, options and instruction, each on lines of its own.
 *
 * Source: Ni et al., MixEval, arXiv 2406.06565; the version of 2024-06-01.
 *
 * @example
 * promptOf({ split: 'multiple-choice', id: '0', benchmark: 'MMLU', context: '', prompt: '2 + 2?', options: ['3', '4'], target: 1 });
 * // '2 + 2?\nA. 3\nB. 4\nAnswer with the option letter from the given choices directly.'
 */
export function promptOf(question: MixEvalQuestion): string {
  const { context, prompt } = question;
  const contextLine = context === '' ? '' : `${context}\n`;
  if (question.split === 'multiple-choice') {
    const options = optionLines(question.options);
    return `${contextLine}${prompt}\n${options}\nAnswer with the option letter from the given choices directly.`;
  }
  const instruction = stepByStep.has(question.benchmark)
    ? "Answer the question. \nLet's think step by step."
    : 'Answer the question shortly.';
  return `Question: ${contextLine}${prompt}\n${instruction}`;
}

/** The options, each on a line after its letter. */
export function optionLines(options: readonly string[]): string {
  return options.map((option, index) => `${letterOf(index)}. ${option}`).join('\n');
}

/** The letter of an option: 0 is A. */
export function letterOf(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index);
}
