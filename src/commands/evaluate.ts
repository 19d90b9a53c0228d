/** `apolab evaluate`: the score of a model, an endpoint or ready responses on a benchmark. */
import path from 'node:path';
import { workFolder } from '../core/packageRoot.js';
import { ApolabError } from '../core/errors.js';
import { hash } from '../core/hash.js';
import { createProgress, type ProgressLine } from '../core/progress.js';
import type { Evaluated, EvaluatedItem, Evaluation } from '../evaluation/index.js';
import { abortOnSignals } from './abortOnSignals.js';
import { costOptions, endpointOptions, headerOptions } from './buildPairs/options.js';
import { Interrupted } from './buildPairs/buildPairsFile.js';
import { priceOf } from './buildPairs/responders.js';
import { interruptedCode } from './exitCodes.js';
import { defineCommand } from './options/defineCommand.js';
import { type OptionsOf, optionTable, pickOptions } from './options/optionTable.js';
import { parseCount, parseWholeNumber } from './options/parseValues.js';
import { backendOption, checkModelFolder } from './options/sharedOptions.js';

const { priceInput, priceOutput, maxCost, tokenBudget } = costOptions;

const evaluateOptions = optionTable({
  benchmark: { value: '<id>', help: 'the benchmark; --list names them', shownDefault: 'none' },
  list: { help: 'list the benchmarks with what they measure and need' },
  data: { value: '<folder>', help: "the benchmark's files, as they lie" },
  model: { value: '<name>', help: "a model's folder, or with --base-url a model's name at that server" },
  responses: {
    value: '<file>',
    help: 'JSONL of responses, each with the name of its example ("key", or "split" and "id")',
  },
  judge: { value: '<name>', help: 'model that judges responses, at the server of --judge-base-url' },
  judgeBaseUrl: { value: '<url>', help: "the judge's server, if it is not the one at --base-url" },
  limit: { value: '<count>', help: 'only the first examples', parse: parseCount, shownDefault: 'all' },
  split: { value: '<name>', help: "the benchmark's split, if it has several" },
  seed: { value: '<number>', help: "the seed of a world's questions", parse: parseWholeNumber, shownDefault: 0 },
  batchSize: { value: '<count>', help: "a model's prompts per forward pass", parse: parseCount, default: 16 },
  work: {
    value: '<folder>',
    help: 'folder of unfinished items and cached answers',
    shownDefault: 'results/evaluations',
  },
  ...endpointOptions,
  ...headerOptions,
  priceInput,
  priceOutput,
  maxCost,
  tokenBudget,
  cache: { value: '<folder>', help: 'folder of cached answers', shownDefault: '<work>/answers.cache' },
  ...backendOption,
  json: { help: 'print one object: benchmark, score, standardError, n, parts, items' },
});

type Flags = OptionsOf<typeof evaluateOptions>;

/** The command, for the table of commands. */
export const evaluateCommand = () =>
  defineCommand({
    name: 'evaluate',
    description: 'score a model, an endpoint or ready responses on a benchmark',
    options: evaluateOptions,
    notes: ['A run that was stopped goes on after its last item when the same command is given again.'],
    examples: [
      'npx apolab evaluate --benchmark ifeval --data ifeval --model SmolLM2-135M-Instruct --limit 50',
      'npx apolab evaluate --benchmark ifeval --data ifeval --base-url http://localhost:8000/v1 --model my-model --json',
      'npx apolab evaluate --benchmark ifeval --data ifeval --responses responses.jsonl --json',
    ],
    run: evaluateAll,
  });

async function evaluateAll(flags: Flags): Promise<void> {
  const evaluation = await import('../evaluation/index.js');
  if (flags.list === true) {
    listBenchmarks(evaluation);
    return;
  }
  const { benchmark: id, limit, batchSize, json } = flags;
  const row = evaluation.benchmarkOf(id ?? '');
  checkNeeds(flags, row.needs);
  const endpoints = await createEndpoints(flags);
  const stop = new AbortController();
  const ignoreSignals = abortOnSignals(stop, () => new Interrupted());
  try {
    let progress: ProgressLine | undefined;
    const result = await evaluation.evaluate(await evaluatedOf(flags, endpoints), row, {
      ...(flags.data === undefined ? {} : { data: flags.data }),
      ...(flags.judge === undefined ? {} : { judge: endpoints.open(flags.judge, flags.judgeBaseUrl) }),
      ...(flags.split === undefined ? {} : { split: flags.split }),
      ...(flags.seed === undefined ? {} : { seed: flags.seed }),
      ...(limit === undefined ? {} : { limit }),
      batchSize,
      signal: stop.signal,
      unfinished: unfinishedFile(flags),
      onItem: (_, done, total) => {
        progress ??= createProgress('items', total, process.stderr, Date.now, done - 1);
        progress.update(done);
      },
    });
    progress?.finish();
    for (const text of endpoints.usage()) console.error(text);
    if (json === true) console.log(JSON.stringify(reportObject(id!, result)));
    else for (const text of [evaluation.summaryOf(result), ...evaluation.partLines(result.parts)]) console.log(text);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    console.error('\nStopped. The same command goes on from here; finished items and cached answers are kept.');
    process.exitCode = interruptedCode;
  } finally {
    ignoreSignals();
    await endpoints.close();
  }
}

type EvaluationRoom = typeof import('../evaluation/index.js');

function listBenchmarks({ benchmarks }: EvaluationRoom): void {
  for (const [id, { label, measures, needs }] of Object.entries(benchmarks)) {
    const needed = needs.length === 0 ? '' : ` Needs: ${needs.join(', ')}.`;
    console.log(`${id.padEnd(22)}  ${label}. ${measures}${needed}`);
  }
}

function checkNeeds({ data, judge, model, responses, benchmark }: Flags, needs: readonly string[]): void {
  if (needs.includes('files') && data === undefined)
    throw new ApolabError(`${benchmark!} needs --data: the folder of its files.`);
  if (needs.includes('network') && judge === undefined)
    throw new ApolabError(
      `${benchmark!} needs --judge: a model at --judge-base-url or --base-url that judges responses.`,
    );
  if ((model === undefined) === (responses === undefined))
    throw new ApolabError('Give --model (a folder, or a name with --base-url) or --responses.');
}

/** Opens endpoints that share the limits, the budget and the cache of the flags. */
async function createEndpoints(flags: Flags) {
  const { Budget, describeUsage, endpoint } = await import('../responders/index.js');
  const opened: ReturnType<typeof endpoint>[] = [];
  const budget = new Budget({
    ...(flags.maxCost === undefined ? {} : { dollars: flags.maxCost }),
    ...(flags.tokenBudget === undefined ? {} : { tokens: flags.tokenBudget }),
  });
  return {
    open(model: string, baseUrl = flags.baseUrl, keepCut = false) {
      const one = endpoint({
        ...pickOptions(flags, endpointOptions),
        ...(baseUrl === undefined ? {} : { baseUrl }),
        ...(flags.header === undefined ? {} : { headers: Object.fromEntries(flags.header) }),
        ...priceOf(flags.priceInput, flags.priceOutput),
        model,
        budget,
        cache: flags.cache ?? path.join(workOf(flags), 'answers.cache'),
        keepCut,
      });
      opened.push(one);
      return one;
    },
    usage: () => opened.map(({ name, usage }) => `${name}: ${describeUsage(usage)}`),
    close: () => Promise.all(opened.map((one) => one.close())),
  };
}

/** A model in a folder, one at a server, or ready responses. */
async function evaluatedOf(flags: Flags, endpoints: Awaited<ReturnType<typeof createEndpoints>>): Promise<Evaluated> {
  const { model, responses, baseUrl, backend } = flags;
  if (responses !== undefined) return (await import('../evaluation/index.js')).readResponses(responses);
  if (baseUrl !== undefined) return endpoints.open(model!, baseUrl, true);
  checkModelFolder(model!);
  const [{ useBackend }, { fromPretrained }] = await Promise.all([
    import('../tensor/index.js'),
    import('../model/index.js'),
  ]);
  await useBackend(backend);
  return fromPretrained(model!);
}

const workOf = ({ work }: Flags) => work ?? path.join(workFolder, 'results', 'evaluations');

/** One file per command: another model, server or part of the data does not continue it. */
function unfinishedFile(flags: Flags): string {
  const { benchmark, data, model, baseUrl, responses, judge, judgeBaseUrl, limit, split, seed, batchSize } = flags;
  const settings = { data, model, baseUrl, responses, judge, judgeBaseUrl, limit, split, seed, batchSize };
  return path.join(workOf(flags), `${benchmark!}-${hash(JSON.stringify(settings)).slice(0, 12)}.jsonl`);
}

/** The object of `--json`. An item has its names and its verdict beside its other fields. */
function reportObject(benchmark: string, { items, ...numbers }: Evaluation): object {
  return { ...numbers, benchmark, items: items.map(reportItem) };
}

function reportItem({ id, verdict, prompt, response, score, reason, refused, undecided }: EvaluatedItem): object {
  return { ...id, ...verdict, prompt, response, score, reason, refused, undecided };
}
