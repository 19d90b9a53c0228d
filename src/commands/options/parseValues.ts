/** How the text of an option becomes its value. commander names the option in front of these messages. */
import { InvalidArgumentError } from 'commander';
import { UnknownNameError } from '../../core/errors.js';

/**
 * A number as it is written, `1e-4` included. The library checks its range.
 *
 * @throws InvalidArgumentError if the text is not a number.
 */
export function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

/**
 * A whole number of any sign.
 *
 * @throws InvalidArgumentError if the text is not a whole number.
 */
export function parseWholeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value)) throw new InvalidArgumentError('It must be a whole number.');
  return value;
}

/**
 * A whole number of 1 or more.
 *
 * @throws InvalidArgumentError for anything else.
 */
export function parseCount(text: string): number {
  const value = parseWholeNumber(text);
  if (value < 1) throw new InvalidArgumentError('It must be a whole number of 1 or more.');
  return value;
}

/**
 * Reads a header of a request, `name: value`, as its name and its value.
 *
 * @throws InvalidArgumentError without a colon or a name; the message does not repeat the text, which may hold a key.
 */
export function parseHeader(text: string): readonly [name: string, value: string] {
  const colon = text.indexOf(':');
  const name = text.slice(0, colon).trim();
  if (colon === -1 || name === '') throw new InvalidArgumentError("It must be 'name: value'.");
  return [name, text.slice(colon + 1).trim()];
}

/**
 * Makes a parser for one of the known names.
 *
 * @param kind what the names name, for the message
 * @returns a parser that throws an UnknownNameError with the nearest known name
 */
export function oneOf<const Name extends string>(kind: string, known: readonly Name[]): (text: string) => Name {
  return (text) => {
    const found = known.find((name) => name === text);
    if (found === undefined) throw new UnknownNameError(kind, text, known);
    return found;
  };
}

/**
 * Makes a parser for a list separated by commas.
 *
 * @param parse reads one element, without the spaces around it
 */
export function listOf<Value>(parse: (text: string) => Value): (text: string) => readonly Value[] {
  return (text) => text.split(',').map((element) => parse(element.trim()));
}
