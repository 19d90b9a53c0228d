/**
 * The command line: `apolab <command>`. The commands are in the table of commands/.
 *
 * It runs after set-up (src/setup/launch.mjs makes sure of that and then calls `main`), so it may import any package.
 */
import { Command } from 'commander';
import { commands } from './commands/index.js';
import { ApolabError } from './core/errors.js';
import { packageVersion } from './core/packageRoot.js';

/**
 * Runs one command. An ApolabError or a full disk is printed as one sentence and sets the exit code to 1; any other error keeps
 * its stack.
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
  // Only this command is loaded: each of the others would load its own imports too.
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

/** Sentences for errors of the disk. Files saved before are whole, because each is written under another name and then renamed. */
const diskErrors: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full. Free space, then run the same command again; files that were saved before are whole.',
  EDQUOT:
    'Your quota on this disk is used up. Free space, then run the same command again; files that were saved before are whole.',
  EROFS: 'This disk is read-only. Give a folder on another one.',
};

/** The sentence for the person at the terminal; undefined for an unexpected error, which keeps its stack. */
function messageFor(error: unknown): string | undefined {
  if (error instanceof ApolabError) return error.message;
  if (!(error instanceof Error && 'code' in error)) return undefined;
  const words = diskErrors[String(error.code)];
  return words === undefined ? undefined : `${words} (${error.message})`;
}
