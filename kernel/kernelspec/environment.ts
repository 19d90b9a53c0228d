/** The folders that environment variables choose. */
import { homedir } from 'node:os';
import path from 'node:path';

/** The value of the first of these variables that is set and not empty. */
const fromEnvironment = (...names: string[]): string | undefined =>
  names.map((name) => process.env[name]).find((value) => value !== undefined && value !== '');

/** The folder of the active Python environment; `undefined` if none is active. */
export const activeEnvironment = () => fromEnvironment('VIRTUAL_ENV', 'CONDA_PREFIX');

/** The person's own Jupyter folder, by the same rules as jupyter_core. */
export function userDataFolder(): string {
  const given = fromEnvironment('JUPYTER_DATA_DIR');
  if (given !== undefined) return given;
  if (process.platform === 'darwin') return path.join(homedir(), 'Library/Jupyter');
  if (process.platform === 'win32') return path.join(fromEnvironment('APPDATA') ?? homedir(), 'jupyter');
  return path.join(fromEnvironment('XDG_DATA_HOME') ?? path.join(homedir(), '.local/share'), 'jupyter');
}
