/**
 * The files and folders of set-up.
 *
 * In a checkout of the repository all are inside its folder: `node_modules`, `.venv`, `.tensorflow` and `dist` each have their own
 * stamp, so deleting one undoes exactly its step. `.setup` holds the lock and the log.
 *
 * In the package that npm installed, `dist` is part of the package, and `node_modules` is the user's. The package's folder may be
 * read-only, so `.venv`, `.tensorflow` and `.setup` are in a folder of the user's (src/core/packageRoot.ts has the same rule).
 */
import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of package.json. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** Whether this is the package that npm installed: a checkout has the sources and compiles them. */
export const isInstalledPackage = !existsSync(path.join(root, 'tsconfig.json'));

const windows = process.platform === 'win32';

/** The folder of what set-up makes. */
export const dataFolder = isInstalledPackage ? userFolder() : root;

/** @returns {string} a folder of the user's, one per version of the package */
function userFolder() {
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const { XDG_DATA_HOME = '', LOCALAPPDATA } = process.env;
  const local = windows && LOCALAPPDATA ? LOCALAPPDATA : path.join(os.homedir(), '.local', 'share');
  return path.join(path.isAbsolute(XDG_DATA_HOME) ? XDG_DATA_HOME : local, 'apolab', version);
}

const venv = path.join(dataFolder, '.venv');
const tensorflow = path.join(dataFolder, '.tensorflow');
const packages = path.join(root, 'dist/packages');

/** Absolute paths. */
export const paths = {
  nodeModules: path.join(root, 'node_modules'),
  venv,
  venvBin: path.join(venv, windows ? 'Scripts' : 'bin'),
  venvPython: path.join(venv, windows ? 'Scripts/python.exe' : 'bin/python'),
  kernelspec: path.join(venv, 'share/jupyter/kernels/apolab'),
  tensorflow,
  process: path.join(tensorflow, 'process.node'),
  /** TensorFlow's compiled binding, the JavaScript that loads it, and the folder with its C++ sources and package.json. */
  binding: path.join(tensorflow, 'tfjs_binding.node'),
  tensorflowCode: path.join(packages, 'tfjs-node-gpu.cjs'),
  tensorflowSources: isInstalledPackage
    ? path.join(packages, 'tfjs-node-gpu')
    : path.join(root, 'node_modules/@tensorflow/tfjs-node-gpu'),
  dist: path.join(root, 'dist'),
  cli: path.join(root, 'dist/src/cli.js'),
  lock: path.join(dataFolder, '.setup/lock'),
  log: path.join(dataFolder, '.setup/setup.log'),
  requirements: path.join(root, 'src/setup/requirements.txt'),
};

/**
 * A path for messages: relative to the project's folder in a checkout.
 *
 * @param {string} file
 */
export function shown(file) {
  return isInstalledPackage ? file : path.relative(root, file);
}
