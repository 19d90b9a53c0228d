/** The options of an endpoint, their defaults, and their checks. */
import { ApolabError } from '../../core/errors.js';
import { Budget, type BudgetLimits, type Price, requireNumbers } from './budget.js';

/** Options of `endpoint`. */
export interface EndpointOptions {
  /** The model's name at the server. */
  readonly model: string;
  /** The server's address, mostly ending in `/v1`; OPENAI_BASE_URL or else OpenAI's server by default. */
  readonly baseUrl?: string;
  /** Further headers of every request, such as `{ 'api-key': ... }`; a header with a key replaces the Authorization header. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The environment variable that holds the key; OPENAI_API_KEY by default. */
  readonly keyVariable?: string;
  /** Requests in progress at the same time; 16 by default. */
  readonly concurrency?: number;
  readonly requestsPerMinute?: number;
  /** Tokens in and out per minute, estimated from the lengths of the requests. */
  readonly tokensPerMinute?: number;
  /** Seconds for a complete answer; 120 by default. */
  readonly timeout?: number;
  /** Retries of a request after an error that may be temporary; 6 by default. */
  readonly retries?: number;
  /** Longest answer in tokens if the caller gives no limit; 4,096 by default. */
  readonly maxTokens?: number;
  /** Accepts answers that were cut at the longest length; by default they are refused. */
  readonly keepCut?: boolean;
  /** Streams answers; for servers that close connections without traffic. Off by default. */
  readonly stream?: boolean;
  /** A system message for every prompt that has none. */
  readonly system?: string;
  /** Further fields of every request, such as `{ top_p: 0.9 }`. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Dollars per million tokens; without it tokens are counted, but not dollars. */
  readonly price?: Price;
  /** No request is sent that could exceed it; several endpoints may share one `Budget`. */
  readonly budget?: BudgetLimits | Budget;
  /** Folder of the response cache; `.apolab-cache` in the working directory by default, false for no cache. */
  readonly cache?: string | false;
}

type Defaults = Required<Pick<EndpointOptions, 'concurrency' | 'timeout' | 'retries' | 'maxTokens' | 'cache'>>;
/** The options with all defaults. */
export type Settings = EndpointOptions & Defaults;

/** Defaults of an endpoint; the command line shows them in its help. */
export const endpointDefaults: Defaults = {
  concurrency: 16,
  timeout: 120,
  retries: 6,
  maxTokens: 4096,
  cache: '.apolab-cache',
};

/**
 * The options with their defaults.
 *
 * @throws ApolabError if one is invalid
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
  if (model.trim() === '') throw new ApolabError("Give the model's name at the server.");
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
  checkHeaders(settings.headers ?? {});
}

/** The values are not shown, since they may hold a key. */
function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/i.test(name)) {
      throw new ApolabError(`'${name}' is not the name of a header, such as 'api-key'.`);
    }
    if (!isHeaderValue(value)) {
      throw new ApolabError(
        `The value of the header ${name} has a character that a header cannot have, such as a line break.`,
      );
    }
  }
}

/** True for a text that can be sent in a header. */
export function isHeaderValue(value: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}

function checkBaseUrl(baseUrl: string): void {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new ApolabError(`The base URL must begin with http:// or https://, such as http://localhost:8000/v1.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new ApolabError(
      'The base URL contains a user name or password. Leave them out, and put the key into an environment variable.',
    );
  }
}
