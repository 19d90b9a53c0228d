/**
 * White space at the edges of the two responses of a pair, which must not tell them apart.
 *
 * A revision is trimmed when it is read, and so is the answer of an endpoint. A response of a file or of a model loaded here
 * may begin with a space, by TRL's convention for plain texts, and then the other response begins with it too.
 */

/**
 * A text with the white space that another text has at its edges.
 *
 * @example
 * sameEdges('It is 4.', ' It is 5.\n'); // ' It is 4.\n'
 */
export function sameEdges(text: string, like: string): string {
  const inner = text.trim();
  const innerLike = like.trim();
  // A text of white space alone has no edges.
  if (inner === '' || innerLike === '') return text;
  const start = like.indexOf(innerLike);
  return like.slice(0, start) + inner + like.slice(start + innerLike.length);
}
