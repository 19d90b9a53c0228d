// `npm run bench:kernel`: installs the built kernel into a temporary folder and starts bench.py.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { installKernelspec } from '../../../dist/kernel/kernelspec/index.js';
import { jupyterEnvironment, venvPython } from '../../../dist/src/commands/jupyterEnvironment.js';

const prefix = mkdtempSync(path.join(os.tmpdir(), 'apolab-bench-'));
await installKernelspec({ prefix, name: 'apolab-bench' });
const script = path.join(import.meta.dirname, 'bench.py');
const child = spawn(venvPython, [script, '--prefix', prefix, ...process.argv.slice(2)], {
  env: { ...jupyterEnvironment(), JUPYTER_PATH: path.join(prefix, 'share/jupyter') },
  stdio: 'inherit',
});
// Ctrl-C reaches Python too; it ends its kernels first.
process.on('SIGINT', () => undefined);
child.on('exit', (code) => {
  rmSync(prefix, { recursive: true, force: true });
  process.exitCode = code ?? 1;
});
