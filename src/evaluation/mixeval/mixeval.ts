/** MixEval and MixEval-Hard: questions of many benchmarks, free-form and multiple choice. */
import type { ResponderLike } from '../../responders/index.js';
import type { ResponseBenchmark, ScoredItem } from '../benchmark.js';
import { mixEvalJudge, type MixEvalJudge } from './judge.js';
import { letterOf, promptOf } from './prompts.js';
import { readQuestions, type MixEvalQuestion } from './questions.js';
import { containsAnswer, optionOf } from './rules.js';

/** Where MixEval's questions are, and who decides. */
export interface MixEvalOptions {
  /** The folder with `free-form.json` and `multiple-choice.json`, or the one above it. */
  readonly data: string;
  /** A model that judges responses; without it, the rules decide. */
  readonly judge?: ResponderLike;
}

/** A question, and the judge of its responses if there is one. */
export interface MixEvalExample {
  readonly question: MixEvalQuestion;
  readonly judge: MixEvalJudge | undefined;
}

/** MixEval: see `mixEvalOf`. */
export const mixeval = mixEvalOf('MixEval', 'mixeval', 'questions that people ask on the web');
/** MixEval-Hard: see `mixEvalOf`. */
export const mixevalHard = mixEvalOf(
  'MixEval-Hard',
  'mixeval-hard',
  'the hard part of questions that people ask on the web',
);

/**
 * A benchmark of MixEval's files. By rule a response scores 1 or 0 as MixEval's rule parser says; where that draws an option by
 * lot, the item is undecided. With a judge, a free-form response scores what the judge gives, 0.0 to 1.0 in tenths, and the
 * judge says which option a response chooses; if it cannot say, the item is undecided.
 *
 * The score is the mean over all questions, which for splits of equal size is MixEval's overall score. Parts: splits, and the
 * benchmarks that the questions are from.
 *
 * Source: Ni et al., MixEval: Deriving Wisdom of the Crowd from LLM Benchmark Mixtures, arXiv 2406.06565.
 */
function mixEvalOf(label: string, folder: string, what: string): ResponseBenchmark<MixEvalExample, MixEvalOptions> {
  return {
    label,
    measures: `Whether ${what} are answered correctly, in words or by an option.`,
    needs: ['files'],
    generation: { maxNewTokens: 512 },
    examples: async ({ data, judge }) => {
      const decide = judge === undefined ? undefined : mixEvalJudge(judge);
      return (await readQuestions(data, folder)).map((question) => ({ question, judge: decide }));
    },
    id: ({ question: { split, id } }) => ({ split, id }),
    prompt: ({ question }) => promptOf(question),
    score: async ({ question, judge }, response, signal) => {
      const decided = judge === undefined ? byRule(question, response) : await judge(question, response, signal);
      const parts = [question.split, question.benchmark].filter((name) => name !== '');
      return { ...decided, parts: parts.map((name) => ({ name, score: decided.score })) };
    },
  };
}

function byRule(question: MixEvalQuestion, response: string): ScoredItem {
  if (question.split === 'free-form') {
    const correct = containsAnswer(response, question.targets);
    return { score: Number(correct), verdict: { parsed: null, correct } };
  }
  return chosen(question.target, optionOf(response, question.options), 'no rule finds an option in the response');
}

/** The item of a response that chose this option; undecided if it chose none. */
function chosen(target: number, option: string | undefined, reason: string): ScoredItem {
  if (option === undefined) return { score: 0, undecided: true, reason, verdict: { parsed: null, correct: null } };
  const correct = option === letterOf(target);
  return { score: Number(correct), verdict: { parsed: option, correct } };
}
