/**
 * A user's functions as responders, revisers and judges: they are called for one item at a time, and an exception or an
 * unexpected value skips that item only.
 */
import { ApolabError } from '../core/errors.js';
import { refusal } from './refusal.js';
import type { Refusal } from './responder.js';

/** Calls of a user's function at the same time; an object can set its own `concurrency`. */
const functionConcurrency = 16;

/** A function's name for provenance. */
function nameOf(given: { readonly name: string }): string {
  return given.name === '' ? 'function' : given.name;
}

/**
 * The result of a call of the function, or a refusal with the exception that it threw. After an abort of the signal the
 * exception is thrown on, because the run has ended.
 */
export async function callFunction<T>(
  given: { readonly name: string },
  call: () => T | Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T | Refusal> {
  try {
    return await call();
  } catch (error) {
    if (signal?.aborted === true) throw error;
    return refusal(`'${nameOf(given)}' threw ${String(error)}`);
  }
}

/** The refusal for a result of the wrong type, as plain JavaScript may give one. */
export function unexpected(given: { readonly name: string }, value: unknown, expected: string): Refusal {
  const what = typeof value === 'number' || value == null ? String(value) : `a value of type ${typeof value}`;
  return refusal(`'${nameOf(given)}' gave ${what}; expected ${expected}`);
}

/** The field of a value if the value is an object of this kind; undefined otherwise. */
export function fieldOf(value: unknown, kind: string, field: string): unknown {
  const fields = (typeof value === 'object' ? value : null) as Readonly<Record<string, unknown>> | null;
  return fields?.kind === kind ? fields[field] : undefined;
}

/** True if a value is an object with a method of this name. */
export function hasMethod<Name extends string>(value: unknown, name: Name): value is Record<Name, unknown> {
  return typeof value === 'object' && value !== null && typeof (value as Record<Name, unknown>)[name] === 'function';
}

/**
 * Name and concurrency of a user's function.
 *
 * @throws ApolabError if the value is not a function; the message names the part and what is expected
 */
export function functionPart(
  part: string,
  given: unknown,
  expected: string,
): { readonly name: string; readonly concurrency: number } {
  if (typeof given === 'function') return { name: nameOf(given), concurrency: functionConcurrency };
  const what = given === null ? 'null' : `a value of type ${typeof given}`;
  throw new ApolabError(`${what} is not a ${part}. Give ${expected}.`);
}
