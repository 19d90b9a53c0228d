/**
 * `npm run bench:generation`: greedy generation with SmolLM2-135M-Instruct, apolab beside transformers. The sides take turns, each run
 * in a process of its own; the first run of a process, which warms up, is not counted.
 *
 *   npm run bench:generation -- [--rounds 5] [--threads 2] [--batches 1,16] [--tokens 64]
 *
 * Results go to results/bench/generation.json, and as Markdown to standard output. Both sides generate the same number of tokens: an
 * end of sequence does not end a response.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { goldenPython } from '../../golden/environment.mjs';
import { median, run } from '../training/run.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    batches: { type: 'string', default: '1,16' },
    tokens: { type: 'string', default: '64' },
  },
});
const folder = path.join(import.meta.dirname, '../../../results/bench');
const inputs = path.join(folder, 'inputs');
const python = goldenPython();
const env = { TF_NUM_INTRAOP_THREADS: values.threads, OMP_NUM_THREADS: values.threads, APOLAB_BACKEND: 'tensorflow' };
const given = {
  model: path.join(inputs, 'smollm2'),
  pairs: path.join(inputs, 'clair.jsonl'),
  tokens: Number(values.tokens),
  threads: Number(values.threads),
};
const sides = {
  apolab: [process.execPath, 'here.mjs'],
  transformers: [python, 'transformers_here.py'],
};

mkdirSync(folder, { recursive: true });
await run(python, [path.join(import.meta.dirname, '../training/inputs.py'), inputs]);

const rows = [];
for (const batch of values.batches.split(',').map(Number)) {
  const runs = { apolab: [], transformers: [] };
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [side, [command, program]] of Object.entries(sides)) {
      const result = await run(
        command,
        [path.join(import.meta.dirname, program), JSON.stringify({ ...given, batch })],
        env,
      );
      runs[side].push(result);
      console.error(`batch ${batch}, ${side}: ${(result.generated / result.seconds).toFixed(1)} tokens/s`);
    }
  }
  rows.push({ batch, sameRows: sameRows(runs), runs });
}
const machine = `${os.cpus()[0].model.trim()}, ${os.availableParallelism()} processors, Node ${process.version}`;
writeFileSync(path.join(folder, 'generation.json'), `${JSON.stringify({ machine, given, rows }, null, 1)}\n`);
console.log(markdown());

/** How many prompts have the same tokens on both sides. */
function sameRows({ apolab, transformers }) {
  return apolab[0].responses.filter((ids, row) => ids.join() === transformers[0].responses[row].join()).length;
}

function markdown() {
  const middle = (runs, key) => median(runs.map((result) => result[key]));
  const lines = rows.flatMap(({ batch, sameRows: same, runs }) =>
    Object.entries(runs).map(([side, all]) => {
      const ratio = side === 'apolab' ? '' : (middle(all, 'seconds') / middle(runs.apolab, 'seconds')).toFixed(2);
      const text = side === 'apolab' ? '' : `${same} of ${batch}`;
      const rate = (all[0].generated / middle(all, 'seconds')).toFixed(1);
      return `| ${side}, batch ${batch} | ${rate} | ${ratio} | ${middle(all, 'firstToken').toFixed(1)} | ${text} |`;
    }),
  );
  return [
    `Medians of ${values.rounds} on ${machine}.`,
    '',
    '| | tokens/s | ratio | s from loading to the first token | same tokens |',
    '| --- | --: | --: | --: | --: |',
    ...lines,
  ].join('\n');
}
