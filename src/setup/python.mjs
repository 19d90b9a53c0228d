/**
 * Finds a Python that can make a virtual environment: runs every likely command name and takes the first that is suitable.
 */
import { spawnSync } from 'node:child_process';
import { SetupError } from './explain.mjs';

/**
 * What one command printed about itself.
 * @typedef {{ command: string, executable: string, version: [number, number], modules: boolean }} Python
 */

/** The oldest minor version of Python 3 that the pinned packages run on. */
const oldestMinor = 10;

/** Command names to try, the likeliest first; the Windows launcher `py -3` last. */
const names = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python', 'py -3'];

// The base executable, because the command may be in the .venv that is about to be rebuilt.
const question = `
import importlib.util as u, json, sys
print(json.dumps({
  "executable": getattr(sys, "_base_executable", None) or sys.executable,
  "version": list(sys.version_info[:2]),
  "modules": all(u.find_spec(name) for name in ("venv", "ensurepip")),
}))`;

/**
 * The Python of the environment variable PYTHON, else the first suitable one.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {Python} throws a SetupError that says what to install if there is none
 */
export function findPython(env = process.env) {
  const wanted = env.PYTHON;
  const answers = [];
  for (const command of wanted ? [wanted] : names) {
    const answer = describePython(command, env);
    if (answer !== undefined && isSuitable(answer)) return answer;
    if (answer !== undefined) answers.push(answer);
  }
  throw new SetupError(noPythonMessage(answers, wanted, process.platform));
}

/** @param {Python} python */
function isSuitable({ version: [major, minor], modules }) {
  return major === 3 && minor >= oldestMinor && modules;
}

/**
 * @param {string} command
 * @param {NodeJS.ProcessEnv} env
 * @returns {Python | undefined} undefined if no Python has that name
 */
function describePython(command, env) {
  // A path may hold spaces; only the launcher's name is a command with an argument.
  const [program = command, ...rest] = command === 'py -3' ? ['py', '-3'] : [command];
  const { status, stdout } = spawnSync(program, [...rest, '-c', question], { env, encoding: 'utf8', timeout: 20_000 });
  return status === 0 && stdout.trim().startsWith('{') ? { command, ...JSON.parse(stdout) } : undefined;
}

/** @type {Readonly<Partial<Record<NodeJS.Platform, { install: string, venv: string }>>>} */
const fixes = {
  linux: {
    install: 'sudo apt install python3 python3-venv (Debian, Ubuntu) or sudo dnf install python3 (Fedora)',
    venv: 'sudo apt install python3-venv (Debian, Ubuntu)',
  },
  darwin: { install: 'brew install python3', venv: 'brew install python3' },
  win32: { install: 'winget install Python.Python.3.13', venv: 'winget install Python.Python.3.13' },
};

/**
 * Why none of the Pythons is suitable, and what to install.
 *
 * @param {readonly Python[]} answers
 * @param {string | undefined} wanted the PYTHON environment variable
 * @param {NodeJS.Platform} platform
 * @returns {string}
 */
export function noPythonMessage(answers, wanted, platform) {
  const fix = fixes[platform] ?? {
    install: 'https://www.python.org/downloads/',
    venv: 'reinstall Python with all its modules',
  };
  const orName = wanted
    ? 'Or unset PYTHON so that apolab searches for one, then run the command again.'
    : 'Or set PYTHON=/path/to/python3 to one that you have, then run the command again.';
  const recent = answers.find(({ version: [major, minor] }) => major === 3 && minor >= oldestMinor);
  if (recent !== undefined) {
    return `${recent.command} (Python ${recent.version.join('.')}) has no venv module. Install it: ${fix.venv}. ${orName}`;
  }
  const seen = answers.map(({ command, version }) => `${command} is ${version.join('.')}`).join(', ');
  const found = wanted
    ? `PYTHON=${wanted} is not a Python 3.${oldestMinor} or newer${seen && ` (${seen})`}`
    : `no Python 3.${oldestMinor} or newer was found${seen && ` (${seen})`}`;
  return `${found}. Install it: ${fix.install}. ${orName}`;
}
