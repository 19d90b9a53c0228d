/** Texts into the words between white space, whose sets are compared where no tokenizer is given. */

/** A text into its tokens, by name or by id. */
export type Tokenize = (text: string) => readonly (string | number)[];

/**
 * What Python's `str.split()` takes for white space, in which the field's numbers are computed. JavaScript's `\s` differs: it
 * has the byte order mark U+FEFF, and lacks the separators U+001C to U+001F and the next line U+0085.
 */
// eslint-disable-next-line no-control-regex
const whiteSpace = /[\t-\r\u001c- \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

/**
 * The words between white space, as Python's `str.split()` gives them.
 *
 * @example
 * splitAtWhiteSpace('  it is\n4 '); // ['it', 'is', '4']
 */
export function splitAtWhiteSpace(text: string): string[] {
  return text.split(whiteSpace).filter((word) => word !== '');
}
