/**
 * Steps of a model of a given shape with random weights; prints JSON: milliseconds, tokens and arithmetic of a step. Arguments: a row of
 * `scaling` in cases.mjs as JSON. A tree is a prompt of half its length and two responses of a quarter each.
 */
import { models, tf, training, useBackend } from '../../../dist/src/index.js';
import { initialParameters } from '../../../dist/src/model/index.js';
import { median } from './run.mjs';
import { workOf } from './work.mjs';

const { width, depth, length, batch, vocabulary, steps = 6 } = JSON.parse(process.argv[2]);
await useBackend('tensorflow');
const config = {
  vocabularySize: vocabulary,
  hiddenSize: width,
  intermediateSize: (width * 8) / 4,
  layers: depth,
  heads: width / 64,
  keyValueHeads: width / 64,
  headSize: 64,
  maxPositions: 8192,
  normEpsilon: 1e-5,
  ropeTheta: 1e4,
  tiedEmbeddings: true,
};
const model = new models.LanguageModel(config, initialParameters(config, 0), { endOfSequence: 1 });
const optimizer = training.createOptimizer(model.trainable, training.optimizerSettings('adamw'));
const ids = (count, first) => Array.from({ length: count }, (_, index) => (first + 7 * index) % vocabulary);
const rows = Array.from({ length: batch }, (_, row) => ({
  prompt: ids(length / 2, row),
  responses: [ids(length / 4, row + 1), ids(length / 4, row + 2)],
}));
const loss = () => tf.neg(tf.mean(training.responseLogProbs(model.parameters, config, training.prefixTreeBatch(rows))));
const times = [];
for (let step = 0; step < steps; step++) {
  const start = performance.now();
  await training.takeStep(model.trainable, optimizer, 1e-4, 1, loss);
  times.push(performance.now() - start);
}
const ms = median(times.slice(steps >> 1));
const { tokens, forward } = tf.tidy(() => workOf(config, training.prefixTreeBatch(rows)));
console.log(JSON.stringify({ ms, tokens, gflops: (3 * forward) / ms / 1e6 }));
