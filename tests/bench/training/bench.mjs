/**
 * `npm run bench`: apolab and TRL on the same models and pairs. The sides of a case take turns, each run in a process of its own.
 *
 *   npm run bench -- [--rounds 5] [--threads 2] [--cases small,clair] [--sides apolab,trl] [--no-scaling] [--quick]
 *
 * Results go to results/bench/training.json, with what earlier runs measured for other cases, and as Markdown to standard output. TRL is
 * installed into .golden-venv (GOLDEN_PYTHON names another Python that has it).
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { goldenPython } from '../../golden/environment.mjs';
import { cases, scaling, sides } from './cases.mjs';
import { markdown } from './markdown.mjs';
import { run } from './run.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    cases: { type: 'string', default: Object.keys(cases).join() },
    sides: { type: 'string', default: Object.keys(sides).join() },
    'no-scaling': { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
  },
});
const here = import.meta.dirname;
const folder = path.join(here, '../../../results/bench');
const inputs = path.join(folder, 'inputs');
const file = path.join(folder, values.quick ? 'training-quick.json' : 'training.json');
const rounds = values.quick ? 1 : Number(values.rounds);
const env = { TF_NUM_INTRAOP_THREADS: values.threads, OMP_NUM_THREADS: values.threads, APOLAB_BACKEND: 'tensorflow' };
const python = goldenPython();

console.error('Models and pairs ...');
mkdirSync(folder, { recursive: true });
await run(python, [path.join(here, 'inputs.py'), inputs]);

const results = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { cases: {} };
results.machine = `${os.cpus()[0].model.trim()}, ${os.availableParallelism()} processors, Node ${process.version}`;
const names = (list) => list.split(',').filter((name) => name !== '');
for (const id of names(values.cases)) {
  const measured = (results.cases[id] = { load: [os.loadavg()[0]], runs: {} });
  for (let round = 0; round < rounds; round++)
    for (const side of names(values.sides)) (measured.runs[side] ??= []).push(await measure(id, side));
  measured.profile = (await measure(id, 'apolab', { profile: true })).profile;
  measured.load.push(os.loadavg()[0]);
  save();
}
if (!values['no-scaling']) {
  results.scaling = [];
  for (const row of values.quick ? scaling.filter(({ value }) => value <= 512) : scaling) {
    results.scaling.push({
      ...row,
      ...(await run(process.execPath, [path.join(here, 'shape.mjs'), JSON.stringify(row)], env)),
    });
    save();
  }
}
console.log(markdown(results));

/** One run of a side of a case. */
async function measure(id, side, more = {}) {
  const { model, pairs, rank, quick, ...settings } = cases[id];
  const { program, ...told } = sides[side];
  const given = {
    ...settings,
    ...told,
    ...more,
    model: path.join(inputs, model),
    pairs: path.join(inputs, `${pairs}.jsonl`),
    ...(rank === undefined ? {} : { adapter: path.join(inputs, 'adapter') }),
    threads: Number(values.threads),
    count: values.quick ? quick : linesOf(path.join(inputs, `${pairs}.jsonl`)),
  };
  const command = program.endsWith('.py') ? python : process.execPath;
  const result = await run(command, [path.join(here, program), JSON.stringify(given)], env);
  console.error(`${id}, ${side}: ${result.seconds.toFixed(1)} s, ${result.peakMB} MB`);
  return result;
}

function linesOf(name) {
  return readFileSync(name, 'utf8').trimEnd().split('\n').length;
}

function save() {
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
}
