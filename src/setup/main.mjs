/** Makes sure that set-up is done, then passes the command to the compiled command line. */
import { pathToFileURL } from 'node:url';
import { ensureSetUp } from './ensure.mjs';
import { SetupError } from './explain.mjs';
import { codeOf } from './lock.mjs';
import { isInstalledPackage, paths } from './paths.mjs';
import { Interrupted } from './runner.mjs';
import { steps } from './steps.mjs';

/** @typedef {import('./steps.mjs').Step} Step */

/**
 * Runs a command after set-up; a SetupError is printed and sets the exit code (130 after Ctrl-C, else 1).
 *
 * @param {readonly string[]} args the command and its arguments
 */
export async function main(args) {
  try {
    const force = args[0] === 'setup' && args.includes('--force');
    const wanted = neededSteps(args);
    const insist = args[0] === 'backend' && args[1] === 'tensorflow' ? steps.tensorflow : undefined;
    await ensureSetUp(wanted, { force, ...(insist !== undefined && wanted.includes(insist) ? { insist } : {}) });
    await runCommandLine(args);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`apolab: ${error.message}`);
    process.exitCode = error instanceof Interrupted ? 130 : 1;
  }
}

/** What commands of the installed package need; all others run with what npm installed. @type {Readonly<Record<string, Step[]>>} */
const packageSteps = {
  setup: [steps.python, steps.kernelspec, steps.tensorflow],
  lab: [steps.python, steps.kernelspec],
  reproduce: [steps.python, steps.kernelspec],
  // TensorFlow comes from PyPI, so it needs a Python.
  'backend tensorflow': [steps.python, steps.kernelspec, steps.tensorflow],
};

/**
 * The steps that a command needs. In a checkout help needs only the compiled command line, and every other command needs all
 * steps. In the installed package npm has done the first ones.
 *
 * @param {readonly string[]} args
 * @param {boolean} [installed] whether this is the installed package
 * @returns {Step[]}
 */
export function neededSteps(args, installed = isInstalledPackage) {
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  const help =
    own.length === 0 || own[0] === 'help' || own.some((word) => ['--help', '-h', '--version'].includes(word));
  if (!installed) return help ? [steps.packages, steps.build] : Object.values(steps);
  return help ? [] : (packageSteps[own.slice(0, 2).join(' ')] ?? packageSteps[own[0] ?? ''] ?? []);
}

/** @param {readonly string[]} args */
async function runCommandLine(args) {
  try {
    /** @type {{ main(args: readonly string[]): Promise<void> }} */
    const commandLine = await import(pathToFileURL(paths.cli).href);
    await commandLine.main(args);
  } catch (error) {
    if (codeOf(error) !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new SetupError(
      `${error instanceof Error ? error.message : error}\nA file of the installation is missing. Install again: ${isInstalledPackage ? 'npm install apolab' : 'npm run setup -- --force'}`,
    );
  }
}
