/**
 * The files and folders of set-up, all inside the project's folder.
 *
 * `node_modules`, `.venv`, `.tensorflow` and `dist` each have their own stamp, so deleting one undoes exactly its step. `.setup`
 * holds the lock and the log.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

const windows = process.platform === 'win32';

/** Absolute paths. */
export const paths = {
  nodeModules: path.join(root, 'node_modules'),
  venv: path.join(root, '.venv'),
  venvBin: path.join(root, '.venv', windows ? 'Scripts' : 'bin'),
  venvPython: path.join(root, '.venv', windows ? 'Scripts/python.exe' : 'bin/python'),
  kernelspec: path.join(root, '.venv/share/jupyter/kernels/apolab'),
  tensorflow: path.join(root, '.tensorflow'),
  process: path.join(root, '.tensorflow/process.node'),
  dist: path.join(root, 'dist'),
  cli: path.join(root, 'dist/src/cli.js'),
  lock: path.join(root, '.setup/lock'),
  log: path.join(root, '.setup/setup.log'),
  requirements: path.join(root, 'src/setup/requirements.txt'),
};
