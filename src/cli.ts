/**
 * The command line: `apolab <command>`. It knows no command itself; the table in commands/ does.
 *
 * It runs after set-up (src/setup/launch.mjs ensures that and then calls `main`), so it may import anything.
 */
import { Command } from 'commander';
import { commands } from './commands/index.js';
import { ApolabError } from './errors.js';
import { packageVersion } from './packageRoot.js';

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
    if (!(error instanceof ApolabError)) throw error;
    console.error(`apolab: ${error.message}`);
    process.exitCode = 1;
  }
}
