/**
 * The run of `apolab clair`, `judge` and `stronger`: it reads prompts from a file and writes pairs in their order. Answers are
 * cached, so the same command continues a run that was stopped.
 */
import path from 'node:path';
import { ApolabError } from '../../core/errors.js';
import { createProgress } from '../../core/progress.js';
import type { BuildOptions, Endpoint, PairStream, ResponderLike } from '../../preference.js';
import { abortOnSignals } from '../abortOnSignals.js';
import { interruptedCode } from '../exitCodes.js';
import { pickOptions } from '../options/optionTable.js';
import { BuildOutput } from './buildOutput.js';
import { progressNote, reportLines, reportObject } from './buildReport.js';
import { type BuildFlags, pairOptions } from './options.js';
import { createResponders, noPolicy, type Responders } from './responders.js';

type Preference = typeof import('../../preference.js');

/** What a builder is made of, as the flags name it. */
export interface Parts extends Pick<Responders, 'openModel' | 'openPolicy'> {
  readonly preference: Preference;
  /** The model of `--model`. */
  readonly model: Endpoint;
  /** The model of `--policy`; without that flag, one that skips every prompt. */
  readonly policy: ResponderLike;
  readonly options: BuildOptions;
}

/**
 * Builds the pairs of `--out` and reports on standard error, and with `--json` on standard output.
 *
 * @param start makes the builder from its parts
 * @throws ApolabError if the files are wrong, if the building ends with one, or if no prompt gave a pair. What was built
 *   before an error is kept.
 */
export async function buildPairsFile(
  flags: BuildFlags,
  start: (parts: Parts) => PairStream | Promise<PairStream>,
): Promise<void> {
  checkFiles(flags);
  // Loaded here, so that `apolab --help` does not wait for it.
  const preference = await import('../../preference.js');
  const stop = new AbortController();
  const responders = createResponders(preference, flags);
  const output = new BuildOutput(preference, flags.out);
  const total = await countTries(preference, flags);
  const pairs = await start({
    ...responders,
    preference,
    model: responders.openModel(flags.model),
    policy: flags.policy === undefined ? noPolicy : await responders.openPolicy(flags.policy),
    options: {
      ...libraryOptions(flags),
      prompts: preference.streamPrompts(flags.prompts),
      signal: stop.signal,
      onSkipped: (skipped) => output.writeSkipped(skipped),
    },
  });
  await output.open();
  const ended = await writeAll(pairs, output, { responders, total, stop });
  await report(flags, output, responders, ended);
}

function checkFiles({ prompts, out }: BuildFlags): void {
  if (path.resolve(prompts) === path.resolve(out)) {
    throw new ApolabError('--out is the file of --prompts: give the pairs a file of their own.');
  }
  if (path.extname(out) === '') {
    throw new ApolabError('--out is a file: give it an ending (.jsonl, .csv, .parquet).');
  }
}

/** Prompts times tries, for the progress. Reading the file first also finds one that does not exist. */
async function countTries({ streamPrompts }: Preference, flags: BuildFlags): Promise<number> {
  let tries = 0;
  for await (const { kind } of streamPrompts(flags.prompts)) tries += kind === 'prompt' ? flags.pairsPerPrompt : 1;
  return Math.min(tries, flags.count ?? Infinity);
}

function libraryOptions(flags: BuildFlags) {
  const { policyTemperature, policyMaxTokens, maxLengthRatio, maxWords } = flags;
  const length = {
    ...(maxLengthRatio === undefined ? {} : { maxRatio: maxLengthRatio }),
    ...(maxWords === undefined ? {} : { maxWords }),
  };
  return {
    ...pickOptions(flags, pairOptions),
    temperature: policyTemperature,
    maxTokens: policyMaxTokens,
    ...(Object.keys(length).length === 0 ? {} : { length }),
  };
}

/** Ctrl-C, or another signal to stop. */
export class Interrupted extends ApolabError {
  override name = 'Interrupted';

  constructor() {
    super('Stopped.');
  }
}

interface Running {
  readonly responders: Responders;
  readonly total: number;
  readonly stop: AbortController;
}

/** Writes every pair, with progress; returns the error that ended the building early, if it is one to report. */
async function writeAll(
  pairs: PairStream,
  output: BuildOutput,
  { responders, total, stop }: Running,
): Promise<ApolabError | undefined> {
  const note = () => progressNote(output.counts, responders.endpoints);
  const progress = createProgress('pairs', total);
  const show = () => progress.update(output.counts.pairs + output.counts.skipped, note());
  const ticking = setInterval(show, 1000);
  const ignoreSignals = abortOnSignals(stop, () => new Interrupted());
  let ended: ApolabError | undefined;
  try {
    for await (const pair of pairs) {
      await output.writePair(pair);
      show();
    }
  } catch (error) {
    if (!(error instanceof ApolabError)) {
      await output.abort();
      throw error;
    }
    ended = error;
  } finally {
    clearInterval(ticking);
    ignoreSignals();
    await responders.close();
  }
  progress.finish(note());
  return ended;
}

/** Closes the files, reports, and ends as the building ended. */
async function report(
  flags: BuildFlags,
  output: BuildOutput,
  { endpoints }: Responders,
  ended: ApolabError | undefined,
): Promise<void> {
  const files = await output.close(ended === undefined);
  for (const line of reportLines(output.counts, files, output.reasons, endpoints)) console.error(line);
  if (flags.json === true) console.log(JSON.stringify(reportObject(output.counts, files, endpoints)));
  if (ended instanceof Interrupted) {
    console.error('Stopped. The same command goes on from here; cached answers are not requested again.');
    process.exitCode = interruptedCode;
  } else if (ended !== undefined) throw ended;
  else if (output.counts.pairs === 0) throw new ApolabError('No prompt gave a pair.');
}
