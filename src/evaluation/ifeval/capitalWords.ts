/** Words in capital letters, as IFEval's program counts them: tokens of the Penn Treebank's convention. */

const contraction = /('s|'m|'d|'ll|'re|'ve|n't)(?=\W|$)/gi;

/**
 * The number of tokens in which every cased letter is a capital. Words are split at white space and marks; hyphens and inner
 * periods join (`STATE-OF-THE-ART`, `U.S.`), and contractions are two tokens (`DON'T`: `DO` and `N'T`).
 *
 * @example
 * countCapitalWords("DON'T panic, OK?"); // 3
 */
export function countCapitalWords(text: string): number {
  return text
    .replace(contraction, ' $1 ')
    .split(/[\s,;:?!()[\]{}<>"“”@#$%&*«»`]+|--+|\.{2,}/u)
    .filter(isUpperCase).length;
}

/**
 * Python's `str.isupper`: at least one cased letter, and no small one.
 *
 * @example
 * isUpperCase('A-1'); // true
 */
export function isUpperCase(text: string): boolean {
  return /\p{Uppercase}/u.test(text) && !/[\p{Lowercase}\p{Lt}]/u.test(text);
}

/**
 * Python's `str.islower`: at least one cased letter, and no capital.
 *
 * @example
 * isLowerCase('a-1'); // true
 */
export function isLowerCase(text: string): boolean {
  return /\p{Lowercase}/u.test(text) && !/[\p{Uppercase}\p{Lt}]/u.test(text);
}
