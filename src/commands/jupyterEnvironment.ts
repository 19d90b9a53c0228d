/**
 * The Jupyter that set-up installs inside the project, and the environment to run it in.
 *
 * Jupyter by itself reads and writes the home folder. Here its settings, data and run-time files are in `.venv`, so that every
 * machine runs the same Jupyter, and deleting the project leaves nothing behind.
 */
import path from 'node:path';
import { dataFolder, packageRoot } from '../core/packageRoot.js';

/** The folder of the virtual environment that set-up makes. */
export const venv = path.join(dataFolder, '.venv');

const onWindows = process.platform === 'win32';

/** The folder of its commands (`jupyter`, `jupyter-lab`, ...). */
export const venvBin = path.join(venv, onWindows ? 'Scripts' : 'bin');

/** Its Python. */
export const venvPython = path.join(venvBin, onWindows ? 'python.exe' : 'python');

/** The folder in which a running Jupyter server writes its address, and every kernel its connection file. */
export const jupyterRuntime = path.join(venv, 'var', 'jupyter', 'runtime');

/**
 * The environment variables for every Jupyter program that is started here.
 *
 * @example
 * spawn(venvPython, ['-m', 'jupyter', 'kernelspec', 'list'], { env: jupyterEnvironment() });
 */
export function jupyterEnvironment(base: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const own = path.join(venv, 'var', 'jupyter');
  return {
    ...base,
    VIRTUAL_ENV: venv,
    PATH: [venvBin, base.PATH].filter(Boolean).join(path.delimiter),
    PYTHONHOME: undefined,
    PYTHONPATH: undefined,
    JUPYTER_CONFIG_PATH: path.join(packageRoot, 'src', 'setup', 'jupyter'),
    JUPYTER_CONFIG_DIR: path.join(own, 'config'),
    JUPYTER_DATA_DIR: path.join(own, 'data'),
    JUPYTER_RUNTIME_DIR: jupyterRuntime,
    JUPYTER_PREFER_ENV_PATH: '1',
    JUPYTERLAB_SETTINGS_DIR: path.join(own, 'lab', 'settings'),
    JUPYTERLAB_WORKSPACES_DIR: path.join(own, 'lab', 'workspaces'),
    IPYTHONDIR: path.join(own, 'ipython'),
  };
}
