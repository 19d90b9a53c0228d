/**
 * Processor time of contrastiveness on one core: 30,000 pairs of 2,000 characters, minimal revisions and unrelated answers;
 * a sample of them also by Python's rapidfuzz, which is C++. Prints one JSON object.
 *
 *   node tests/bench/pairs/contrast.mjs [--pairs 30000]      (after `npm run build`)
 *
 * BENCH_PYTHON is a Python with rapidfuzz (`pip install rapidfuzz`); without it there is no comparison.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { distance } from 'fastest-levenshtein';
import { contrastivenessOfPair } from '../../../dist/src/pairs/contrast/contrastiveness.js';
import { editDistance } from '../../../dist/src/pairs/contrast/editDistance.js';
import { createRandom } from '../../../dist/src/core/random.js';

const { values } = parseArgs({ options: { pairs: { type: 'string', default: '30000' } } });
const count = Number(values.pairs);
const length = 2000;
const compared = Math.min(count, 2000);

/** Words of English lengths; the first ones are drawn far more often than the last. */
const random = createRandom(1, 'contrast bench');
const letters = 'etaoinshrdlucmfwypvbgk';
const vocabulary = Array.from({ length: 2000 }, () =>
  Array.from({ length: 1 + random.integer(9) }, () => letters[Math.floor(letters.length * random.uniform() ** 2)]).join(
    '',
  ),
);
function answer() {
  let text = '';
  while (text.length < length) text += `${vocabulary[Math.floor(vocabulary.length * random.uniform() ** 3)]} `;
  return text.slice(0, length);
}

/** Replaces a few phrases of the text, as a reviser does. */
function revise(text) {
  let revised = text;
  for (let edit = 0; edit < 4; edit++) {
    const start = random.integer(revised.length - 60);
    revised =
      revised.slice(0, start) +
      answer().slice(0, 10 + random.integer(50)) +
      revised.slice(start + 10 + random.integer(50));
  }
  return revised;
}

const kinds = {
  revised: () => {
    const rejected = answer();
    return { prompt: '', chosen: revise(rejected), rejected };
  },
  unrelated: () => ({ prompt: '', chosen: answer(), rejected: answer() }),
};

/** Processor time instead of wall time, so that other work on the machine does not count. */
function seconds(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function inPython(pairs) {
  const python = process.env.BENCH_PYTHON;
  if (python === undefined) return undefined;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'apolab-bench-'));
  try {
    const file = path.join(folder, 'pairs.jsonl');
    writeFileSync(file, pairs.map((pair) => `${JSON.stringify(pair)}\n`).join(''));
    const { stdout, stderr, status } = spawnSync(python, [path.join(import.meta.dirname, 'contrast.py'), file], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`${python} contrast.py failed: ${stderr}`);
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const result = { node: process.version, cpu: os.cpus()[0]?.model, load: os.loadavg()[0], pairs: count, length };
for (const [name, make] of Object.entries(kinds)) {
  const sample = Array.from({ length: compared }, make);
  sample.slice(0, 200).forEach((pair) => contrastivenessOfPair(pair)); // warm up
  const python = inPython(sample);
  const library = seconds(() => sample.forEach(({ chosen, rejected }) => distance(chosen, rejected)));
  const ours = {
    measures: seconds(() => sample.forEach((pair) => contrastivenessOfPair(pair))),
    levenshtein: seconds(() => sample.forEach(({ chosen, rejected }) => editDistance(chosen, rejected))),
  };
  // In batches, as from a file, so that they are not all in memory. Making them is not timed.
  let [all, mean] = [0, 0];
  for (let done = 0; done < count; done += compared) {
    const pairs = Array.from({ length: Math.min(compared, count - done) }, make);
    all += seconds(() => pairs.forEach((pair) => (mean += contrastivenessOfPair(pair).levenshtein / count)));
  }
  result[name] = {
    seconds: all,
    microsecondsPerPair: (1e6 * all) / count,
    meanLevenshtein: mean,
    timesFastestLevenshtein: ours.levenshtein / library,
    ...(python === undefined
      ? {}
      : {
          rapidfuzz: python.version,
          sample: compared,
          timesRapidfuzz: ours.levenshtein / python.levenshtein,
          timesPythonWithJaccard: ours.measures / python.measures,
        }),
  };
}
console.log(JSON.stringify(result, null, 1));
