/**
 * TensorFlow for Node, made here: the JavaScript and C++ of @tensorflow/tfjs-node-gpu, compiled against the libraries that
 * TensorFlow's own wheel on PyPI carries. (The package itself would fetch a TensorFlow of 2022, and knows no recent GPU.)
 *
 * The wheel, the compiled binding and their stamp are in `.tensorflow`; the package's JavaScript, rolled into one file, loads the
 * binding from there (src/tensor/tensorflow.ts).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { SetupError } from './explain.mjs';
import { paths, root } from './paths.mjs';
import { Interrupted } from './runner.mjs';
import { keyOf, readRecord } from './stamp.mjs';

/** @typedef {import('./steps.mjs').Run} Run */

/** The version of TensorFlow; its wheels come for CPython 3.10 to 3.13. */
const version = '2.21.0';

/** A C++ compiler from PyPI, for machines without one. */
const zig = 'ziglang==0.15.2';

const avx2 = ['-mavx2', '-mfma', '-mf16c', '-mbmi', '-mbmi2', '-mlzcnt', '-mmovbe', '-mpopcnt'];
const avx512 = [...avx2, '-mavx512f', '-mavx512bw', '-mavx512cd', '-mavx512dq', '-mavx512vl'];

/**
 * Instruction sets that the fused kernels are compiled for, by architecture, the fastest first; tensorflow.ts loads the first one that the
 * processor has. No `-march=native`: what is built here must also run on another processor of the same architecture. The flags are
 * written out, because GCC 10 does not know the names x86-64-v3 and x86-64-v4.
 * @type {Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>}
 */
const instructionSets = { x64: { avx512: [...avx512, '-mprefer-vector-width=512'], avx2 }, arm64: { neon: [] } };

const library = path.join(paths.tensorflow, 'tensorflow');
const compiled = paths.binding;
const record = path.join(paths.tensorflow, '.apolab-tensorflow.json');
const nodePackage = paths.tensorflowSources;
/** @param {string} name */
const native = (name) => path.join(root, 'src/tensor/native', name);

/**
 * How the wheel is called and its libraries are linked, by platform; others have no backend to build.
 * @type {Readonly<Record<string, { wheel(gpu: boolean): string, libraries: readonly string[], flags: readonly string[] }>>}
 */
const platforms = {
  'linux-x64': {
    wheel: (gpu) => (gpu ? `tensorflow[and-cuda]==${version}` : `tensorflow-cpu==${version}`),
    libraries: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
    flags: ['-shared', '-pthread'],
  },
  'linux-arm64': {
    wheel: (gpu) => (gpu ? `tensorflow[and-cuda]==${version}` : `tensorflow==${version}`),
    libraries: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
    flags: ['-shared', '-pthread'],
  },
  // Untested: the wheel has the same layout, under the names of macOS.
  'darwin-arm64': {
    wheel: () => `tensorflow==${version}`,
    libraries: ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib'],
    flags: ['-bundle', '-undefined', 'dynamic_lookup'],
  },
};

const platform = platforms[`${process.platform}-${process.arch}`];

/**
 * The result of the last attempt. `missing` names the instruction sets whose kernels did not compile, each with the reason.
 * @typedef {{ key: string, ready: boolean, reason?: string, missing?: readonly string[] }} Outcome
 */

/** @returns {Outcome | undefined} nothing before the first attempt */
const tensorFlowOutcome = () => readRecord(record);

/** Whether there is nothing to do: it is built and in its place, or this machine was tried and cannot have it. */
export function isTensorFlowDone() {
  if (!existsSync(nodePackage) || platform === undefined) return true;
  const outcome = tensorFlowOutcome();
  if (outcome?.key !== buildKey()) return false;
  return !outcome.ready || [compiled, paths.process].every((file) => existsSync(file));
}

/**
 * Builds the binding and proves that it loads; what has been built already is only put in its place.
 *
 * @param {Run} run
 * @returns {Promise<void>} rejects with a SetupError where this machine cannot have it, which is kept with its reason
 */
export async function buildTensorFlow(run) {
  const key = buildKey();
  try {
    if (platform === undefined)
      throw new SetupError(`TensorFlow has no wheel for ${process.platform}-${process.arch}.`);
    const before = tensorFlowOutcome();
    let missing = before?.missing ?? [];
    if (before?.key !== key || !before.ready || !existsSync(compiled)) {
      rmSync(record, { force: true });
      if (installedWheel() !== wheelName()) await installWheel(run);
      missing = await compile(run);
    }
    await prove(run);
    remember({ key, ready: true, missing });
  } catch (error) {
    if (!(error instanceof SetupError) || error instanceof Interrupted) throw error;
    rmSync(compiled, { force: true });
    remember({ key, ready: false, reason: error.message.split('\n')[0] ?? '' });
    throw error;
  }
}

/** @param {Outcome} outcome */
function remember(outcome) {
  mkdirSync(paths.tensorflow, { recursive: true });
  writeFileSync(record, JSON.stringify(outcome));
}

/** Changes with everything that the binding is made of. The processor is not part of it: the binding runs on any. */
function buildKey() {
  return keyOf([
    readFileSync(new URL(import.meta.url)),
    readFileSync(native('kernels.cc')),
    readFileSync(native('process.cc')),
    readFileSync(path.join(nodePackage, 'package.json')),
    wheelName(),
    root,
  ]);
}

function wheelName() {
  return platform?.wheel(hasNvidiaGpu()) ?? 'none';
}

/** Whether NVIDIA's driver runs here. */
function hasNvidiaGpu() {
  return existsSync('/proc/driver/nvidia/version') || existsSync('/dev/nvidia0');
}

const wheelRecord = path.join(paths.tensorflow, '.apolab-wheel');

/** @returns {string | undefined} the requirement that lies there, whole */
function installedWheel() {
  return existsSync(wheelRecord) && existsSync(library) ? readFileSync(wheelRecord, 'utf8') : undefined;
}

/** @param {Run} run */
async function installWheel(run) {
  rmSync(paths.tensorflow, { recursive: true, force: true });
  mkdirSync(paths.tensorflow, { recursive: true });
  const wanted = wheelName();
  // On a CPU the wheel's libraries need nothing else; on a GPU the CUDA libraries are wheels of their own.
  await pipInstall(run, paths.tensorflow, wanted, wanted.includes('[') ? [] : ['--no-deps']);
  writeFileSync(wheelRecord, wanted);
}

/**
 * @param {Run} run
 * @param {string} folder
 * @param {string} requirement
 * @param {readonly string[]} [options]
 */
function pipInstall(run, folder, requirement, options = []) {
  const quiet = ['--disable-pip-version-check', '--no-input', '--progress-bar=off', '--no-compile'];
  // Few retries, so that a machine without a network does not wait for minutes.
  const patience = ['--retries=1', '--timeout=15'];
  return run(paths.venvPython, [
    '-m',
    'pip',
    'install',
    ...quiet,
    ...patience,
    ...options,
    '--target',
    folder,
    requirement,
  ]);
}

/** The instruction sets of this architecture with their compiler flags. */
const kernelSets = () => instructionSets[process.arch] ?? {};

/** @param {string} name of an instruction set */
const kernelsFile = (name) => path.join(paths.tensorflow, `kernels-${name}.node`);

/**
 * @param {Run} run
 * @returns {Promise<readonly string[]>} the instruction sets whose kernels did not compile, each with the reason
 */
async function compile(run) {
  if (platform === undefined) return [];
  const { command, args, env } = await compiler(run);
  const nodeHeaders = createRequire(import.meta.url).resolve('node-api-headers/package.json');
  const headers = [path.join(path.dirname(nodeHeaders), 'include')];
  /** @param {string} output @param {readonly string[]} what */
  const make = (output, what) => {
    // Removed first: a running kernel may have the old one mapped into its memory.
    rmSync(output, { force: true });
    return run(
      command,
      [
        ...args,
        '-std=c++17',
        '-fPIC',
        '-w',
        ...platform.flags,
        ...headers.map((folder) => `-I${folder}`),
        ...what,
        '-o',
        output,
      ],
      env === undefined ? {} : { env },
    );
  };
  headers.push(path.join(library, 'include'), path.join(nodePackage, 'binding'));
  const linked = [...platform.libraries.map((name) => path.join(library, name)), `-Wl,-rpath,${library}`];
  await make(paths.process, ['-O2', native('process.cc')]);
  await make(compiled, [
    '-O2',
    '-DNAPI_VERSION=8',
    '-DNODE_GYP_MODULE_NAME=tfjs_binding',
    ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => path.join(nodePackage, 'binding', name)),
    ...linked,
  ]);
  // Sums may be reordered, otherwise no loop that sums is vectorised; nothing here relies on the sign of zero or on floating-point traps.
  const arithmetic = ['-O3', '-fno-math-errno', '-fno-trapping-math', '-fassociative-math', '-fno-signed-zeros'];
  /** @type {string[]} */
  const missing = [];
  for (const [name, flags] of Object.entries(kernelSets())) {
    try {
      await make(kernelsFile(name), [...arithmetic, ...flags, native('kernels.cc'), ...linked]);
    } catch (error) {
      // Each set is a library of its own, so a compiler that cannot build one of them costs only its speed.
      if (!(error instanceof SetupError) || error instanceof Interrupted) throw error;
      rmSync(kernelsFile(name), { force: true });
      missing.push(`${name}: ${error.message.split('\n')[0]}`);
    }
  }
  return missing;
}

/**
 * The C++ compiler of this machine, or one from PyPI.
 *
 * @param {Run} run
 * @returns {Promise<{ command: string, args: readonly string[], env?: NodeJS.ProcessEnv }>}
 */
async function compiler(run) {
  const [named, ...flags] = (process.env.CXX ?? '').split(' ').filter((word) => word !== '');
  for (const command of named === undefined ? ['g++', 'clang++'] : [named]) {
    if (spawnSync(command, ['--version']).status === 0) return { command, args: flags };
  }
  const folder = path.join(paths.tensorflow, 'compiler');
  if (!existsSync(path.join(folder, 'ziglang'))) await pipInstall(run, folder, zig);
  return { command: paths.venvPython, args: ['-m', 'ziglang', 'c++'], env: { ...process.env, PYTHONPATH: folder } };
}

/** @param {Run} run loads the backend in a process of its own and multiplies two matrices */
async function prove(run) {
  const script = path.join(root, 'src/setup/proveTensorFlow.mjs');
  await run(process.execPath, [script]);
}
