/**
 * The Python that has torch, transformers, TRL and PEFT, for the golden files and the benchmarks. GOLDEN_PYTHON names one; without it,
 * requirements.txt is installed into .golden-venv, once.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { findPython } from '../../src/setup/python.mjs';
import { isStamped, keyOf, writeStamp } from '../../src/setup/stamp.mjs';

const venv = path.join(import.meta.dirname, '..', '..', '.golden-venv');
const requirements = path.join(import.meta.dirname, 'requirements.txt');

/** The command of that Python. */
export function goldenPython() {
  return process.env.GOLDEN_PYTHON || environment();
}

/** The Python of .golden-venv, which is created if it is missing, incomplete, or made from other requirements. */
function environment() {
  const inside = path.join(venv, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const key = keyOf([readFileSync(requirements)]);
  if (isStamped(venv, key)) return inside;
  const found = findPython();
  const [major, minor] = found.version;
  if (minor < 11) {
    fail(
      `The golden files need Python 3.11 or later, and ${found.command} is ${major}.${minor}. ` +
        'Name another with PYTHON=/path/to/python3.11, or one that has the packages with GOLDEN_PYTHON.',
    );
  }
  console.error('Installing torch, transformers, TRL and PEFT into .golden-venv; this may take minutes.');
  rmSync(venv, { recursive: true, force: true });
  const install = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--quiet', '-r', requirements];
  if (run(found.executable, ['-m', 'venv', venv]) !== 0 || run(inside, install) !== 0) {
    fail(
      'The packages could not be installed (see above). Run the command again when there is a network, or name a ' +
        'Python that has the packages of tests/golden/requirements.txt with GOLDEN_PYTHON.',
    );
  }
  writeStamp(venv, key, [path.relative(venv, inside)]);
  return inside;
}

/** The exit status of a command that shares this terminal. */
export function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (error !== undefined) fail(`${command} does not start: ${error.message}`);
  return status ?? 1;
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
