/** Errors of a server and of the connection to it. */
import { APIError } from 'openai';

/** An answer of the server with an error status. */
export interface ServerError extends Error {
  readonly status: number;
  readonly headers: Headers | undefined;
  readonly code?: string | null;
  /** The field of the request that the server does not accept, if it names one. */
  readonly param?: string | null;
}

/** True for an answer of the server with an error status. */
export function isServerError(error: unknown): error is ServerError {
  return error instanceof APIError && typeof error.status === 'number';
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

/** The server's message without the status that the OpenAI client puts before it; at most 300 characters. */
export function messageOf(error: ServerError): string {
  const message = error.message.replace(/^\d{3}\s*/, '').trim();
  return message === '' || message === 'status code (no body)' ? 'no reason given' : truncate(message);
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
