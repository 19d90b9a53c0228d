/**
 * What `apolab clair`, `judge` and `stronger` have in common: prompts of a file go in, pairs come out in their order, and
 * every prompt that gave none stands in `<out>.skipped.jsonl` with its reason. The same command goes on where the last
 * one stopped, for answers are kept on disk. What an unfinished run has built lies beside in `<out>` with `.partial` in its
 * name, so that `--out` is always whole.
 */
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Command, Option } from 'commander';
import { ApolabError } from '../core/errors.js';
import type { BuildOptions, Endpoint, PairStream, SkippedPrompt, ResponderLike } from '../preference.js';
import { createProgress } from '../core/progress.js';
import { backendOption, number, positiveWholeNumber, wholeNumber } from './options.js';
import { interruptedCode } from './exitCodes.js';

type Preference = typeof import('../preference.js');

export interface BuildFlags {
  readonly prompts: string;
  readonly out: string;
  readonly model: string;
  readonly baseUrl?: string;
  readonly keyVariable: string;
  readonly policy?: string;
  readonly policyBaseUrl?: string;
  readonly policyPriceInput?: number;
  readonly policyPriceOutput?: number;
  readonly template?: string;
  readonly concurrency: number;
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  readonly timeout: number;
  readonly retries: number;
  readonly maxTokens: number;
  readonly temperature?: number;
  readonly policyTemperature: number;
  readonly policyMaxTokens: number;
  readonly stream?: true;
  readonly priceInput?: number;
  readonly priceOutput?: number;
  readonly maxCost?: number;
  readonly tokenBudget?: number;
  /** False with `--no-cache`. */
  readonly cache?: string | false;
  readonly count?: number;
  readonly pairsPerPrompt: number;
  readonly maxLengthRatio?: number;
  readonly maxWords?: number;
  readonly seed: number;
  readonly backend?: string;
  readonly json?: true;
}

/** A command with the options of all three. */
export function buildCommand(name: string, description: string, modelIs: string): Command {
  return new Command(name)
    .description(description)
    .requiredOption('--prompts <file>', 'rows with a prompt and, where the student answered already, its response')
    .requiredOption('--out <file>', 'the pairs: .jsonl, .csv or .parquet')
    .requiredOption('--model <name>', modelIs)
    .option('--base-url <url>', "where the model's server is, mostly ending in /v1 (OPENAI_BASE_URL, or OpenAI's own)")
    .option('--key-variable <name>', 'environment variable that holds the key', 'OPENAI_API_KEY')
    .option('--policy <name>', "the student: a model's folder, or a model's name at the server")
    .option('--policy-base-url <url>', "where the student's server is, if not at --base-url")
    .option('--policy-temperature <number>', 'temperature of the responses that are sampled', number, 1)
    .option('--policy-max-tokens <count>', 'longest response that is sampled, in tokens', positiveWholeNumber, 512)
    .option('--template <file>', 'prompt template in place of the own one (see src/responders/templates)')
    .option('--temperature <number>', 'temperature of the model (its own default for the task)', number)
    .option('--max-tokens <count>', "the model's longest answer, in tokens", positiveWholeNumber, 4096)
    .option('--concurrency <count>', 'requests under way at once', positiveWholeNumber, 16)
    .option('--requests-per-minute <count>', "the server's limit", number)
    .option('--tokens-per-minute <count>', "the server's limit, in and out together", number)
    .option('--timeout <seconds>', 'longest wait for a whole answer', number, 120)
    .option('--retries <count>', 'further tries of a request that failed', wholeNumber, 6)
    .option('--stream', 'read answers as they are written')
    .option('--price-input <dollars>', "price of a million tokens of the model's prompts", number)
    .option('--price-output <dollars>', 'price of a million tokens that it writes', number)
    .option('--policy-price-input <dollars>', "the same of the student's server", number)
    .option('--policy-price-output <dollars>', 'and of what it writes', number)
    .option('--max-cost <dollars>', 'stops before more could be spent', number)
    .option('--token-budget <count>', 'stops before more tokens could be used, in and out together', number)
    .option('--cache <folder>', 'where answers are kept (<out>.cache)')
    .option('--no-cache', 'keep no answers')
    .option('--count <pairs>', 'stop at so many pairs (all prompts)', positiveWholeNumber)
    .option(
      '--pairs-per-prompt <count>',
      'times that every prompt is tried, with fresh samples',
      positiveWholeNumber,
      1,
    )
    .option(
      '--max-length-ratio <number>',
      'longest response over shortest, in characters; other pairs are left out',
      number,
    )
    .option('--max-words <count>', 'words of a response at most; other pairs are left out', number)
    .option('--seed <number>', 'seed of the samples', wholeNumber, 0)
    .addOption(backendOption())
    .option('--json', 'print one object at the end: pairs, skipped, tokens, dollars');
}

/** The judge's scale, of the commands that have a judge. */
export const lowestOption = () =>
  new Option('--lowest <score>', "lowest score of the judge's scale").argParser(number).default(1);
export const highestOption = () => new Option('--highest <score>', 'highest score').argParser(number).default(10);

/** The parts that a builder is made of, as the flags name them. */
export interface Parts {
  readonly preference: Preference;
  readonly model: Endpoint;
  /** A further model at the same server, such as another judge. */
  readonly another: (name: string) => Endpoint;
  /** A student by its folder or its name. */
  readonly student: (name: string) => Promise<ResponderLike>;
  readonly policy: ResponderLike;
  readonly options: BuildOptions;
}

/** Builds the pairs of `--out` with the builder that `start` makes of the parts. */
export async function buildPairsFile(
  flags: BuildFlags,
  start: (parts: Parts) => PairStream | Promise<PairStream>,
): Promise<void> {
  // Loaded here, so that `apolab --help` does not wait for TensorFlow.js.
  const preference = await import('../preference.js');
  if (path.resolve(flags.prompts) === path.resolve(flags.out)) {
    throw new ApolabError('--out is the file of --prompts: give the pairs a file of their own.');
  }
  if (path.extname(flags.out) === '') {
    throw new ApolabError('--out is a file: give it an ending (.jsonl, .csv, .parquet).');
  }
  const stop = new AbortController();
  const endpoints: Endpoint[] = [];
  const open = (endpoint: Endpoint) => {
    endpoints.push(endpoint);
    return endpoint;
  };
  const budget = new preference.Budget({
    ...(flags.maxCost === undefined ? {} : { dollars: flags.maxCost }),
    ...(flags.tokenBudget === undefined ? {} : { tokens: flags.tokenBudget }),
  });
  const shared = sharedOptions(flags, budget);
  const another = (name: string) =>
    open(preference.endpoint({ ...shared, model: name, ...priceOf(flags.priceInput, flags.priceOutput) }));
  const student = async (name: string): Promise<ResponderLike> => {
    if (existsSync(path.join(name, 'config.json'))) return loadModel(name, flags);
    return open(
      preference.endpoint({
        ...shared,
        model: name,
        maxTokens: flags.policyMaxTokens,
        ...(flags.policyBaseUrl === undefined ? {} : { baseUrl: flags.policyBaseUrl }),
        ...priceOf(flags.policyPriceInput, flags.policyPriceOutput),
        keepCut: true,
      }),
    );
  };
  const partial = partialOf(flags.out);
  const skippedFile = preference.skippedWriter(partial);
  const counts = { pairs: 0, skipped: 0 };
  const reasons = new Map<string, number>();
  const onSkipped = (skipped: SkippedPrompt) => {
    counts.skipped += 1;
    const kind = skipped.reason.replaceAll(/\d[\d,.]*/g, 'N');
    reasons.set(kind, (reasons.get(kind) ?? 0) + 1);
    skippedFile.write(skipped);
  };
  const total = await countRows(preference, flags);
  const building = await start({
    preference,
    model: another(flags.model),
    another,
    student,
    policy: flags.policy === undefined ? nobody : await student(flags.policy),
    options: {
      ...buildOptions(flags),
      prompts: preference.streamPrompts(flags.prompts),
      signal: stop.signal,
      onSkipped,
    },
  });
  const writer = await preference.pairWriter(partial);
  const progress = createProgress('pairs', total);
  const show = () => progress.update(counts.pairs + counts.skipped, note(counts, endpoints));
  const ticking = setInterval(show, 1000);
  const interrupt = () => stop.abort(new Interrupted());
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  let ended: Error | undefined;
  try {
    for await (const pair of building) {
      await writer.write(pair);
      counts.pairs += 1;
      show();
    }
  } catch (error) {
    // What was built is worth keeping, whatever ended the building.
    if (!(error instanceof ApolabError)) {
      await Promise.all([writer.abort(), skippedFile.abort()]);
      throw error;
    }
    ended = error;
  } finally {
    clearInterval(ticking);
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    await Promise.all(endpoints.map((endpoint) => endpoint.close()));
  }
  progress.finish(note(counts, endpoints));
  await finish(flags, { writer, skippedFile, counts, reasons, endpoints }, ended);
}

/** Ctrl-C, or a signal to end. */
class Interrupted extends ApolabError {
  override name = 'Interrupted';

  constructor() {
    super('Stopped.');
  }
}

interface Ended {
  readonly writer: Awaited<ReturnType<Preference['pairWriter']>>;
  readonly skippedFile: ReturnType<Preference['skippedWriter']>;
  readonly counts: { readonly pairs: number; readonly skipped: number };
  readonly reasons: ReadonlyMap<string, number>;
  readonly endpoints: readonly Endpoint[];
}

const reasonsShown = 8;

/** Puts the files in their places and says what they hold. */
async function finish(
  flags: BuildFlags,
  { writer, skippedFile, counts, reasons, endpoints }: Ended,
  ended: Error | undefined,
): Promise<void> {
  const { pairs, skipped } = counts;
  const unfinished = partialOf(flags.out);
  const skippedAside = await skippedFile.close();
  await (pairs > 0 ? writer.close() : writer.abort());
  const out = ended === undefined ? flags.out : unfinished;
  const skippedPath = skippedAside === undefined ? undefined : `${out}.skipped.jsonl`;
  if (ended === undefined) {
    if (pairs > 0) await rename(unfinished, out);
    if (skippedPath === undefined) await rm(`${out}.skipped.jsonl`, { force: true });
    else await rename(`${unfinished}.skipped.jsonl`, skippedPath);
  }
  const say = (line: string) => console.error(line);
  say(`${count(pairs, 'pair')}${pairs > 0 ? ` in ${out}` : ''}.`);
  if (skippedPath !== undefined) {
    say(`${count(skipped, 'prompt')} gave none; each with its reason in ${skippedPath}:`);
    const ranked = [...reasons].sort(([, a], [, b]) => b - a);
    for (const [reason, times] of ranked.slice(0, reasonsShown)) say(`  ${times.toLocaleString('en')}  ${reason}`);
    if (ranked.length > reasonsShown) say(`  and ${ranked.length - reasonsShown} more reasons`);
  }
  const { describeUsage } = await import('../preference.js');
  for (const endpoint of endpoints) say(`${endpoint.name}: ${describeUsage(endpoint.usage)}`);
  if (flags.json) {
    const usage = Object.fromEntries(endpoints.map((endpoint) => [endpoint.name, endpoint.usage]));
    console.log(JSON.stringify({ pairs, skipped, out: pairs > 0 ? out : undefined, skippedFile: skippedPath, usage }));
  }
  if (ended instanceof Interrupted) {
    say('Stopped. The same command goes on from here; what was answered is not asked again.');
    process.exitCode = interruptedCode;
  } else if (ended !== undefined) throw ended;
  else if (pairs === 0) throw new ApolabError('No prompt gave a pair.');
}

const count = (number: number, what: string) => `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`;

/** `clair.jsonl` is `clair.partial.jsonl` until the run is finished. */
function partialOf(out: string): string {
  const { dir, name, ext } = path.parse(out);
  return path.join(dir, `${name}.partial${ext}`);
}

function note({ pairs, skipped }: Ended['counts'], endpoints: readonly Endpoint[]): string {
  const usages = endpoints.map(({ usage }) => usage);
  const tokens = usages.reduce((sum, { input, output }) => sum + input + output, 0);
  const priced = usages.flatMap(({ dollars }) => (dollars === undefined ? [] : [dollars]));
  const cost =
    priced.length === 0 ? `${tokens.toLocaleString('en')} tokens` : `$${priced.reduce((a, b) => a + b).toFixed(4)}`;
  return `${pairs.toLocaleString('en')} pairs, ${skipped.toLocaleString('en')} skipped, ${cost}`;
}

/** Prompts that will be tried, for the progress; a first look at the file also finds one that is none. */
async function countRows({ streamPrompts }: Preference, flags: BuildFlags): Promise<number> {
  let rows = 0;
  for await (const { kind } of streamPrompts(flags.prompts)) rows += kind === 'prompt' ? flags.pairsPerPrompt : 1;
  return Math.min(rows, flags.count ?? Infinity);
}

/** Stands for a student that nobody named. */
const nobody: ResponderLike = {
  name: 'no policy',
  concurrency: 1,
  respond: (prompts) =>
    Promise.resolve(
      prompts.map(() => ({
        kind: 'skipped',
        reason: 'the row has no "response", and no --policy is there to write one',
      })),
    ),
};

async function loadModel(folder: string, { backend }: BuildFlags): Promise<ResponderLike> {
  const [{ useBackend }, { fromPretrained }] = await Promise.all([
    import('../tensor/index.js'),
    import('../model/index.js'),
  ]);
  await useBackend(backend);
  return fromPretrained(folder);
}

function sharedOptions(flags: BuildFlags, budget: InstanceType<Preference['Budget']>) {
  const { baseUrl, keyVariable, concurrency, requestsPerMinute, tokensPerMinute, timeout, retries, maxTokens, stream } =
    flags;
  return {
    ...(baseUrl === undefined ? {} : { baseUrl }),
    keyVariable,
    concurrency,
    ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
    ...(tokensPerMinute === undefined ? {} : { tokensPerMinute }),
    timeout,
    retries,
    maxTokens,
    ...(stream === undefined ? {} : { stream }),
    budget,
    cache: flags.cache ?? `${flags.out}.cache`,
  };
}

function priceOf(input: number | undefined, output: number | undefined) {
  if (input === undefined && output === undefined) return {};
  if (input === undefined || output === undefined) {
    throw new ApolabError(
      'A price has two parts: give what a million tokens cost both in (--price-input) and out (--price-output).',
    );
  }
  return { price: { input, output } };
}

function buildOptions(flags: BuildFlags) {
  const { count, pairsPerPrompt, seed, policyTemperature, policyMaxTokens, maxLengthRatio, maxWords } = flags;
  const length = {
    ...(maxLengthRatio === undefined ? {} : { maxRatio: maxLengthRatio }),
    ...(maxWords === undefined ? {} : { maxWords }),
  };
  return {
    ...(count === undefined ? {} : { count }),
    pairsPerPrompt,
    seed,
    temperature: policyTemperature,
    maxTokens: policyMaxTokens,
    ...(Object.keys(length).length === 0 ? {} : { length }),
  };
}
