/** The merges of a SentencePiece vocabulary, which stores scores instead. */

/** ggml's kinds of tokens that are made of others: normal ones. The others are control tokens, bytes and the unknown token. */
const normal = 1;

/**
 * All pairs of tokens whose concatenation is a token, the best score first: SentencePiece joins, of all neighbours, those whose
 * concatenation has the highest score. Pairs of the same token are in the order of their parts' ids.
 *
 * Source: transformers, convert_slow_tokenizer.py.
 */
export function sentencePieceMerges(
  tokens: readonly string[],
  scores: readonly number[],
  kinds: readonly number[],
): [string, string][] {
  const ids = new Map(tokens.flatMap((token, id) => (kinds[id] === normal ? [[token, id] as const] : [])));
  const merges: { left: string; right: string; score: number; ids: [number, number] }[] = [];
  for (const [token, id] of ids) {
    for (let cut = 1; cut < token.length; cut++) {
      const [left, right] = [token.slice(0, cut), token.slice(cut)];
      const parts = [ids.get(left), ids.get(right)];
      if (parts[0] === undefined || parts[1] === undefined) continue;
      merges.push({ left, right, score: scores[id]!, ids: [parts[0], parts[1]] });
    }
  }
  merges.sort((a, b) => b.score - a.score || a.ids[0] - b.ids[0] || a.ids[1] - b.ids[1]);
  return merges.map(({ left, right }) => [left, right]);
}
