// Converts pairs JSONL -> Parquet -> JSONL with the built library and, beside it, with Python's `datasets` and pyarrow:
// rates and peak memory at two sizes, the second ten times the first. Prints one JSON object.
//
//   npm run build && node tests/bench/pairs/convert.mjs [--pairs 1000000] [--out FILE]
//
// GOLDEN_PYTHON is a Python with `datasets`; without it only apolab is measured. The larger size needs 4 GB in the folder of
// temporary files.
import { spawnSync } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';

const here = import.meta.dirname;
const { values } = parseArgs({ options: { pairs: { type: 'string', default: '1000000' }, out: { type: 'string' } } });
const large = Number(values.pairs);
const python = process.env.GOLDEN_PYTHON;
const folder = mkdtempSync(path.join(os.tmpdir(), 'apolab-bench-'));

/** About a kilobyte per pair, all different, from a linear congruential generator, so that every run has the same pairs. */
async function writeJsonl(file, count) {
  const words =
    'the a coin apple costs five because of it we sell 東京 naïve and then here more or less nothing 😀 stones'.split(
      ' ',
    );
  let state = 7;
  const draw = (limit) => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) % limit;
  const text = (length) => Array.from({ length }, () => words[draw(words.length)]).join(' ');
  const stream = createWriteStream(file);
  for (let row = 0; row < count; row += 1) {
    const answer = text(70);
    const pair = {
      prompt: `${text(20)} (${row})`,
      chosen: [{ role: 'assistant', content: `${answer} ${text(10)}` }],
      rejected: [{ role: 'assistant', content: `${answer} ${text(8)}` }],
      rationale: text(12),
      score_chosen: 5 + draw(50) / 10,
      score_rejected: draw(50) / 10,
      id: row,
    };
    pair.prompt = [{ role: 'user', content: pair.prompt }];
    if (!stream.write(`${JSON.stringify(pair)}\n`)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'finish');
}

async function sha256(file) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}

/** One conversion in a process of its own: seconds and peak memory. */
function measure(command, args) {
  const { stdout, stderr, status } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, HF_HUB_OFFLINE: '1' },
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stderr}`);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

const byApolab = (from, to) => measure(process.execPath, [path.join(here, 'convertHere.mjs'), from, to]);
const byPython = (how) => (from, to) => measure(python, ['-B', path.join(here, 'convert.py'), how, from, to]);

async function run(convert, count, source, name) {
  const [parquet, jsonl] = ['parquet', 'jsonl'].map((ending) => path.join(folder, `${name}-${count}.${ending}`));
  const there = convert(source, parquet);
  const back = convert(parquet, jsonl);
  const describe = ({ seconds, peakBytes }) => ({
    seconds: Number(seconds.toFixed(1)),
    pairsPerSecond: Math.round(count / seconds),
    peakMegabytes: Math.round(peakBytes / 1e6),
  });
  const result = {
    toParquet: { ...describe(there), megabytes: Math.round(statSync(parquet).size / 1e6) },
    toJsonl: describe(back),
    ...(name === 'apolab' ? { sameBytes: (await sha256(source)) === (await sha256(jsonl)) } : {}),
  };
  rmSync(parquet);
  rmSync(jsonl);
  return result;
}

try {
  const report = { cores: os.availableParallelism(), node: process.version, sizes: {} };
  for (const count of [large / 10, large]) {
    const source = path.join(folder, `source-${count}.jsonl`);
    await writeJsonl(source, count);
    report.sizes[count] = {
      sourceMegabytes: Math.round(statSync(source).size / 1e6),
      apolab: await run(byApolab, count, source, 'apolab'),
    };
    if (python !== undefined && existsSync(python)) {
      for (const how of ['datasets', 'pyarrow']) {
        report.sizes[count][how] = await run(byPython(how), count, source, how);
      }
    }
    rmSync(source);
  }
  const [small, whole] = Object.values(report.sizes);
  const ratio = (one, other) => Number((one / other).toFixed(2));
  report.apolabMemoryGrowth = {
    toParquet: ratio(whole.apolab.toParquet.peakMegabytes, small.apolab.toParquet.peakMegabytes),
    toJsonl: ratio(whole.apolab.toJsonl.peakMegabytes, small.apolab.toJsonl.peakMegabytes),
  };
  for (const how of ['datasets', 'pyarrow'].filter((how) => how in whole)) {
    report[`timesAsLongAs_${how}`] = {
      toParquet: ratio(whole.apolab.toParquet.seconds, whole[how].toParquet.seconds),
      toJsonl: ratio(whole.apolab.toJsonl.seconds, whole[how].toJsonl.seconds),
    };
  }
  const text = JSON.stringify(report, null, 2);
  if (values.out !== undefined) writeFileSync(values.out, `${text}\n`);
  console.log(text);
} finally {
  rmSync(folder, { recursive: true });
}
