/** `apolab sample`: a model's responses to prompts of a file or of the command line. */
import { ApolabError } from '../core/errors.js';
import { createProgress } from '../core/progress.js';
import type { GenerateOptions, LanguageModel, Prompt } from '../model/index.js';
import { promptText } from '../pairs/pair.js';
import { defineCommand } from './options/defineCommand.js';
import { type OptionRow, type OptionsOf, optionTable, pickOptions } from './options/optionTable.js';
import { parseCount, parseNumber, parseWholeNumber } from './options/parseValues.js';
import { backendOption, checkModelFolder, modelOption } from './options/sharedOptions.js';

/** Options that the library takes under the same names. */
const generateOptions = {
  temperature: { value: '<number>', help: '0 takes the likeliest token', parse: parseNumber, default: 1 },
  topP: {
    value: '<share>',
    help: 'sample from the likeliest tokens whose probabilities reach this sum',
    parse: parseNumber,
  },
  topK: { value: '<count>', help: 'sample from this many of the likeliest tokens', parse: parseCount },
  repetitionPenalty: {
    value: '<number>',
    help: 'make tokens that came before less likely; 1 has no effect',
    parse: parseNumber,
  },
  maxNewTokens: { value: '<count>', help: 'longest response, in tokens', parse: parseCount, default: 64 },
  stop: { value: '<text>', help: 'text that ends a response (repeatable)', repeatable: true },
  seed: { value: '<number>', help: 'seed of the samples', parse: parseWholeNumber, default: 0 },
} as const satisfies Partial<Record<keyof GenerateOptions, OptionRow>>;

const sampleOptions = optionTable({
  ...modelOption,
  prompt: { value: '<text>', help: 'a prompt (repeatable)', repeatable: true },
  prompts: {
    value: '<file>',
    help: 'JSONL file whose rows have a prompt (a text, or messages); any other file: one prompt per line',
  },
  count: { value: '<number>', help: 'responses per prompt', parse: parseCount, default: 1 },
  ...generateOptions,
  batchSize: { value: '<count>', help: 'responses per forward pass', parse: parseCount, default: 16 },
  ...backendOption,
  json: { help: 'print one object per response: {"prompt": ..., "response": ...}' },
});

/** The command, for the table of commands. */
export const sampleCommand = () =>
  defineCommand({
    name: 'sample',
    description: "a model's responses to prompts",
    options: sampleOptions,
    notes: ['The same seed gives the same response to a prompt, no matter which other prompts are given.'],
    examples: ['npx apolab sample --model datasets/miniature-world/policy-0 --prompt "price of apple ?" --count 3'],
    run: sample,
  });

async function sample(options: OptionsOf<typeof sampleOptions>) {
  const { model: folder, prompt = [], prompts: file, count, batchSize, backend, json } = options;
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
  if (prompts.length === 0) throw new ApolabError(`${file!} has no prompt that can be used.`);
  await useBackend(backend);
  const model = await fromPretrained(folder);
  const generating = pickOptions(options, generateOptions);
  const progress = createProgress('responses', prompts.length * count);
  let done = 0;
  for await (const { prompt: answered, response } of respond(model, prompts, { count, batchSize }, generating)) {
    if (json) console.log(JSON.stringify({ prompt: answered, response }));
    else if (prompts.length * count === 1) console.log(response);
    else console.log(`> ${promptText(answered)}\n${response}\n`);
    done += 1;
    progress.update(done);
  }
  progress.finish();
}

/**
 * Every prompt with its responses, in the prompts' order. Equal prompts are in one batch, because each of their responses
 * continues the random numbers of the one before.
 */
async function* respond(
  model: LanguageModel,
  prompts: readonly Prompt[],
  { count, batchSize }: { readonly count: number; readonly batchSize: number },
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
      // Gives the process time for signals and output.
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const response of answered.get(keyOf(prompt))!.splice(0, count)) yield { prompt, response };
  }
}
