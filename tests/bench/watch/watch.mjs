// What watch() costs: the time of a training run with it, divided by that of the same run without, in a real kernel.
//
//   npm run build && node tests/bench/watch/watch.mjs [--rounds 6] [--steps 400] [--sampled]
//
// Runs alternate: without, with, with, without ... Prints JSON: the ratio of each round and their median, in time and in CPU time of the kernel's main thread, the redraws of the curves
// per second with the longest time between two, and the load of the machine. --sampled adds two prompts every tenth of the run.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { installKernelspec } from '../../../dist/kernel/kernelspec/index.js';
import { jupyterEnvironment, venvPython } from '../../../dist/src/commands/jupyterEnvironment.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '6' },
    steps: { type: 'string', default: '400' },
    sampled: { type: 'boolean', default: false },
  },
});
const prefix = mkdtempSync(path.join(os.tmpdir(), 'apolab-bench-'));
await installKernelspec({ prefix, name: 'apolab-bench' });
const script = path.join(import.meta.dirname, 'watch.py');
const child = spawn(venvPython, [script, values.rounds, values.steps, String(values.sampled)], {
  env: { ...jupyterEnvironment(), JUPYTER_PATH: path.join(prefix, 'share/jupyter') },
  stdio: 'inherit',
});
process.on('SIGINT', () => undefined);
child.on('exit', (code) => {
  rmSync(prefix, { recursive: true, force: true });
  process.exitCode = code ?? 1;
});
