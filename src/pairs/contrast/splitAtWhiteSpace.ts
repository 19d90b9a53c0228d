/** Splits texts into words at white space: the default tokenization of the measures. */

/** Splits a text into tokens, given as strings or as ids. */
export type Tokenize = (text: string) => readonly (string | number)[];

/** U+001C to U+001F: the file, group, record and unit separators. */
const separators = String.fromCharCode(0x1c, 0x1d, 0x1e, 0x1f);

/**
 * White space as in Python's `str.split()`, so that the numbers agree with published ones. JavaScript's `\s` also has the byte
 * order mark U+FEFF, and lacks the separators U+001C to U+001F and the next line U+0085.
 */
const whiteSpace = new RegExp(
  `[\\t-\\r${separators} \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+`,
);

/**
 * Splits a text at white space, as Python's `str.split()` does.
 *
 * @example
 * splitAtWhiteSpace('  it is\n4 '); // ['it', 'is', '4']
 */
export function splitAtWhiteSpace(text: string): string[] {
  return text.split(whiteSpace).filter((word) => word !== '');
}
