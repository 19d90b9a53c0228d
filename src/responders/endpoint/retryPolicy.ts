/** What an error or a strange answer of a server means for the request: ask again, give it up, or stop altogether. */
import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai';

export type RetryDecision =
  /** Worth another try. */
  | Retry
  /** The server's last word on this request. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** No request will fare better. */
  | { readonly kind: 'fatal'; readonly reason: string };

interface Retry {
  readonly kind: 'again';
  readonly reason: string;
  /** Milliseconds that the server asks to wait. */
  readonly after?: number;
  /** How often it is tried in all; the client's own limit where it isn't said. */
  readonly maxAttempts?: number;
  /** The last try's outcome is the server's last word. */
  readonly final?: true;
}

/** So many times a request waits as a server asks it to, before it is given up. */
const patientTries = 50;

/** An answer with status 200 that is no completion: shown by its beginning, and tried again. */
export class InvalidCompletionError extends Error {
  constructor(
    message: string,
    /** A whole answer without content: asked once more, and then it is the server's last word. */
    readonly empty = false,
  ) {
    super(message);
  }
}

/** A server's answer with a status that is no success. */
export interface ServerError extends Error {
  readonly status: number;
  readonly headers: Headers | undefined;
  readonly code?: string | null;
  readonly param?: string | null;
}

export function isServerError(error: unknown): error is ServerError {
  return error instanceof APIError && typeof error.status === 'number';
}

type Rule = (error: ServerError, message: string) => RetryDecision;

const again: Rule = (error, message) => {
  const after = retryAfter(error.headers);
  return { kind: 'again', reason: message, ...(after === undefined ? {} : { after, maxAttempts: patientTries }) };
};
const refused: Rule = (_, reason) => ({ kind: 'refused', reason });
const fatal =
  (cure: string): Rule =>
  (_, message) => ({ kind: 'fatal', reason: `${message}. ${cure}` });

/** By status; others from 500 on are tried again, others from 400 on refuse the request, and below that the address is wrong. */
const rules: Readonly<Record<number, Rule>> = {
  401: fatal('The server does not accept the key: set the environment variable that holds it to a valid one.'),
  402: fatal("The server wants to be paid first: look at the account's balance."),
  403: fatal('The key has no right to this model or address.'),
  404: fatal('There is no such model or address: look at the model name and the base URL, which mostly ends in /v1.'),
  405: fatal('This address takes no chat completions: the base URL mostly ends in /v1.'),
  408: again,
  409: again,
  425: again,
  429: (error, message) =>
    error.code === 'insufficient_quota'
      ? { kind: 'fatal', reason: `${message}. The account's quota is used up: raise it, then run the same again.` }
      : again(error, message),
};

/** Judges an error of the client or of the SDK; undefined for one that is neither's, such as an abort or a defect. */
export function retryDecision(error: unknown): RetryDecision | undefined {
  if (error instanceof InvalidCompletionError) {
    return { kind: 'again', reason: error.message, ...(error.empty ? { maxAttempts: 2, final: true } : {}) };
  }
  // The SDK hands on what JSON.parse throws.
  if (error instanceof SyntaxError) return { kind: 'again', reason: `broken JSON (${error.message})` };
  if (error instanceof APIConnectionTimeoutError) return { kind: 'again', reason: 'no whole answer in time' };
  if (error instanceof APIConnectionError) return { kind: 'again', reason: `no connection (${causeOf(error)})` };
  if (!isServerError(error)) return undefined;
  const message = `status ${error.status}: ${wordsOf(error)}`;
  const rule = rules[error.status];
  if (rule !== undefined) return rule(error, message);
  if (error.status >= 500) return again(error, message);
  if (error.status >= 400) return refused(error, message);
  return {
    kind: 'fatal',
    reason: `${message}. The server answers from elsewhere: give the address it names as base URL.`,
  };
}

/** Milliseconds that the server asks to wait: `retry-after-ms`, or `Retry-After` in seconds or as a date. */
export function retryAfter(headers: Headers | undefined, now = Date.now()): number | undefined {
  const milliseconds = Number(headers?.get('retry-after-ms') ?? Number.NaN);
  if (milliseconds >= 0) return milliseconds;
  const given = headers?.get('retry-after');
  if (given === null || given === undefined || given.trim() === '') return undefined;
  const wait = Number.isNaN(Number(given)) ? Date.parse(given) - now : Number(given) * 1000;
  return wait >= 0 ? wait : Number.isNaN(wait) ? undefined : 0;
}

/** The server's own words, without the status that the SDK sets before them. */
function wordsOf(error: ServerError): string {
  const words = error.message.replace(/^\d{3}\s*/, '').trim();
  return words === '' || words === 'status code (no body)' ? 'no reason given' : beginning(words);
}

/** The deepest cause has the system's own word, such as ECONNREFUSED. */
function causeOf(error: Error): string {
  const { cause } = error;
  if (cause instanceof Error) return causeOf(cause);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}

/** Nobody was there to take the request. */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && unreachable.has(String(error.code))) return true;
  return isUnreachable(error.cause);
}

const unreachable: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

export function beginning(text: string, characters = 300): string {
  return text.length <= characters ? text : `${text.slice(0, characters)}…`;
}
