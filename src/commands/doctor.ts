/**
 * `apolab doctor`: what runs here, on which versions, and how to fix what does not.
 *
 * A check is a row of a table: a function that reads one thing, returns what it found, and throws an `ApolabError` with the fix.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, statfs } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ApolabError } from '../core/errors.js';
import { isInstalledPackage, packageRoot, packageVersion, setupCommand } from '../core/packageRoot.js';
import {
  backendFallback,
  backendVariable,
  describeFallback,
  isTensorFlowInstalled,
  kernelInstructionSet,
  kernelsFallback,
  tensorFlowBuild,
} from '../tensor/tensorflowFiles.js';
import { jupyterEnvironment, venv, venvPython } from './jupyterEnvironment.js';
import { defineCommand } from './options/defineCommand.js';
import { jsonOption } from './options/sharedOptions.js';

const run = promisify(execFile);

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;

/** A check of apolab's own JupyterLab, which an installed package does not need: the kernel can be in another Jupyter. */
const ofOwnJupyter = (check: () => Promise<string>) => () =>
  isInstalledPackage && !existsSync(venv)
    ? 'not installed, not needed beside your own Jupyter: npx apolab setup'
    : check();

/** The version of a package in the virtual environment. */
async function pythonPackage(name: string): Promise<string> {
  if (!existsSync(venvPython)) throw new ApolabError(`${venv} is missing. Install it: ${setupCommand}`);
  const code = `import importlib.metadata as m; print(m.version("${name}"))`;
  const { stdout } = await run(venvPython, ['-c', code], { env: jupyterEnvironment() });
  return stdout.trim();
}

async function kernelspec(): Promise<string> {
  const file = path.join(venv, 'share', 'jupyter', 'kernels', 'apolab', 'kernel.json');
  if (!existsSync(file)) throw new ApolabError(`${file} is missing. Install it: ${setupCommand}`);
  const { argv } = JSON.parse(await readFile(file, 'utf8')) as { argv: string[] };
  const gone = argv.filter((word) => path.isAbsolute(word)).find((word) => !existsSync(word));
  if (gone !== undefined)
    throw new ApolabError(
      `it starts ${gone}, which is gone. Install it again: ${setupCommand}${isInstalledPackage ? '' : ' --'} --force`,
    );
  return file;
}

/** Other places in which the kernel is installed, such as VS Code's Jupyter. */
async function otherKernelspecs(): Promise<string> {
  const { listKernelspecs } = await import('../../kernel/kernelspec/index.js');
  const others = (await listKernelspecs()).filter(({ folder }) => !folder.startsWith(venv + path.sep));
  const broken = others.filter(({ gone }) => gone !== undefined);
  if (broken.length > 0) {
    const lines = broken.map(
      ({ folder, gone, fix }) => `${folder} starts ${gone!}, which is gone. Install it again: ${fix}`,
    );
    throw new ApolabError(lines.join('\n'));
  }
  return others.map(({ folder }) => folder).join(', ') || 'none';
}

/** A way of computing that works but is slower than what this machine could have. */
class SlowerError extends ApolabError {}

/** The backend that runs here, its version, device and threads. */
async function backend(): Promise<string> {
  const { describeBackend, useBackend } = await import('../tensor/index.js');
  await useBackend();
  return describeBackend();
}

/** Whether TensorFlow runs here, and if not, why. */
async function tensorflow(): Promise<string> {
  const { activeBackend } = await import('../tensor/index.js');
  const fallback = backendFallback();
  if (fallback !== undefined) throw new SlowerError(describeFallback(fallback));
  if (activeBackend() !== 'tensorflow') return `${backendVariable} chose another backend`;
  const { compiler } = tensorFlowBuild();
  return compiler === undefined ? 'runs' : `runs, compiled with ${compiler}`;
}

/** The instruction set of the fused kernels, and those without kernels. */
function kernels(): string {
  const fallback = kernelsFallback();
  if (fallback !== undefined) throw new SlowerError(describeFallback(fallback));
  if (!isTensorFlowInstalled()) return 'none: they belong to TensorFlow';
  const missing = Object.entries(tensorFlowBuild().missing).map(
    ([name, reason]) => ` (not needed by this processor and missing: ${name}: ${reason})`,
  );
  return `${kernelInstructionSet() ?? 'none'}${missing.join('')}`;
}

const checks = {
  apolab: () => `${packageVersion} in ${packageRoot}`,
  node: () => `${process.versions.node} (${process.platform}-${process.arch}) at ${process.execPath}`,
  python: ofOwnJupyter(async () => (await run(venvPython, ['--version'])).stdout.trim().replace('Python ', '')),
  jupyterlab: ofOwnJupyter(() => pythonPackage('jupyterlab')),
  kernelspec: ofOwnJupyter(kernelspec),
  'other specs': otherKernelspecs,
  backend,
  tensorflow,
  kernels,
  threads: () => String(os.availableParallelism()),
  memory: () => `${gigabytes(os.freemem())} free of ${gigabytes(os.totalmem())}`,
  disk: async () => {
    const { bavail, bsize } = await statfs(packageRoot);
    return `${gigabytes(bavail * bsize)} free`;
  },
} satisfies Record<string, () => string | Promise<string>>;

/** `slow`: it works, but another way would be faster. Only `fail` makes the command exit with 1. */
type Status = 'ok' | 'slow' | 'fail';

const marks = { ok: 'ok  ', slow: 'SLOW', fail: 'FAIL' } as const satisfies Record<Status, string>;

interface Finding {
  readonly ok: boolean;
  readonly status: Status;
  readonly found: string;
}

async function examine(check: () => string | Promise<string>): Promise<Finding> {
  try {
    return { ok: true, status: 'ok', found: await check() };
  } catch (error) {
    const status = error instanceof SlowerError ? 'slow' : 'fail';
    return { ok: false, status, found: error instanceof Error ? error.message : String(error) };
  }
}

/** The command, for the table of commands. */
export const doctorCommand = () =>
  defineCommand({
    name: 'doctor',
    description: 'show what runs here (Node, Python, JupyterLab, kernel, backend) and what is wrong with it',
    options: jsonOption,
    examples: ['npx apolab doctor --json'],
    run: async ({ json }) => {
      const findings: Record<string, Finding> = {};
      for (const [name, check] of Object.entries(checks)) findings[name] = await examine(check);
      if (json) console.log(JSON.stringify(findings, null, 2));
      else {
        for (const [name, { status, found }] of Object.entries(findings))
          console.log(`${marks[status]} ${name.padEnd(11)} ${found}`);
      }
      if (Object.values(findings).some(({ status }) => status === 'fail')) process.exitCode = 1;
    },
  });
