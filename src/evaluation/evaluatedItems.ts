/** The items of an evaluation, one after the other: asked or compared, and scored. */
import { ApolabError } from '../core/errors.js';
import { mapOrdered } from '../core/mapOrdered.js';
import { comparesLikelihoods, type Benchmark, type ItemScore, type ResponseBenchmark } from './benchmark.js';
import type { EvaluatedItem } from './evaluation.js';
import { canCompare, likelihoodsOf } from './likelihoods.js';
import { answersOf, isReady, readyAnswers, type AskOptions, type Evaluated, type GivenAnswer } from './responses.js';
import type { ReadyResponses } from './readResponses.js';

/** How many responses are scored at the same time, for benchmarks that ask a judge. */
const scoredAtOnce = 16;

/** What is evaluated, after responses of a file were put in the order of the examples. */
export type Ordered = Exclude<Evaluated, ReadyResponses>;

/**
 * The items of these examples, in their order and as soon as they are there.
 *
 * @throws ApolabError if the benchmark compares log-probabilities and there is no model, or if an item's score is not from 0 to 1
 */
export async function* evaluatedItems(
  benchmark: Benchmark,
  evaluated: Ordered,
  examples: readonly unknown[],
  options: AskOptions,
): AsyncGenerator<EvaluatedItem, void> {
  const id = (example: unknown) => {
    const named = benchmark.id?.(example);
    return named === undefined ? {} : { id: named };
  };
  if (comparesLikelihoods(benchmark)) {
    if (!canCompare(evaluated))
      throw new ApolabError(
        `${benchmark.label} compares log-probabilities, which only a model that is loaded here gives (models.fromPretrained, or --model FOLDER).`,
      );
    const candidates = examples.map((example) => benchmark.candidates(example));
    let index = 0;
    for await (const likelihoods of likelihoodsOf(evaluated, candidates, options)) {
      const example = examples[index]!;
      const scored = checked(benchmark.label, benchmark.compare(example, likelihoods));
      const { prompt, conversation = prompt } = candidates[index]!;
      yield { ...id(example), prompt: conversation, response: null, ...scored };
      index += 1;
    }
    return;
  }
  const prompts = examples.map((example) => benchmark.prompt(example));
  const answers: Iterable<GivenAnswer> | AsyncIterable<GivenAnswer> = isReady(evaluated)
    ? readyAnswers(evaluated, examples.length)
    : answersOf(evaluated, prompts, benchmark.generation, options);
  let asked = 0;
  yield* mapOrdered(answers, scoredAtOnce, async (answer): Promise<EvaluatedItem> => {
    const index = asked;
    asked += 1;
    const scored = await scoredAnswer(benchmark, examples[index], answer, options.signal);
    return { ...id(examples[index]), prompt: prompts[index]!, ...scored };
  });
}

async function scoredAnswer(
  benchmark: ResponseBenchmark,
  example: unknown,
  answer: GivenAnswer,
  signal: AbortSignal | undefined,
): Promise<Omit<EvaluatedItem, 'id' | 'prompt'>> {
  if (answer.kind === 'skipped') return { response: null, score: 0, reason: answer.reason, refused: true };
  return { response: answer.text, ...checked(benchmark.label, await benchmark.score(example, answer.text, signal)) };
}

function checked(label: string, given: ItemScore) {
  const item = typeof given === 'number' ? { score: given } : given;
  if (item.score >= 0 && item.score <= 1) return item;
  throw new ApolabError(`${label} gave a response the score ${item.score}; a score is a number from 0 to 1.`);
}
