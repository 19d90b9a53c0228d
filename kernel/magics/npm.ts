/** `%npm install PACKAGE`: packages for the notebook, in the notebook's own folder. */
import { spawn } from 'node:child_process';
import { KeyboardInterrupt } from '../language/interrupt.js';
import { done, MagicError, type Magic, type MagicCall } from './magic.js';

type FindNpm = (env: NodeJS.ProcessEnv) => { command: string; args: string[]; shell: boolean };

/** Set-up's own way to npm: it is there before anything is compiled, and so it is no module of this program. */
const setupSteps = new URL('../../../src/setup/steps.mjs', import.meta.url).href;

const commands = new Set(['install', 'i', 'add', 'uninstall', 'remove', 'rm', 'update', 'ls', 'list', 'outdated']);

export const npmMagic = {
  summary: "installs packages into the notebook's folder; the next cell can import them",
  usage: ['%npm install PACKAGE...', '%npm uninstall PACKAGE...', '%npm ls'],
  takes: 'nothing',
  async line(call) {
    const given = splitArguments(call.argument);
    const [command = ''] = given;
    if (!commands.has(command)) {
      throw new MagicError(
        `%npm can't '${command}'; it can: ${[...commands].join(', ')}. Example: %npm install lodash @types/lodash`,
      );
    }
    const { npmCommand } = (await import(setupSteps)) as { npmCommand: FindNpm };
    const npm = npmCommand(process.env);
    if (npm.shell) refuseShellSyntax(given);
    // Without a prefix npm takes the nearest folder above that has a package.json, which may be another project's.
    const code = await runNpm(npm, [...npm.args, ...given, '--prefix', process.cwd(), '--no-progress'], call);
    if (code !== 0) throw new MagicError(`npm ${given.join(' ')} failed (${code}); what it said stands above.`);
    return done;
  },
} satisfies Magic;

/** What `npm` says comes as it says it; an interrupt of the cell ends it. */
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
 * Words, of which quotes may enclose some; nothing else means anything, because no shell reads them.
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

/** Where npm is only a script of Windows's shell, that shell reads the arguments. */
function refuseShellSyntax(given: readonly string[]): void {
  const strange = given.find((word) => !/^[\w@./:~+=,-]+$/.test(word));
  if (strange !== undefined) {
    throw new MagicError(
      `'${strange}' holds characters that this system's shell would read as its own; leave them out.`,
    );
  }
}
