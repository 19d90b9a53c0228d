/** The options of `apolab clair`, `judge` and `stronger`: what they share, in groups as the run takes them. */
import { endpointDefaults, type EndpointOptions } from '../../responders/endpoint/settings.js';
import type { BuildOptions } from '../../preference.js';
import { type OptionRow, type OptionsOf, optionTable } from '../options/optionTable.js';
import { parseCount, parseHeader, parseNumber, parseWholeNumber } from '../options/parseValues.js';
import { backendOption } from '../options/sharedOptions.js';

/** Options of every endpoint of the run, under the library's names. */
export const endpointOptions = {
  baseUrl: {
    value: '<url>',
    help: "the model's server; the URL usually ends in /v1",
    shownDefault: "OPENAI_BASE_URL, or OpenAI's own",
  },
  keyVariable: { value: '<name>', help: 'environment variable that holds the key', default: 'OPENAI_API_KEY' },
  concurrency: {
    value: '<count>',
    help: 'requests sent at the same time',
    parse: parseCount,
    default: endpointDefaults.concurrency,
  },
  requestsPerMinute: { value: '<count>', help: "the server's limit", parse: parseNumber },
  tokensPerMinute: { value: '<count>', help: "the server's limit, prompt and answer together", parse: parseNumber },
  timeout: {
    value: '<seconds>',
    help: 'longest wait for a whole answer',
    parse: parseNumber,
    default: endpointDefaults.timeout,
  },
  retries: {
    value: '<count>',
    help: 'retries of a request that failed',
    parse: parseWholeNumber,
    default: endpointDefaults.retries,
  },
  maxTokens: {
    value: '<count>',
    help: "the model's longest answer, in tokens",
    parse: parseCount,
    default: endpointDefaults.maxTokens,
  },
  stream: { help: 'read answers as the server writes them' },
} as const satisfies Partial<Record<keyof EndpointOptions, OptionRow>>;

/** `--header`, for commands that ask an endpoint. */
export const headerOptions = optionTable({
  header: {
    value: '<header>',
    help: "another header of every request, such as 'api-key: ...' for Azure; repeatable",
    repeatable: true,
    parse: parseHeader,
  },
});

/** Options of the building itself, under the library's names. */
export const pairOptions = {
  count: { value: '<pairs>', help: 'stop after this many pairs', parse: parseCount, shownDefault: 'all prompts' },
  pairsPerPrompt: {
    value: '<count>',
    help: 'pairs to try for each prompt, each with new samples',
    parse: parseCount,
    default: 1,
  },
  seed: { value: '<number>', help: 'seed of the samples', parse: parseWholeNumber, default: 0 },
} as const satisfies Partial<Record<keyof BuildOptions, OptionRow>>;

const policyOptions = optionTable({
  policy: { value: '<name>', help: "the policy: a model's folder, or a model's name at the server" },
  policyBaseUrl: { value: '<url>', help: "the policy's server, if it is not the one at --base-url" },
  policyTemperature: {
    value: '<number>',
    help: 'temperature of the responses that are sampled',
    parse: parseNumber,
    default: 1,
  },
  policyMaxTokens: {
    value: '<count>',
    help: 'longest response that is sampled, in tokens',
    parse: parseCount,
    default: 512,
  },
});

/** Prices, budgets and the cache of the endpoints of a run. */
export const costOptions = optionTable({
  priceInput: { value: '<dollars>', help: "price of a million tokens of the model's prompts", parse: parseNumber },
  priceOutput: { value: '<dollars>', help: "price of a million tokens of the model's answers", parse: parseNumber },
  policyPriceInput: {
    value: '<dollars>',
    help: "price of a million tokens of the policy's prompts",
    parse: parseNumber,
  },
  policyPriceOutput: {
    value: '<dollars>',
    help: "price of a million tokens of the policy's answers",
    parse: parseNumber,
  },
  maxCost: { value: '<dollars>', help: 'stop before the run can cost more', parse: parseNumber },
  tokenBudget: {
    value: '<count>',
    help: 'stop before the run can use more tokens, prompts and answers together',
    parse: parseNumber,
  },
  cache: {
    value: '<folder>',
    help: 'folder of cached answers',
    shownDefault: '<out>.cache',
    negation: 'do not cache answers',
  },
});

const lengthOptions = optionTable({
  maxLengthRatio: {
    value: '<number>',
    help: 'longest response divided by shortest, in characters; other pairs are skipped',
    parse: parseNumber,
  },
  maxWords: { value: '<count>', help: 'most words of a response; other pairs are skipped', parse: parseNumber },
});

/**
 * The options of all three commands.
 *
 * @param modelHelp what `--model` is to the command
 */
export function buildOptions(modelHelp: string) {
  return optionTable({
    prompts: {
      value: '<file>',
      help: "rows with a prompt and, if the policy has answered already, the policy's response",
      required: true,
    },
    out: { value: '<file>', help: 'the pairs: .jsonl, .csv or .parquet', required: true },
    model: { value: '<name>', help: modelHelp, required: true },
    template: {
      value: '<file>',
      help: 'prompt template to use instead of the built-in one (see src/responders/templates)',
    },
    temperature: {
      value: '<number>',
      help: 'temperature of the model',
      parse: parseNumber,
      shownDefault: "the task's own",
    },
    ...endpointOptions,
    ...headerOptions,
    ...policyOptions,
    ...costOptions,
    ...pairOptions,
    ...lengthOptions,
    ...backendOption,
    json: { help: 'print one object at the end: pairs, skipped, tokens, dollars' },
  });
}

/** What the parser makes of `buildOptions`. */
export type BuildFlags = OptionsOf<ReturnType<typeof buildOptions>>;

/** The judge's scale, for commands that have a judge. */
export const scaleOptions = optionTable({
  lowest: { value: '<score>', help: "lowest score of the judge's scale", parse: parseNumber, default: 1 },
  highest: { value: '<score>', help: "highest score of the judge's scale", parse: parseNumber, default: 10 },
});
