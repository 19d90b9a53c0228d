/**
 * JSON whose whole numbers stay whole: those that a `number` would round (ids of 64 bits) are read and written as `bigint`.
 */

/** Stands before the digits of a large number while JSON.parse and JSON.stringify see it as a string. */
const mark = '\uE0F0integer:';

/** A string, or a whole number of sixteen digits or more: the alternation keeps digits inside of strings apart. */
const stringsAndLargeNumbers = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

/**
 * Parses JSON; throws a SyntaxError where it is none.
 *
 * @example
 * parseJson('{"id": 12345678901234567890}'); // { id: 12345678901234567890n }
 */
export function parseJson(text: string): unknown {
  if (!/\d{16}/.test(text) || text.includes(mark)) return JSON.parse(text);
  // What is no JSON shall be told in terms of what the person wrote.
  const rounded: unknown = JSON.parse(text);
  const marked = text.replace(stringsAndLargeNumbers, (token) =>
    token.startsWith('"') || isExact(token) ? token : `"${mark}${token}"`,
  );
  if (marked === text) return rounded;
  return JSON.parse(marked, (_, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value,
  );
}

/** The value of a JSON text; undefined where it is none. */
export function tryParseJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Whether a whole number, as a `number`, is written with the same digits again. */
export function isExact(digits: string): boolean {
  return String(Number(digits)) === digits;
}

const markedNumbers = new RegExp(`"${mark}(-?\\d+)"`, 'g');

/**
 * Writes JSON on one line; a `bigint` becomes its digits, `undefined` and numbers that JSON lacks become null.
 *
 * @example
 * stringifyJson({ id: 12345678901234567890n }); // '{"id":12345678901234567890}'
 */
export function stringifyJson(value: unknown): string {
  try {
    return JSON.stringify(value ?? null);
  } catch (error) {
    // JSON.stringify refuses a bigint with a TypeError, and says of a cycle the same.
    if (!(error instanceof TypeError)) throw error;
    const text = JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${mark}${part}` : part));
    return text.replace(markedNumbers, '$1');
  }
}
