/** The retry policy: whether an error is retried, final for this request, or aborts the run. */
import type { IncomingHttpHeaders } from 'node:http';
import { InvalidCompletionError } from './completion.js';
import { ConnectionError, isContentFilter, ServerError } from './serverError.js';

/** What an error means for the request. */
export type RetryDecision = Retry | Final | Abort;

/** The request may succeed later. */
interface Retry {
  readonly kind: 'retry';
  readonly reason: string;
  /** Milliseconds that the server asks to wait; exponential backoff without it. */
  readonly after?: number;
  /** Attempts in all; the endpoint's own limit without it. */
  readonly maxAttempts?: number;
  /** After the last attempt the refusal is final: it goes into the cache, and the server does not count as failing. */
  readonly finalAfterLast?: true;
}

/** The server refuses this request, and asking again in this run would change nothing. */
interface Final {
  readonly kind: 'final';
  readonly reason: string;
  /** True if the refusal is about the content and goes into the cache; one of the configuration is asked again by the next run. */
  readonly keep: boolean;
}

/** Every request would fail like this one. */
interface Abort {
  readonly kind: 'abort';
  readonly reason: string;
}

/** Milliseconds. A server may ask for days, and a longer timer than 24 days would end at once. */
const longestWait = 3_600_000;

/** Attempts of a request if the server itself says how long to wait. */
const attemptsWithRetryAfter = 50;

type Rule = (error: ServerError, message: string) => RetryDecision;

const retry: Rule = (error, message) => {
  const after = retryAfter(error.headers);
  const wait = after === undefined ? {} : { after, maxAttempts: attemptsWithRetryAfter };
  return { kind: 'retry', reason: message, ...wait };
};
const final: Rule = (error, message) =>
  isContentFilter(error)
    ? { kind: 'final', reason: `the content is refused by ${message}`, keep: true }
    : { kind: 'final', reason: message, keep: false };
const abort =
  (fix: string): Rule =>
  (_, message) => ({ kind: 'abort', reason: `${message}. ${fix}` });

/** By status. */
const statusRules: Readonly<Record<number, Rule>> = {
  401: abort('The server does not accept the key: set the environment variable that holds it to a valid one.'),
  402: abort("The server asks for payment: check the account's balance."),
  403: abort('The key has no right to this model or address.'),
  404: abort('There is no such model or address: check the model name and the base URL, which mostly ends in /v1.'),
  405: abort('This address takes no chat completions: the base URL mostly ends in /v1.'),
  408: retry,
  409: retry,
  425: retry,
  429: (error, message) =>
    error.codes.has('insufficient_quota')
      ? abort("The account's quota is used up: raise it, then run the same again.")(error, message)
      : retry(error, message),
};

/** By the range of the status, for those without a rule of their own. The first range that fits counts. */
const rangeRules: readonly (readonly [least: number, rule: Rule])[] = [
  [500, retry],
  [400, final],
  [0, abort('The server redirects to another address: give that address as base URL.')],
];

/**
 * The decision for an error of a request; undefined for an error that is neither the server's nor the connection's, such
 * as an abort or a bug.
 *
 * @example
 * retryDecision(new InvalidCompletionError('the answer has no choices'));
 * // { kind: 'retry', reason: 'the answer has no choices' }
 */
export function retryDecision(error: unknown): RetryDecision | undefined {
  if (error instanceof InvalidCompletionError) {
    return { kind: 'retry', reason: error.message, ...(error.empty ? { maxAttempts: 2, finalAfterLast: true } : {}) };
  }
  if (error instanceof ConnectionError) return { kind: 'retry', reason: error.message };
  if (!(error instanceof ServerError)) return undefined;
  const byStatus = statusRules[error.status] ?? rangeRules.find(([least]) => error.status >= least)![1];
  // Some gateways refuse a content with status 403.
  const rule = error.status < 500 && isContentFilter(error) ? final : byStatus;
  return rule(error, `status ${error.status}: ${error.message}`);
}

/**
 * Milliseconds that the server asks to wait, at most an hour: `retry-after-ms`, or `Retry-After` in seconds or as a date.
 * Undefined if it does not say.
 *
 * @example
 * retryAfter({ 'retry-after': '2' }); // 2000
 */
export function retryAfter(headers: IncomingHttpHeaders, now = Date.now()): number | undefined {
  const milliseconds = Number([headers['retry-after-ms']].flat()[0] ?? Number.NaN);
  if (milliseconds >= 0) return Math.min(milliseconds, longestWait);
  const given = headers['retry-after'];
  if (given === undefined || given.trim() === '') return undefined;
  const wait = Number.isNaN(Number(given)) ? Date.parse(given) - now : Number(given) * 1000;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), longestWait);
}
