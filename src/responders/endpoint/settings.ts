/** What an endpoint is told, and what it takes where it isn't. */
import { ApolabError } from '../../core/errors.js';
import { Budget, type BudgetLimits, type Price, requireNumbers } from './budget.js';

export interface EndpointOptions {
  /** The model's name as the server knows it. */
  readonly model: string;
  /** Where the server is, mostly ending in `/v1`; OPENAI_BASE_URL, or OpenAI's own, by default. */
  readonly baseUrl?: string;
  /** The environment variable that holds the key; OPENAI_API_KEY by default. */
  readonly keyVariable?: string;
  /** Requests under way at once; 16 by default. */
  readonly concurrency?: number;
  readonly requestsPerMinute?: number;
  /** Tokens in and out a minute, estimated from the requests' lengths. */
  readonly tokensPerMinute?: number;
  /** Seconds for a whole answer; 120 by default. */
  readonly timeout?: number;
  /** How often a request is tried again where that may help; 6 by default. */
  readonly retries?: number;
  /** Longest answer in tokens where the caller doesn't say; 4,096 by default. */
  readonly maxTokens?: number;
  /** Takes an answer that was cut at the longest length; by default it is refused. */
  readonly keepCut?: boolean;
  /** Reads the answer as it is written; for servers that close connections that are silent for long. Off by default. */
  readonly stream?: boolean;
  /** A system message before every prompt that has none. */
  readonly system?: string;
  /** Further fields of every request, such as `{ top_p: 0.9 }`. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** What a million tokens cost, in dollars; without it tokens are counted and cost is not. */
  readonly price?: Price;
  /** Requests stop before they could pass it; one budget may serve several endpoints. */
  readonly budget?: BudgetLimits | Budget;
  /** Folder of the answers that were given before; `.apolab-cache` in the working folder by default, false for none. */
  readonly cache?: string | false;
}

type Defaults = Required<Pick<EndpointOptions, 'concurrency' | 'timeout' | 'retries' | 'maxTokens' | 'cache'>>;
export type Settings = EndpointOptions & Defaults;

/** Defaults of an endpoint; the command line shows them in its help. */
export const endpointDefaults: Defaults = { concurrency: 16, timeout: 120, retries: 6, maxTokens: 4096, cache: '.apolab-cache' };

/**
 * The options with their defaults.
 *
 * @throws ApolabError where one is of no use
 */
export function settingsOf(options: EndpointOptions): Settings {
  const baseUrl = options.baseUrl ?? process.env.OPENAI_BASE_URL;
  const settings = { ...endpointDefaults, ...options, ...(baseUrl === undefined ? {} : { baseUrl }) };
  checkOptions(settings);
  return settings;
}

function checkOptions(settings: Settings): void {
  const {
    model,
    baseUrl,
    concurrency,
    timeout,
    retries,
    maxTokens,
    requestsPerMinute,
    tokensPerMinute,
    price,
    budget,
  } = settings;
  if (model.trim() === '') throw new ApolabError("Give the model's name, as the server knows it.");
  const wholes = { concurrency: [concurrency, 1], retries: [retries, 0], maxTokens: [maxTokens, 1] } as const;
  for (const [name, [value, least]] of Object.entries(wholes)) {
    if (!Number.isInteger(value) || value < least) {
      throw new ApolabError(`${name} must be a whole number of at least ${least}; given: ${value}.`);
    }
  }
  for (const [name, value = 1] of Object.entries({ timeout, requestsPerMinute, tokensPerMinute })) {
    if (!(value > 0)) throw new ApolabError(`${name} must be a number above 0; given: ${value}.`);
  }
  requireNumbers('price', price ?? {});
  const dollars = budget instanceof Budget ? budget.limits.dollars : budget?.dollars;
  if (dollars !== undefined && price === undefined) {
    throw new ApolabError(
      `A budget in dollars needs the price of a million tokens of ${model}: price: { input: 10, output: 30 }.`,
    );
  }
  if (baseUrl !== undefined) checkBaseUrl(baseUrl);
}

function checkBaseUrl(baseUrl: string): void {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new ApolabError(`The base URL must begin with http:// or https://, such as http://localhost:8000/v1.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new ApolabError(
      'The base URL holds a user name or password. Leave them out and put the key into the environment.',
    );
  }
}
