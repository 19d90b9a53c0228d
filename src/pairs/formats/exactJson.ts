/**
 * JSON that keeps integers exact: those that a `number` would round (64-bit ids) are read and written as `bigint`. Python's NaN
 * and Infinity, which are not JSON, are read as null.
 */

/** Marks the digits of a large integer while JSON.parse and JSON.stringify handle it as a string. */
const mark = '\uE0F0integer:';

/** A string, or an integer of 16 digits or more. Strings are matched too, so that digits inside them are left alone. */
const stringsAndLargeNumbers = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

/** A string, or a number that Python writes and JSON lacks. */
const stringsAndNotFinite = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;

/**
 * Parses JSON. The bare words NaN, Infinity and -Infinity, as Python's `json` writes them, become null.
 *
 * @throws SyntaxError if the text is not JSON
 * @example
 * parseJson('{"id": 12345678901234567890, "score": NaN}'); // { id: 12345678901234567890n, score: null }
 */
export function parseJson(text: string): unknown {
  try {
    return parseExactly(text);
  } catch (error) {
    if (!(error instanceof SyntaxError) || !/NaN|Infinity/.test(text)) throw error;
    const finite = text.replace(stringsAndNotFinite, (token) => (token.startsWith('"') ? token : 'null'));
    // The error quotes the person's own text.
    return tryOr(() => parseExactly(finite), error);
  }
}

/** What `work` returns; throws `error` if it throws a SyntaxError. */
function tryOr<T>(work: () => T, error: SyntaxError): T {
  try {
    return work();
  } catch (again) {
    throw again instanceof SyntaxError ? error : again;
  }
}

function parseExactly(text: string): unknown {
  if (!/\d{16}/.test(text) || text.includes(mark)) return JSON.parse(text);
  // Parsed first as it is, so that a SyntaxError quotes the person's own text.
  const rounded: unknown = JSON.parse(text);
  const marked = text.replace(stringsAndLargeNumbers, (token) =>
    token.startsWith('"') || isExact(token) ? token : `"${mark}${token}"`,
  );
  if (marked === text) return rounded;
  return JSON.parse(marked, (_, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value,
  );
}

/** Parses JSON; undefined if the text is not JSON. */
export function tryParseJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Whether an integer, read as a `number`, is written with the same digits again. */
export function isExact(digits: string): boolean {
  return String(Number(digits)) === digits;
}

const markedNumbers = new RegExp(`"${mark}(-?\\d+)"`, 'g');

/**
 * Writes JSON on one line. A `bigint` becomes its digits; `undefined`, NaN and infinities become null.
 *
 * @example
 * stringifyJson({ id: 12345678901234567890n }); // '{"id":12345678901234567890}'
 */
export function stringifyJson(value: unknown): string {
  try {
    return JSON.stringify(value ?? null);
  } catch (error) {
    // JSON.stringify throws a TypeError for a bigint, and also for a cycle, which the second attempt throws again.
    if (!(error instanceof TypeError)) throw error;
    const text = JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${mark}${part}` : part));
    return text.replace(markedNumbers, '$1');
  }
}
