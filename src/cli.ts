/**
 * The command line: `apolab <command>`. It knows no command itself; the table in commands/ does.
 *
 * It runs after set-up (src/setup/launch.mjs ensures that and then calls `main`), so it may import anything.
 */
import { Command } from 'commander';
import { commands } from './commands/index.js';
import { ApolabError } from './core/errors.js';
import { packageVersion } from './core/packageRoot.js';

/**
 * Runs one command; sets the exit code to 1 where it fails with a message meant for the person at the terminal.
 *
 * @example
 * await main(['doctor', '--json']);
 */
export async function main(args: readonly string[]): Promise<void> {
  const program = new Command('apolab')
    .description('A TypeScript kernel for Jupyter with a preference-alignment laboratory preloaded.')
    .version(packageVersion)
    .showHelpAfterError('(apolab --help lists the commands)')
    .addHelpText(
      'after',
      '\nExample:\n  $ npx apolab doctor\n\nEvery command explains itself: apolab <command> --help',
    );
  // Only the command at hand is loaded: the others would each bring their room, and TensorFlow.js with it.
  const [name = ''] = args;
  const wanted = Object.entries(commands).filter(([id]) => id === name);
  for (const [, load] of wanted.length > 0 ? wanted : Object.entries(commands)) program.addCommand(await load());
  if (args.length === 0) {
    program.outputHelp();
    return;
  }
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    const message = messageFor(error);
    if (message === undefined) throw error;
    console.error(`apolab: ${message}`);
    process.exitCode = 1;
  }
}

/** What the system says of a disk, in words; what was saved before is whole, since files are written beside and renamed. */
const diskErrors: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full. Free space, then run the same command again; what was saved before is whole.',
  EDQUOT: 'Your quota on this disk is used up. Free space, then run the same command again; what was saved is whole.',
  EROFS: 'This disk may only be read. Give a folder on another one.',
};

/** The words for the person at the terminal; undefined for an error that nobody meant, which keeps its stack. */
function messageFor(error: unknown): string | undefined {
  if (error instanceof ApolabError) return error.message;
  if (!(error instanceof Error && 'code' in error)) return undefined;
  const words = diskErrors[String(error.code)];
  return words === undefined ? undefined : `${words} (${error.message})`;
}
