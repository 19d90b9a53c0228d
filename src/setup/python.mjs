/**
 * Finds a Python that can make a virtual environment: asks every likely name what it is, then picks the first that will do.
 */
import { spawnSync } from 'node:child_process';
import { SetupError } from './explain.mjs';

/**
 * What one command answered.
 * @typedef {{ command: string, executable: string, version: [number, number], modules: boolean }} Python
 */

/** The oldest minor version of Python 3 that the pinned packages run on. */
const oldestMinor = 10;

/** Names to try, the likeliest first; the Windows launcher `py -3` last. */
const names = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python', 'py -3'];

// The base executable, because the one asked may live in the very .venv that is about to be rebuilt.
const question = `
import importlib.util as u, json, sys
print(json.dumps({
  "executable": getattr(sys, "_base_executable", None) or sys.executable,
  "version": list(sys.version_info[:2]),
  "modules": all(u.find_spec(name) for name in ("venv", "ensurepip")),
}))`;

/**
 * @param {NodeJS.ProcessEnv} env PYTHON names the one to use, if the person wants to choose
 * @returns {Python} the first Python that will do; throws a SetupError with the cure where there is none
 */
export function findPython(env = process.env) {
  const wanted = env.PYTHON;
  const answers = [];
  for (const command of wanted ? [wanted] : names) {
    const answer = ask(command, env);
    if (answer !== undefined && willDo(answer)) return answer;
    if (answer !== undefined) answers.push(answer);
  }
  throw new SetupError(noPythonMessage(answers, wanted, process.platform));
}

/** @param {Python} python */
function willDo({ version: [major, minor], modules }) {
  return major === 3 && minor >= oldestMinor && modules;
}

/**
 * @param {string} command
 * @param {NodeJS.ProcessEnv} env
 * @returns {Python | undefined} nothing where no Python answers to that name
 */
function ask(command, env) {
  // A path may hold spaces; only the launcher's name is a command with an argument.
  const [program = command, ...rest] = command === 'py -3' ? ['py', '-3'] : [command];
  const { status, stdout } = spawnSync(program, [...rest, '-c', question], { env, encoding: 'utf8', timeout: 20_000 });
  return status === 0 && stdout.trim().startsWith('{') ? { command, ...JSON.parse(stdout) } : undefined;
}

/** @type {Readonly<Partial<Record<NodeJS.Platform, { install: string, venv: string }>>>} */
const cures = {
  linux: {
    install: 'sudo apt install python3 python3-venv (Debian, Ubuntu) or sudo dnf install python3 (Fedora)',
    venv: 'sudo apt install python3-venv (Debian, Ubuntu)',
  },
  darwin: { install: 'brew install python3', venv: 'brew install python3' },
  win32: { install: 'winget install Python.Python.3.13', venv: 'winget install Python.Python.3.13' },
};

/**
 * Why none of the Pythons will do, with the cure.
 *
 * @param {readonly Python[]} answers
 * @param {string | undefined} wanted the PYTHON environment variable
 * @param {NodeJS.Platform} platform
 * @returns {string}
 */
export function noPythonMessage(answers, wanted, platform) {
  const cure = cures[platform] ?? { install: 'https://www.python.org/downloads/', venv: 'reinstall Python whole' };
  const orName = wanted
    ? 'Or unset PYTHON to let apolab search, then run the command again.'
    : 'Or name one that you have with PYTHON=/path/to/python3, then run the command again.';
  const recent = answers.find(({ version: [major, minor] }) => major === 3 && minor >= oldestMinor);
  if (recent !== undefined) {
    return `${recent.command} (Python ${recent.version.join('.')}) has no venv module. Install it: ${cure.venv}. ${orName}`;
  }
  const seen = answers.map(({ command, version }) => `${command} is ${version.join('.')}`).join(', ');
  const found = wanted
    ? `PYTHON=${wanted} is no Python 3.${oldestMinor} or newer${seen && ` (${seen})`}`
    : `no Python 3.${oldestMinor} or newer was found${seen && ` (${seen})`}`;
  return `${found}. Install it: ${cure.install}. ${orName}`;
}
