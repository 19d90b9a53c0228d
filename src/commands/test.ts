/** `npm test`: vitest, with every argument passed through and vitest's own exit code. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { Command } from 'commander';
import { packageRoot } from '../core/packageRoot.js';

export function testCommand(): Command {
  return new Command('test')
    .description('run the tests (vitest); arguments go to vitest as they are')
    .argument('[vitest...]', 'files, names and options of vitest')
    .allowUnknownOption()
    .addHelpText('after', '\nExample:\n  $ npm test -- tests/objectives -t dpo')
    .action(async (args: string[]) => {
      const vitest = path.join(packageRoot, 'node_modules', 'vitest', 'vitest.mjs');
      const child = spawn(process.execPath, [vitest, 'run', ...args], { cwd: packageRoot, stdio: 'inherit' });
      // Ctrl-C reaches vitest too; we stay until it has cleaned up.
      process.on('SIGINT', () => undefined);
      process.on('SIGTERM', () => child.kill('SIGTERM'));
      const [code] = (await once(child, 'exit')) as [number | null];
      process.exitCode = code ?? 1;
    });
}
