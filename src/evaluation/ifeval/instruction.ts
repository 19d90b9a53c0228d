/** What a row of the table of instructions is: the names and kinds of its arguments, and the check of a response. */
import { ApolabError } from '../../core/errors.js';

/** The kinds of arguments, with how a value of JSON becomes one; `undefined` if it is none. */
const argumentKinds = {
  count: (value: unknown) => (typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined),
  text: (value: unknown) => (typeof value === 'string' && value.trim() !== '' ? value : undefined),
  texts: (value: unknown): readonly string[] | undefined =>
    Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string') ? value : undefined,
  relation: (value: unknown) => (value === 'less than' || value === 'at least' ? value : undefined),
} as const;

type ArgumentKind = keyof typeof argumentKinds;

/** The arguments of an instruction, by name: what kind each is. */
export type Shape = Readonly<Record<string, ArgumentKind>>;

/** The values of those arguments. */
export type ArgumentsOf<Of extends Shape> = {
  readonly [Name in keyof Of]: Exclude<ReturnType<(typeof argumentKinds)[Of[Name]]>, undefined>;
};

/** A kind of instruction. */
export interface Instruction {
  /**
   * True if the response follows the instruction with these arguments (`kwargs` of a row of IFEval).
   *
   * @throws ApolabError if an argument is missing or of another kind
   */
  follows(response: string, given: Readonly<Record<string, unknown>>): boolean;
  /** Throws the same error without a response. */
  check(given: Readonly<Record<string, unknown>>): void;
}

/**
 * An instruction from its arguments and its check.
 *
 * @example
 * instruction({ num_words: 'count' }, (response, { num_words }) => response.split(' ').length === num_words);
 */
export function instruction<Of extends Shape>(
  shape: Of,
  follows: (response: string, given: ArgumentsOf<Of>) => boolean,
): Instruction {
  const read = (given: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(
      Object.entries(shape).map(([name, kind]) => {
        const value = argumentKinds[kind](given[name]);
        if (value !== undefined) return [name, value];
        throw new ApolabError(`its argument ${name} must be ${expected[kind]}, but is ${JSON.stringify(given[name])}`);
      }),
    ) as ArgumentsOf<Of>;
  return { follows: (response, given) => follows(response, read(given)), check: (given) => void read(given) };
}

const expected: Readonly<Record<ArgumentKind, string>> = {
  count: 'a whole number',
  text: 'a text',
  texts: 'a list of texts',
  relation: '"less than" or "at least"',
};
