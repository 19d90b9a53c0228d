/** `npm test`: vitest, with every argument handed on and vitest's own exit code. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { ApolabError } from '../core/errors.js';
import { isInstalledPackage, packageRoot } from '../core/packageRoot.js';
import { defineCommand } from './options/defineCommand.js';

/** The command, for the table of commands. */
export const testCommand = () =>
  defineCommand({
    name: 'test',
    description: 'run the tests (vitest); arguments go to vitest as they are',
    operands: [{ name: '[vitest...]', help: 'files, names and options of vitest' }],
    options: {},
    passUnknownOptions: true,
    examples: ['npm test -- tests/objectives -t dpo'],
    run: async (_, args) => {
      if (isInstalledPackage) throw new ApolabError('the tests are in the repository, not in the package.');
      const vitest = path.join(packageRoot, 'node_modules', 'vitest', 'vitest.mjs');
      const child = spawn(process.execPath, [vitest, 'run', ...args], { cwd: packageRoot, stdio: 'inherit' });
      // Ctrl-C reaches vitest too; this process waits until vitest has cleaned up.
      process.on('SIGINT', () => undefined);
      process.on('SIGTERM', () => child.kill('SIGTERM'));
      const [code] = (await once(child, 'exit')) as [number | null];
      process.exitCode = code ?? 1;
    },
  });
