/**
 * Responses to one prompt as a prefix tree, so that shared tokens are computed once: the prompt, then the longest common prefix of
 * the responses, then one branch per response. A branch sees the prefix but not the other branches, and its positions continue
 * after the prefix, so the log-probabilities are exactly those of separate sequences.
 *
 * The saving is large for CLAIR pairs, whose responses share most of their tokens.
 */
import { maskedScore, type PassShape, type TokenBatch } from '../model/index.js';
import { tf } from '../tensor/index.js';
import type { TokenizedRow } from './tokenize.js';

/** A batch of prefix trees, one per row, and the tokens that predict the responses' tokens. */
export interface PrefixTreeBatch extends TokenBatch {
  /** int32 `[predictions]`: the flat index (`row * length + column`) of the token that predicts. */
  readonly sources: tf.Tensor1D;
  /** int32 `[predictions]`: the token that is predicted. */
  readonly targets: tf.Tensor1D;
  /** int32 `[memberships]`: indices into `sources`; those of a common prefix occur once per response. */
  readonly predictions: tf.Tensor1D;
  /** int32 `[memberships]`: the index of the response that each of `predictions` belongs to. */
  readonly responses: tf.Tensor1D;
  /** Number of predicted tokens of each response, row by row. */
  readonly responseTokens: readonly number[];
}

interface PrefixTree {
  readonly tokens: number[];
  readonly positions: number[];
  /** Index of the token before this one in its sequence; -1 for the first. */
  readonly parents: number[];
  readonly predictions: { readonly source: number; readonly target: number }[];
  /** For each response the indices of its predictions, in the prefix and in its branch. */
  readonly members: number[][];
}

/**
 * Builds the prefix trees of rows, padded on the right to the longest one.
 *
 * @returns tensors that the caller disposes of, with `disposePrefixTreeBatch` or by a tidy
 */
export function prefixTreeBatch(rows: readonly TokenizedRow[]): PrefixTreeBatch {
  const trees = rows.map(prefixTree);
  const length = Math.max(...trees.map(({ tokens }) => tokens.length));
  const tokens = new Int32Array(rows.length * length);
  const positions = new Int32Array(rows.length * length);
  const mask = new Float32Array(rows.length * length * length).fill(maskedScore);
  const sources: number[] = [];
  const targets: number[] = [];
  const predictions: number[] = [];
  const responses: number[] = [];
  const responseTokens: number[] = [];
  trees.forEach((tree, row) => {
    const start = row * length;
    tokens.set(tree.tokens, start);
    positions.set(tree.positions, start);
    for (let column = 0; column < length; column++) {
      // Padding sees itself, because a softmax over nothing would be NaN. No other token sees padding.
      for (let seen = column; seen >= 0; seen = tree.parents[seen] ?? -1) mask[(start + column) * length + seen] = 0;
    }
    for (const members of tree.members) {
      predictions.push(...members.map((index) => sources.length + index));
      responses.push(...members.map(() => responseTokens.length));
      responseTokens.push(members.length);
    }
    sources.push(...tree.predictions.map(({ source }) => start + source));
    targets.push(...tree.predictions.map(({ target }) => target));
  });
  return {
    tokens: tf.tensor2d(tokens, [rows.length, length], 'int32'),
    positions: tf.tensor2d(positions, [rows.length, length], 'int32'),
    mask: tf.tensor4d(mask, [rows.length, 1, length, length]),
    sources: tf.tensor1d(sources, 'int32'),
    targets: tf.tensor1d(targets, 'int32'),
    predictions: tf.tensor1d(predictions, 'int32'),
    responses: tf.tensor1d(responses, 'int32'),
    responseTokens,
  };
}

/** The size of a row's prefix tree: its tokens, and those that predict a token of a response. */
function treeSize({ prompt, responses }: TokenizedRow): { readonly tokens: number; readonly predictions: number } {
  const shared = sharedPrefix(responses);
  const tokens = responses.reduce((sum, response) => sum + response.length - shared, prompt.length + shared);
  return { tokens, predictions: tokens - prompt.length };
}

/** The shape of the batch that needs the most memory: the rows with the most tokens. */
export function worstBatch(rows: readonly TokenizedRow[], batchSize: number): PassShape {
  const trees = rows.map(treeSize);
  const most = (key: 'tokens' | 'predictions') =>
    trees
      .map((tree) => tree[key])
      .sort((a, b) => b - a)
      .slice(0, batchSize);
  const lengths = most('tokens');
  return {
    rows: lengths.length,
    length: lengths[0] ?? 0,
    predictions: most('predictions').reduce((sum, count) => sum + count, 0),
  };
}

/** How many tokens of a response are predicted: all, except the first token if the prompt is empty. */
export function predictedTokens({ prompt }: TokenizedRow, response: readonly number[]): number {
  return prompt.length === 0 ? Math.max(0, response.length - 1) : response.length;
}

/** Frees the tensors of a batch. */
export function disposePrefixTreeBatch(batch: PrefixTreeBatch): void {
  // tf.dispose ignores fields that are not tensors.
  tf.dispose({ ...batch } as unknown as tf.TensorContainer);
}

/** The prefix tree of one row. */
function prefixTree({ prompt, responses }: TokenizedRow): PrefixTree {
  const result: PrefixTree = { tokens: [], positions: [], parents: [], predictions: [], members: [] };
  const append = (token: number, parent: number): number => {
    result.parents.push(parent);
    result.positions.push(parent < 0 ? 0 : result.positions[parent]! + 1);
    return result.tokens.push(token) - 1;
  };
  let last = -1;
  for (const token of prompt) last = append(token, last);
  const shared = sharedPrefix(responses);
  const root = { node: last, members: [] as number[] };
  const extend = (from: typeof root, tokens: readonly number[]) => {
    let { node } = from;
    const members = [...from.members];
    for (const target of tokens) {
      // No token comes before the first one of a sequence, so nothing predicts it.
      if (node >= 0) members.push(result.predictions.push({ source: node, target }) - 1);
      node = append(target, node);
    }
    return { node, members };
  };
  const prefix = extend(root, responses[0]?.slice(0, shared) ?? []);
  for (const response of responses) result.members.push(extend(prefix, response.slice(shared)).members);
  return result;
}

/** Length of the longest common prefix of the responses. */
function sharedPrefix(responses: readonly (readonly number[])[]): number {
  const [first = [], ...others] = responses;
  const differs = first.findIndex((token, index) => others.some((other) => other[index] !== token));
  return differs < 0 ? first.length : differs;
}
