/**
 * Responses to one prompt as a tree, so that what they share is computed once: the prompt, then the longest common prefix
 * of the responses, then a branch each. A branch sees its ancestors and not the other branch, and its positions go on from
 * the fork; the log-probabilities are those of the separate sequences, not an approximation.
 *
 * CLAIR pairs share most of their tokens, which is why this pays here.
 */
import { maskedScore, type TokenBatch } from '../model/index.js';
import { tf } from '../tensor/index.js';
import type { TokenizedRow } from './tokenize.js';

/** A batch of trees, one a row, and where in it the responses' tokens are predicted. */
export interface PrefixTreeBatch extends TokenBatch {
  /** int32 `[predictions]`: the flat index (`row * length + column`) of the token that predicts. */
  readonly sources: tf.Tensor1D;
  /** int32 `[predictions]`: the token that is predicted. */
  readonly targets: tf.Tensor1D;
  /** int32 `[memberships]`: predictions, those of a shared prefix once a response. */
  readonly predictions: tf.Tensor1D;
  /** int32 `[memberships]`: the response that each of them belongs to. */
  readonly responses: tf.Tensor1D;
  /** Tokens of each response, in the rows' order, then in the row's own. */
  readonly responseTokens: readonly number[];
}

interface PrefixTree {
  readonly tokens: number[];
  readonly positions: number[];
  /** Index of the token before this one in its sequence; -1 for the first. */
  readonly parents: number[];
  readonly predictions: { readonly source: number; readonly target: number }[];
  /** For each response the indices of its predictions. */
  readonly members: number[][];
}

/** Lays rows out as trees, padded on the right to the longest. The caller disposes of the tensors (or runs in a tidy). */
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
  trees.forEach((node, row) => {
    const start = row * length;
    tokens.set(node.tokens, start);
    positions.set(node.positions, start);
    for (let column = 0; column < length; column++) {
      // Padding sees itself, so that its softmax has something to stand on; nobody sees padding.
      for (let seen = column; seen >= 0; seen = node.parents[seen] ?? -1) mask[(start + column) * length + seen] = 0;
    }
    for (const members of node.members) {
      predictions.push(...members.map((index) => sources.length + index));
      responses.push(...members.map(() => responseTokens.length));
      responseTokens.push(members.length);
    }
    sources.push(...node.predictions.map(({ source }) => start + source));
    targets.push(...node.predictions.map(({ target }) => target));
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

/** How many of a response's tokens are predicted: all, but for the first of a sequence that has no prompt. */
export function predictedTokens({ prompt }: TokenizedRow, response: readonly number[]): number {
  return prompt.length === 0 ? Math.max(0, response.length - 1) : response.length;
}

/** Frees the tensors of a batch. */
export function disposePrefixTreeBatch(batch: PrefixTreeBatch): void {
  // tf.dispose looks for tensors among the fields and lets the rest be.
  tf.dispose({ ...batch } as unknown as tf.TensorContainer);
}

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
      // Nothing stands before the first token of a sequence, so nothing predicts it.
      if (node >= 0) members.push(result.predictions.push({ source: node, target }) - 1);
      node = append(target, node);
    }
    return { node, members };
  };
  const fork = extend(root, responses[0]?.slice(0, shared) ?? []);
  for (const response of responses) result.members.push(extend(fork, response.slice(shared)).members);
  return result;
}

/** How many leading tokens all responses share. */
function sharedPrefix(responses: readonly (readonly number[])[]): number {
  const [first = [], ...others] = responses;
  const differs = first.findIndex((token, index) => others.some((other) => other[index] !== token));
  return differs < 0 ? first.length : differs;
}
