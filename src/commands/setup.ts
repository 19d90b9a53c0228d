/** `apolab setup`: set-up alone. The launcher has done it before any command runs, so this only says so. */
import { dataFolder, isInstalledPackage } from '../core/packageRoot.js';
import { defineCommand } from './options/defineCommand.js';
import { jsonOption } from './options/sharedOptions.js';

/** The command, for the table of commands. */
export const setupCommand = () =>
  defineCommand({
    name: 'setup',
    description:
      'install what apolab needs: npm packages and the compiled kernel (in a checkout), JupyterLab, TensorFlow',
    options: { force: { help: 'do every step again, done or not' }, ...jsonOption },
    examples: ['npm run setup -- --force'],
    run: ({ json }) => {
      console.log(
        json
          ? JSON.stringify({ ready: true, folder: dataFolder })
          : `apolab is set up. Next: ${isInstalledPackage ? 'npx apolab lab' : 'npm start'}`,
      );
    },
  });
