/** `%npm install PACKAGE`: packages for the notebook, in the notebook's own folder. */
import { spawn } from 'node:child_process';
import { KeyboardInterrupt } from '../language/keyboardInterrupt.js';
import { done, MagicError, type Magic, type MagicCall } from './magic.js';

type FindNpm = (env: NodeJS.ProcessEnv) => { command: string; args: string[]; shell: boolean };

/** How set-up finds npm. Its file runs before anything is compiled, so it is not a module of this program. */
const setupSteps = new URL('../../../src/setup/steps.mjs', import.meta.url).href;

const commands = new Set(['install', 'i', 'add', 'uninstall', 'remove', 'rm', 'update', 'ls', 'list', 'outdated']);

/** `%npm`. Rejects with a MagicError if npm can't start or fails, and with a KeyboardInterrupt if the cell is interrupted. */
export const npmMagic = {
  summary: "installs packages into the notebook's folder; the next cell can import them",
  usage: ['%npm install PACKAGE...', '%npm uninstall PACKAGE...', '%npm ls'],
  takes: 'nothing',
  async line(call) {
    const given = splitArguments(call.argument);
    const [command = ''] = given;
    if (!commands.has(command)) {
      throw new MagicError(
        `%npm does not know '${command}'; it knows: ${[...commands].join(', ')}. Example: %npm install lodash @types/lodash`,
      );
    }
    const { npmCommand } = (await import(setupSteps)) as { npmCommand: FindNpm };
    const npm = npmCommand(process.env);
    if (npm.shell) refuseShellSyntax(given);
    // Without a prefix npm takes the nearest folder above that has a package.json, which may be another project's.
    const code = await runNpm(npm, [...npm.args, ...given, '--prefix', process.cwd(), '--no-progress'], call);
    if (code !== 0) throw new MagicError(`npm ${given.join(' ')} failed (${code}); its output is above.`);
    return done;
  },
} satisfies Magic;

/** Runs npm and prints its output as it comes; an interrupt of the cell ends it. */
function runNpm(
  { command, shell }: ReturnType<FindNpm>,
  given: readonly string[],
  { print }: MagicCall,
): Promise<number | string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, given, { shell, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    let interrupted = false;
    const stop = () => {
      interrupted = true;
      child.kill('SIGINT');
    };
    process.on('SIGINT', stop);
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', print);
    child.on('error', (error) => reject(new MagicError(`npm can't be started: ${error.message}`, { cause: error })));
    child.on('close', (code, signal) => {
      process.off('SIGINT', stop);
      if (interrupted) reject(new KeyboardInterrupt());
      else resolve(code ?? signal ?? 'ended');
    });
  });
}

/**
 * The words of an argument; quotes may enclose some. Nothing else has a meaning, because no shell reads them.
 *
 * @example
 * splitArguments('install "left-pad@>=1" lodash'); // ['install', 'left-pad@>=1', 'lodash']
 */
export function splitArguments(text: string): string[] {
  return Array.from(
    text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g),
    ([, double, single, plain]) => double ?? single ?? plain!,
  );
}

/** On Windows npm may be a script of the shell, and then the shell reads the arguments. */
function refuseShellSyntax(given: readonly string[]): void {
  const strange = given.find((word) => !/^[\w@./:~+=,-]+$/.test(word));
  if (strange !== undefined) {
    throw new MagicError(`'${strange}' has characters with a meaning for this system's shell; leave them out.`);
  }
}
