/**
 * Responses to one prompt as a prefix tree, so that shared tokens are computed once: the prompt, then the longest common prefix of
 * the responses, then one branch per response. A branch sees the prefix but not the other branches, and its positions continue
 * after the prefix, so the log-probabilities are exactly those of separate sequences.
 *
 * The saving is large for CLAIR pairs, whose responses share most of their tokens.
 */
import type { PassShape, TokenBatch } from '../model/index.js';
import { tf } from '../tensor/index.js';
import type { TokenizedRow } from './tokenize.js';

/** A batch of packed prefix trees, one per row, and the tokens that predict the responses' tokens. */
export interface PrefixTreeBatch extends TokenBatch {
  /** int32 `[predictions]`: the index of the token that predicts. */
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
  readonly tokens: readonly number[];
  readonly positions: readonly number[];
  /** `[start, end, start, end]` per token, from the tree's first token. */
  readonly ranges: readonly (readonly [number, number, number, number])[];
  readonly predictions: readonly { readonly source: number; readonly target: number }[];
  /** For each response the indices of its predictions, in the trunk and in its branch. */
  readonly members: readonly (readonly number[])[];
}

/**
 * Builds the prefix trees of rows, one after another without padding.
 *
 * @returns tensors that the caller disposes of, with `disposePrefixTreeBatch` or by a tidy
 */
export function prefixTreeBatch(rows: readonly TokenizedRow[]): PrefixTreeBatch {
  const trees = rows.map(prefixTree);
  const offsets = new Int32Array(rows.length + 1);
  trees.forEach(({ tokens }, row) => (offsets[row + 1] = offsets[row]! + tokens.length));
  const sources: number[] = [];
  const predictions: number[] = [];
  const responses: number[] = [];
  const responseTokens: number[] = [];
  trees.forEach((tree, row) => {
    for (const members of tree.members) {
      predictions.push(...members.map((index) => sources.length + index));
      responses.push(...members.map(() => responseTokens.length));
      responseTokens.push(members.length);
    }
    sources.push(...tree.predictions.map(({ source }) => offsets[row]! + source));
  });
  const ranges = trees.flatMap((tree, row) => tree.ranges.flatMap((range) => range.map((at) => offsets[row]! + at)));
  const integers = (values: readonly number[]) => tf.tensor1d([...values], 'int32');
  return {
    tokens: integers(trees.flatMap(({ tokens }) => tokens)),
    positions: integers(trees.flatMap(({ positions }) => positions)),
    trees: { offsets, ranges: Int32Array.from(ranges) },
    sources: integers(sources),
    targets: integers(trees.flatMap((tree) => tree.predictions.map(({ target }) => target))),
    predictions: integers(predictions),
    responses: integers(responses),
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
    tokens: lengths.reduce((sum, count) => sum + count, 0),
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

/** The prefix tree of one row: the trunk (the prompt and the common prefix of the responses), then one branch per response. */
function prefixTree({ prompt, responses }: TokenizedRow): PrefixTree {
  const shared = sharedPrefix(responses);
  const trunk = [...prompt, ...(responses[0]?.slice(0, shared) ?? [])];
  const tokens = [...trunk];
  const positions = [...trunk.keys()];
  const ranges: [number, number, number, number][] = trunk.map((_, at) => [0, at + 1, at + 1, at + 1]);
  const predictions: { source: number; target: number }[] = [];
  /** Predictions of `targets`, each by the token before it; nothing predicts the first token of a sequence. */
  const predict = (targets: readonly number[], before: number, first: number) =>
    targets.flatMap((target, index) => {
      const source = index === 0 ? before : first + index - 1;
      return source < 0 ? [] : [predictions.push({ source, target }) - 1];
    });
  const common = predict(trunk.slice(prompt.length), prompt.length - 1, prompt.length);
  const members = responses.map((response) => {
    const branch = response.slice(shared);
    const first = tokens.length;
    tokens.push(...branch);
    positions.push(...branch.map((_, index) => trunk.length + index));
    branch.forEach((_, index) => ranges.push([0, trunk.length, first, first + index + 1]));
    return [...common, ...predict(branch, trunk.length - 1, first)];
  });
  return { tokens, positions, ranges, predictions, members };
}

/** Length of the longest common prefix of the responses. */
function sharedPrefix(responses: readonly (readonly number[])[]): number {
  const [first = [], ...others] = responses;
  const differs = first.findIndex((token, index) => others.some((other) => other[index] !== token));
  return differs < 0 ? first.length : differs;
}
