/**
 * Functions of the user in the place of responders, revisers and judges: called for one item at a time, and what they
 * throw or give by mistake costs that item and nothing else.
 */
import { ApolabError } from '../core/errors.js';
import type { Refusal } from './responder.js';

/** How many calls of a user's function run at the same time; an object with a `concurrency` of its own says otherwise. */
const functionConcurrency = 16;

/** A function's name for provenance. */
function nameOf(given: { readonly name: string }): string {
  return given.name === '' ? 'function' : given.name;
}

/**
 * What the function gives, or a refusal that says what it threw. What it throws after the signal is an abort and goes on
 * up, for then nobody waits for a reason.
 */
export async function called<T>(
  given: { readonly name: string },
  call: () => T | Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T | Refusal> {
  try {
    return await call();
  } catch (error) {
    if (signal?.aborted === true) throw error;
    return { kind: 'skipped', reason: `'${nameOf(given)}' threw ${String(error)}` };
  }
}

/** The refusal of something that TypeScript would not have let through. */
export function unexpected(given: { readonly name: string }, value: unknown, expected: string): Refusal {
  const what = typeof value === 'number' || value == null ? String(value) : `a value of type ${typeof value}`;
  return { kind: 'skipped', reason: `'${nameOf(given)}' gave ${what}; expected ${expected}` };
}

/** The field of a value that is an object of a kind; undefined of any other. */
export function fieldOf(value: unknown, kind: string, field: string): unknown {
  const fields = (typeof value === 'object' ? value : null) as Readonly<Record<string, unknown>> | null;
  return fields?.kind === kind ? fields[field] : undefined;
}

/** Whether a value has a method of a name. */
export function hasMethod<Name extends string>(value: unknown, name: Name): value is Record<Name, unknown> {
  return typeof value === 'object' && value !== null && typeof (value as Record<Name, unknown>)[name] === 'function';
}

/**
 * Name and concurrency of a part that is a user's function.
 *
 * @throws ApolabError where it is none
 */
export function functionPart(
  part: string,
  given: unknown,
  expected: string,
): { readonly name: string; readonly concurrency: number } {
  if (typeof given === 'function') return { name: nameOf(given), concurrency: functionConcurrency };
  const what = given === null ? 'null' : `a value of type ${typeof given}`;
  throw new ApolabError(`${what} is no ${part}. Give ${expected}.`);
}
