/**
 * Errors for the person who uses apolab: the message says what was wrong, what would be right and what to do next.
 *
 * Every error that apolab throws on purpose is an `ApolabError`. A command prints its message without a stack; any other error
 * keeps its stack, because it is a fault of the program.
 */
import { nearestName } from './nearestName.js';

/** An error that the user can act on. */
export class ApolabError extends Error {
  override name = 'ApolabError';
}

/**
 * A name that is not one of the known names. The message proposes the nearest known name and lists them all.
 *
 * @example
 * new UnknownNameError('backend', 'wams', ['tensorflow', 'wasm']).message;
 * // "'wams' is not a known backend; did you mean 'wasm'? Known: tensorflow, wasm."
 */
export class UnknownNameError extends ApolabError {
  override name = 'UnknownNameError';

  constructor(kind: string, given: string, known: readonly string[]) {
    const nearest = nearestName(given, known);
    const question = nearest === undefined ? '.' : `; did you mean '${nearest}'?`;
    super(`'${given}' is not a known ${kind}${question} Known: ${known.join(', ')}.`);
  }
}
