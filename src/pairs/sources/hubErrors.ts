/** Failed requests to the Hub: which of them the cache can replace, and what the others mean. */
import { ApolabError } from '../../core/errors.js';
import type { HubTarget } from './hubCache.js';

/** Why the Hub can't be reached, so that the cache is used instead; undefined if the Hub refused the request. */
export function whyUnreachable(error: unknown): string | undefined {
  const status = statusOf(error);
  if (status !== undefined) return status >= 500 || status === 429 ? `the Hub answers ${status}` : undefined;
  const isNetwork = error instanceof TypeError && /fetch|network|terminated/i.test(error.message);
  if (!isNetwork) return undefined;
  const { cause } = error as { cause?: { code?: unknown } };
  return `the Hub can't be reached${typeof cause?.code === 'string' ? `: ${cause.code}` : ''}`;
}

/** The HTTP status of a failed request to the Hub; undefined for any other error. */
export function statusOf(error: unknown): number | undefined {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' ? status : undefined;
}

/** Turns a refusal of the Hub into an ApolabError. The Hub's own message may hold a signed URL, so it is not repeated. */
export function explainRefusal(error: unknown, { id, revision }: HubTarget): unknown {
  const token = 'Set HF_TOKEN to a token that may read it';
  const meanings: Readonly<Record<number, string>> = {
    401: `The Hub has no dataset ${id} for you. Check its name. ${token} if it is private or gated.`,
    403: `You may not read ${id} of the Hub. Accept its conditions on its page. ${token}.`,
    404: `The Hub has no dataset ${id} with a revision ${revision}. Check both names.`,
  };
  const status = statusOf(error);
  if (status === undefined) {
    const isToken = error instanceof TypeError && error.message.includes("start with 'hf_'");
    return isToken ? new ApolabError("HF_TOKEN is not a token of the Hub: those start with 'hf_'.") : error;
  }
  return new ApolabError(meanings[status] ?? `The Hub refuses ${id} (${status}). Try again later.`);
}
