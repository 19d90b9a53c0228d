/** Multiple choice by log-likelihood: the option that the model finds likeliest after the question. */
import { ApolabError } from '../core/errors.js';
import type { Candidates, Likelihood, LikelihoodBenchmark, ScoredItem } from './benchmark.js';
import { multipleChoiceOf, type MultipleChoiceQuestion } from './mixeval/questions.js';
import { dataFile, readRows, readRowsById, type FileRow } from './readRows.js';

/** Where the questions are. */
export interface MultipleChoiceOptions {
  /** A JSONL file of questions, MixEval's `multiple-choice.json`, or the folder of one of them. */
  readonly data: string;
}

/**
 * The benchmark: a question scores 1 if the right option has the highest log-probability, `argmax_i log pi(y_i | x)`. The part
 * `per character` divides each by the option's number of characters, `argmax_i log pi(y_i | x) / |y_i|`, so that long options
 * are not at a disadvantage. The log-probability includes the end of the response. With a chat template the question is the
 * user's message and the option the answer.
 *
 * Rows have `question` (or `prompt`), `choices` (or `options`), `answer` (or `target`: an index or a letter), and may have
 * `context` and `id`.
 *
 * Source: the tasks of EleutherAI's lm-evaluation-harness (`acc` and `acc_norm`); there the end of the response does not count.
 */
export const multipleChoice: LikelihoodBenchmark<MultipleChoiceQuestion, MultipleChoiceOptions> = {
  label: 'Multiple choice by log-likelihood',
  measures: 'Whether the right option of a question is the likeliest response.',
  needs: ['files'],
  examples: async ({ data }) => {
    const file = dataFile(data, 'multiple-choice.jsonl', 'questions.jsonl', 'multiple-choice.json');
    const where = (id: string) => `Question ${id} of ${file}`;
    if (file.endsWith('.json'))
      return (await readRowsById(file)).map(([id, row]) => multipleChoiceOf(id, row, where(id)));
    return (await readRows(file)).map((row, index) => {
      const id = typeof row.id === 'string' || typeof row.id === 'number' ? String(row.id) : String(index);
      return multipleChoiceOf(id, renamed(row, where(id)), where(id));
    });
  },
  id: ({ id }) => ({ id }),
  candidates: ({ context, prompt, options }): Candidates => {
    const question = context === '' ? prompt : `${context}\n${prompt}`;
    return { prompt: `${question}\n`, conversation: [{ role: 'user', content: question }], responses: options };
  },
  compare: ({ target, benchmark }, likelihoods): ScoredItem => {
    const chosen = likeliest(likelihoods.map(({ logProb }) => logProb));
    const perCharacter = likeliest(likelihoods.map(perCharacterOf));
    const score = Number(chosen === target);
    return {
      score,
      parts: [
        { name: 'per character', score: Number(perCharacter === target) },
        ...(benchmark === '' ? [] : [{ name: benchmark, score }]),
      ],
      verdict: { chosen, target, logProbs: likelihoods.map(({ logProb }) => logProb) },
    };
  },
};

const perCharacterOf = ({ logProb, characters }: Likelihood) => logProb / Math.max(1, characters);

const likeliest = (values: readonly number[]) => values.indexOf(Math.max(...values));

/** A row under MixEval's names. */
function renamed(row: FileRow, where: string): FileRow {
  const { prompt, question = prompt, options, choices = options, target, answer = target } = row;
  const index =
    typeof answer === 'string' && /^[A-Z]$/.test(answer) ? answer.charCodeAt(0) - 'A'.charCodeAt(0) : answer;
  if (index === undefined)
    throw new ApolabError(`${where} has no answer: expected the index or letter of the right choice.`);
  return { ...row, prompt: question, options: choices, target: index };
}
