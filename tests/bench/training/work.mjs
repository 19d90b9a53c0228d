/** The arithmetic of a batch, counted from its trees. */

/**
 * @param {object} config the model's
 * @param {object} batch the result of `prefixTreeBatch`
 * @returns {{ tokens: number, forward: number }} packed tokens, and floating-point operations of a forward pass
 */
export function workOf(config, { tokens, sources, trees }) {
  const { hiddenSize, intermediateSize, heads, keyValueHeads, headSize, layers, vocabularySize } = config;
  const maps = hiddenSize * (2 * heads + 2 * keyValueHeads) * headSize + 3 * hiddenSize * intermediateSize;
  let seen = 0;
  for (let at = 0; at < trees.ranges.length; at += 4)
    seen += trees.ranges[at + 1] - trees.ranges[at] + trees.ranges[at + 3] - trees.ranges[at + 2];
  const attention = 2 * seen * heads * headSize;
  return {
    tokens: tokens.size,
    forward: 2 * (layers * (tokens.size * maps + attention) + sources.size * vocabularySize * hiddenSize),
  };
}

/** GFLOP/s of TensorFlow's products of 1024 x 1024 matrices: the best of ten. */
export async function peakOfProducts(tf) {
  const size = 1024;
  const matrix = tf.randomUniform([size, size]);
  const times = [];
  for (let round = 0; round < 10; round++) {
    const start = performance.now();
    const product = tf.matMul(matrix, matrix);
    await product.data();
    times.push(performance.now() - start);
    product.dispose();
  }
  return (2 * size ** 3) / Math.min(...times) / 1e6;
}

/** Measures how long each operation of the TensorFlow backend takes; `read` gives milliseconds by operation, the longest first. */
export function profiled(backend) {
  const totals = {};
  for (const method of ['executeSingleOutput', 'executeMultipleOutputs']) {
    const original = backend[method];
    backend[method] = function (name, ...rest) {
      const start = performance.now();
      const result = original.call(this, name, ...rest);
      const total = (totals[name] ??= { ms: 0, calls: 0 });
      total.ms += performance.now() - start;
      total.calls += 1;
      return result;
    };
  }
  return {
    clear: () => Object.keys(totals).forEach((name) => delete totals[name]),
    read: () => structuredClone(Object.fromEntries(Object.entries(totals).sort(([, a], [, b]) => b.ms - a.ms))),
  };
}
