import { distance } from 'fastest-levenshtein';

/**
 * Errors that speak to the person: what was wrong, where, what would be right, how to go on.
 *
 * Every error that apolab throws on purpose is an `ApolabError`, so a command can print its message without a stack
 * and let any other error keep its stack.
 */
export class ApolabError extends Error {
  override name = 'ApolabError';
}

/** A name that is in none of the known names; the message proposes the nearest ones. */
export class UnknownNameError extends ApolabError {
  override name = 'UnknownNameError';

  constructor(kind: string, given: string, known: readonly string[]) {
    const nearest = nearestName(given, known);
    const question = nearest === undefined ? '.' : `; did you mean '${nearest}'?`;
    super(`'${given}' is no ${kind}${question} Known: ${known.join(', ')}.`);
  }
}

/** The known name with the smallest edit distance to `given`, if that is at most a third of its length plus one. */
function nearestName(given: string, known: readonly string[]): string | undefined {
  const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');
  const ranked = known
    .map((name) => ({ name, distance: distance(plain(given), plain(name)) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= given.length / 3 + 1 ? best.name : undefined;
}
