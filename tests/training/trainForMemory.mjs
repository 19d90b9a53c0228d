/**
 * Trains a model of zeros and ones for two steps and prints the estimate of its memory and what the process really grew by. It runs
 * in a process of its own (memory.test.ts), because a peak is a number of the whole process.
 *
 * Arguments: the compiled library's folder, the backend, and the rank of an adapter (0: none).
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [dist, backend, rank] = process.argv.slice(2);
const load = (name) => import(`${pathToFileURL(dist).href}/${name}.js`);
const { tf, useBackend } = await load('tensor/index');
const { addAdapter, initialParameters, LanguageModel, totalBytes, weightBytes } = await load('model/index');
const { createOptimizer, optimizerSettings, prefixTreeBatch, responseLogProbs, takeStep } =
  await load('training/index');
const { trainingMemory } = await load('training/memory');

await useBackend(backend);
const peak = () =>
  backend === 'wasm'
    ? tf.backend().wasm.HEAPU8.length
    : 1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
const config = {
  vocabularySize: 4000,
  hiddenSize: 256,
  intermediateSize: 640,
  layers: 3,
  heads: 4,
  keyValueHeads: 2,
  headSize: 64,
  maxPositions: 512,
  normEpsilon: 1e-5,
  ropeTheta: 1e4,
  tiedEmbeddings: true,
};
const tokens = (count, first) =>
  Array.from({ length: count }, (_, index) => (first + 7 * index) % config.vocabularySize);
const tokenized = Array.from({ length: 8 }, (_, row) => ({
  prompt: tokens(120, row),
  responses: [tokens(60, row + 1), tokens(60, row + 2)],
}));
const settings = { batchSize: 8, gradientAccumulation: 1, optimizer: optimizerSettings('adamw') };

// A small model first, so that code and the backend's own memory are not counted.
await twoSteps({ ...config, vocabularySize: 40, hiddenSize: 32, intermediateSize: 16, heads: 2, headSize: 16 }, [
  {
    prompt: [1, 2],
    responses: [
      [3, 4],
      [5, 6],
    ],
  },
]);
const before = peak();
const model = await twoSteps(config, tokenized);
const estimate = totalBytes({
  weights: weightBytes(config),
  ...trainingMemory({ model, tokenized, settings, needsKl: false }),
});
console.log(JSON.stringify({ estimate, measured: peak() - before }));

async function twoSteps(shape, rows) {
  const base = new LanguageModel(shape, initialParameters(shape, 0), { endOfSequence: 1 });
  const trained = Number(rank) === 0 ? base : addAdapter(base, { rank: Number(rank) });
  const optimizer = createOptimizer(trained.trainable, settings.optimizer);
  const loss = () => tf.neg(tf.mean(responseLogProbs(trained.parameters, trained.config, prefixTreeBatch(rows))));
  for (let step = 0; step < 2; step++) await takeStep(trained.trainable, optimizer, 1e-4, 1, loss);
  return trained;
}
