/**
 * TensorFlow's wheel from PyPI in `.tensorflow`: its libraries and headers are what the binding is compiled against.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { paths } from './paths.mjs';

/** @typedef {import('./steps.mjs').Run} Run */

/** The version of TensorFlow; it has wheels for CPython 3.10 to 3.13. */
const version = '2.21.0';

/** The folder of the wheel's libraries and headers. */
export const library = path.join(paths.tensorflow, 'tensorflow');

/**
 * The name of the wheel and how to link its libraries, per platform. Other platforms have no backend to build.
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

/** This platform's row; undefined if TensorFlow has no wheel for it. */
export const platform = platforms[`${process.platform}-${process.arch}`];

/** @returns {string} what pip installs here: with CUDA if there is an NVIDIA GPU */
export function wheelName() {
  return platform?.wheel(hasNvidiaGpu()) ?? 'none';
}

/** Whether NVIDIA's driver runs here. */
function hasNvidiaGpu() {
  return existsSync('/proc/driver/nvidia/version') || existsSync('/dev/nvidia0');
}

const wheelRecord = path.join(paths.tensorflow, '.apolab-wheel');

/** @returns {string | undefined} the requirement that is installed completely */
function installedWheel() {
  return existsSync(wheelRecord) && existsSync(library) ? readFileSync(wheelRecord, 'utf8') : undefined;
}

/**
 * Installs the wheel if it is not there.
 *
 * @param {Run} run
 */
export async function installWheel(run) {
  const wanted = wheelName();
  if (installedWheel() === wanted) return;
  rmSync(paths.tensorflow, { recursive: true, force: true });
  mkdirSync(paths.tensorflow, { recursive: true });
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
export function pipInstall(run, folder, requirement, options = []) {
  const quiet = ['--disable-pip-version-check', '--no-input', '--progress-bar=off', '--no-compile'];
  // Few retries: without a network, the person should not wait minutes for the message.
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
