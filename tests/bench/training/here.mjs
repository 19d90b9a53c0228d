/**
 * One epoch with apolab: the reference pass and the steps. Prints JSON: seconds, seconds of the processor,
 * losses, tokens, arithmetic. Argument: a JSON object with the folders of model, pairs and adapter, and the settings.
 */
import { models, preference, tf, training, useBackend } from '../../../dist/src/index.js';
import { peakOfProducts, profiled, workOf } from './work.mjs';

const { model: folder, pairs: file, adapter, batch, learningRate, count, profile } = JSON.parse(process.argv[2]);
await useBackend('tensorflow');
const base = await models.fromPretrained(folder);
const model = adapter === undefined ? base : await models.loadAdapter(base, adapter);
const { pairs } = await preference.readPairs(file);
const options = { objective: 'apo_zero', beta: 0.1, learningRate, batchSize: batch, shuffle: false, maxLength: 1024 };
const profiler = profile ? profiled(tf.backend()) : undefined;

const cpu = () => Object.values(process.cpuUsage()).reduce((sum, value) => sum + value, 0) / 1e6;
const losses = [];
const times = [];
let referenceDone;
const [start, cpuBefore] = [performance.now(), cpu()];
const run = training.train(model, pairs.slice(0, count), {
  ...options,
  onReference: () => (referenceDone = performance.now()),
});
let last;
for await (const step of run) {
  losses.push(step.loss);
  times.push(performance.now() - (last ?? referenceDone));
  last = performance.now();
  // The last step is the profile's.
  if (step.step === step.steps - 1) profiler?.clear();
}
const [seconds, cpuSeconds] = [(performance.now() - start) / 1000, cpu() - cpuBefore];
const operations = profiler?.read();

const { rows } = await training.prepareExamples(model, pairs.slice(0, count), options.maxLength);
const tokenized = rows.map((row) => row.tokenized);
const total = { tokens: 0, separate: 0, padded: 0, forward: 0 };
for (let first = 0; first < tokenized.length; first += batch) {
  const part = tokenized.slice(first, first + batch);
  const lengths = part.flatMap(({ prompt, responses }) => responses.map((response) => prompt.length + response.length));
  const { tokens, forward } = tf.tidy(() => workOf(model.config, training.prefixTreeBatch(part)));
  total.tokens += tokens;
  total.forward += forward;
  total.separate += lengths.reduce((sum, length) => sum + length, 0);
  total.padded += lengths.length * Math.max(...lengths);
}
// A gradient is twice the forward pass; of frozen weights half of that is not needed. The reference is one more pass.
const passes = 2 + (adapter === undefined ? 2 : 1);
console.log(
  JSON.stringify({
    seconds,
    cpuSeconds,
    referenceSeconds: (referenceDone - start) / 1000,
    losses,
    pairs: tokenized.length,
    tokens: { computed: total.tokens, separate: total.separate, padded: total.padded },
    gflops: (passes * total.forward) / seconds / 1e9,
    peakGflops: await peakOfProducts(tf),
    ...(operations === undefined ? {} : { profile: { step: times.at(-1), operations } }),
  }),
);
