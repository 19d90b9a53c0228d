/** Errors of a server and of the connection to it. Each carries the tokens that the server counted nevertheless. */
import type { IncomingHttpHeaders } from 'node:http';
import type { TokenUsage } from '../../pairs/pair.js';

type Fields = Readonly<Record<string, unknown>>;

/** What the errors of a request have in common. */
export class RequestError extends Error {
  /** The tokens that the server counted for the request; undefined if it sent no usage. */
  tokens: TokenUsage | undefined;
  /** True if the server may have charged for the request without saying so. */
  mayHaveCost = false;
}

/** No answer, or an answer that broke off. */
export class ConnectionError extends RequestError {
  override name = 'ConnectionError';

  constructor(
    message?: string,
    cause?: Error,
    readonly timedOut = false,
  ) {
    super(message ?? `no connection (${causeOf(cause!)})`, { cause });
    this.mayHaveCost = !isUnreachable(cause);
  }
}

/** Statuses of a gateway that waited in vain: the model behind it may have answered. */
const lateStatuses: ReadonlySet<number> = new Set([408, 504, 524]);

/** An answer of the server with an error status, or with an error in its body. */
export class ServerError extends RequestError {
  override name = 'ServerError';
  /** The codes and types that the server gives, in lower case. */
  readonly codes: ReadonlySet<string>;
  /** The fields of the request that the server does not accept, if it names any. */
  readonly fields: readonly string[];

  /** @param body the parsed body, or its text if it is not JSON */
  constructor(
    readonly status: number,
    readonly headers: IncomingHttpHeaders,
    body: unknown,
  ) {
    super(reasonOf(body));
    this.mayHaveCost = lateStatuses.has(status);
    const whole = fieldsOf(body);
    const error = fieldsOf(whole.error);
    const places = [whole, error, fieldsOf(error.innererror), fieldsOf(error.metadata)];
    this.codes = new Set(
      places.flatMap(({ code, type }) => [code, type].filter(isText).map((one) => one.toLowerCase())),
    );
    const named = [error.param, whole.param].filter(isText);
    const located = detailsOf(whole.detail).flatMap(({ loc }) => (Array.isArray(loc) ? [String(loc.at(-1))] : []));
    this.fields = [...named, ...located.filter((field) => field !== 'body')];
  }
}

const filterCodes: ReadonlySet<string> = new Set([
  'content_filter',
  'content_policy_violation',
  'responsibleaipolicyviolation',
  'data_inspection_failed',
  'datainspectionfailed',
  'moderation',
]);

/** True if the server refuses the content of the request: it will refuse it always. */
export function isContentFilter({ codes }: ServerError): boolean {
  return [...codes].some((code) => filterCodes.has(code));
}

const unreachable: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** True if no server was reached, by the codes of the system's errors. */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && unreachable.has(String(error.code))) return true;
  return isUnreachable(error.cause);
}

/**
 * The reason in the body of an error: `error.message`, `message`, `error`, or `detail` as a text or as FastAPI's list; at most
 * 300 characters of a body of another form.
 */
export function reasonOf(body: unknown): string {
  if (typeof body === 'string') return body.trim() === '' ? 'no reason given' : truncate(body.trim());
  const { error, message, detail } = fieldsOf(body);
  const details = detailsOf(detail).map(({ msg, loc }) => {
    const field = Array.isArray(loc) ? `${String(loc.at(-1))}: ` : '';
    return `${field}${isText(msg) ? msg : 'invalid'}`;
  });
  const reason = [fieldsOf(error).message, message, error, detail, details.join('; ')].find(isText);
  if (reason !== undefined) return truncate(reason.trim());
  const shown = body === undefined || body === null ? '{}' : JSON.stringify(body);
  return shown === '{}' || shown === '""' ? 'no reason given' : truncate(shown);
}

/** The code of the innermost cause, such as ECONNREFUSED; its message if it has no code. */
export function causeOf(error: Error): string {
  const { cause } = error;
  if (cause instanceof Error) return causeOf(cause);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}

/** The first characters of a text, with an ellipsis if there are more. */
export function truncate(text: string, characters = 300): string {
  return text.length <= characters ? text : `${text.slice(0, characters)}…`;
}

/** The fields of an object; none for any other value. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';

const detailsOf = (detail: unknown): Fields[] => (Array.isArray(detail) ? detail.map(fieldsOf) : []);
