/** `apolab sample`: a model's responses to prompts of a file or of the command line. */
import { Command } from 'commander';
import { ApolabError } from '../core/errors.js';
import type { GenerateOptions, LanguageModel, Prompt } from '../model/index.js';
import { createProgress } from '../core/progress.js';
import {
  backendOption,
  checkModelFolder,
  modelOption,
  number,
  positiveWholeNumber,
  wholeNumber,
  repeated,
} from './options.js';

interface Options {
  readonly model: string;
  readonly prompt?: readonly string[];
  readonly prompts?: string;
  readonly count: number;
  readonly temperature: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly repetitionPenalty?: number;
  readonly maxNewTokens: number;
  readonly stop?: readonly string[];
  readonly seed: number;
  readonly batchSize: number;
  readonly backend?: string;
  readonly json?: true;
}

export function sampleCommand(): Command {
  return new Command('sample')
    .description("a model's responses to prompts")
    .addOption(modelOption())
    .option('--prompt <text>', 'a prompt (repeatable)', repeated)
    .option(
      '--prompts <file>',
      'JSONL file whose rows have a prompt (a text, or messages); any other file: a prompt a line',
    )
    .option('--count <number>', 'responses a prompt', positiveWholeNumber, 1)
    .option('--temperature <number>', '0 takes the likeliest token', number, 1)
    .option('--top-p <share>', 'draw among the likeliest tokens that together reach this share', number)
    .option('--top-k <count>', 'draw among so many likeliest tokens', positiveWholeNumber)
    .option('--repetition-penalty <number>', 'make what came before less likely; 1 does nothing', number)
    .option('--max-new-tokens <count>', 'longest response, in tokens', positiveWholeNumber, 64)
    .option('--stop <text>', 'text that ends a response (repeatable)', repeated)
    .option('--seed <number>', 'seed of the draws', wholeNumber, 0)
    .option('--batch-size <count>', 'responses a forward pass', positiveWholeNumber, 16)
    .addOption(backendOption())
    .option('--json', 'print one object a response: {"prompt": ..., "response": ...}')
    .addHelpText(
      'after',
      '\nThe same seed gives the same responses, whatever else is asked for beside them.' +
        '\n\nExample:\n  $ npx apolab sample --model datasets/miniature-world/policy-0 --prompt "price of apple ?" --count 3',
    )
    .action(sample);
}

async function sample({
  model: folder,
  prompt = [],
  prompts: file,
  count,
  batchSize,
  backend,
  json,
  ...given
}: Options) {
  checkModelFolder(folder);
  if (prompt.length === 0 && file === undefined) throw new ApolabError('Give --prompt TEXT or --prompts FILE.');
  // Loaded here, so that `apolab --help` does not wait for TensorFlow.js.
  const [{ useBackend }, { fromPretrained }, { readPrompts, formatSkipped }] = await Promise.all([
    import('../tensor/index.js'),
    import('../model/index.js'),
    import('../preference.js'),
  ]);
  const read = file === undefined ? { prompts: [], skipped: [] } : await readPrompts(file);
  if (file !== undefined && read.skipped.length > 0) console.error(formatSkipped(read.skipped, file));
  const prompts: Prompt[] = [...prompt, ...read.prompts];
  if (prompts.length === 0) throw new ApolabError(`${file!} has no prompt that can be answered.`);
  await useBackend(backend);
  const model = await fromPretrained(folder);
  const progress = createProgress('responses', prompts.length * count);
  let done = 0;
  for await (const { prompt: asked, response } of respond(model, prompts, count, batchSize, given)) {
    if (json) console.log(JSON.stringify({ prompt: asked, response }));
    else if (prompts.length * count === 1) console.log(response);
    else console.log(`> ${typeof asked === 'string' ? asked : asked.at(-1)!.content}\n${response}\n`);
    done += 1;
    progress.update(done);
  }
  progress.finish();
}

/**
 * Every prompt with its responses, in the prompts' order. Equal prompts are asked in one call, since the draws of each go
 * on where the one before it stopped.
 */
async function* respond(
  model: LanguageModel,
  prompts: readonly Prompt[],
  count: number,
  batchSize: number,
  options: GenerateOptions,
): AsyncGenerator<{ readonly prompt: Prompt; readonly response: string }, void> {
  const keyOf = (prompt: Prompt) => JSON.stringify(prompt);
  const waiting = new Map<string, Prompt[]>();
  for (const prompt of prompts) {
    const copies = Array<Prompt>(count).fill(prompt);
    waiting.set(keyOf(prompt), [...(waiting.get(keyOf(prompt)) ?? []), ...copies]);
  }
  const answered = new Map<string, string[]>();
  for (const prompt of prompts) {
    while (!answered.has(keyOf(prompt))) {
      const batch: Prompt[] = [];
      for (const [key, copies] of waiting) {
        if (batch.length > 0 && batch.length + copies.length > batchSize) break;
        batch.push(...copies);
        waiting.delete(key);
      }
      const responses = await model.generate(batch, options);
      for (const [index, response] of responses.entries()) {
        const key = keyOf(batch[index]!);
        answered.set(key, [...(answered.get(key) ?? []), response]);
      }
      // Lets Ctrl-C and what was printed through.
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const response of answered.get(keyOf(prompt))!.splice(0, count)) yield { prompt, response };
  }
}
