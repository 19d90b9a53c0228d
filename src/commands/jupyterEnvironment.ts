/**
 * The Jupyter that set-up installs inside the project, and the environment to run it in.
 *
 * Jupyter would read and write the person's home folder; here its settings, data and run-time files live in `.venv`, so
 * what works on one machine works on every other, and deleting the project leaves nothing behind.
 */
import path from 'node:path';
import { packageRoot } from '../core/packageRoot.js';

/** The virtual environment that set-up makes. */
export const venv = path.join(packageRoot, '.venv');

const onWindows = process.platform === 'win32';

/** Its commands' folder (`jupyter`, `jupyter-lab`, ...). */
export const venvBin = path.join(venv, onWindows ? 'Scripts' : 'bin');

/** Its Python. */
export const venvPython = path.join(venvBin, onWindows ? 'python.exe' : 'python');

/** Where a running Jupyter server leaves its address, and every kernel its connection file. */
export const jupyterRuntime = path.join(venv, 'var', 'jupyter', 'runtime');

/**
 * The environment for everything of Jupyter that we start.
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
