/** `apolab setup`: nothing but set-up, which the launcher has done by the time this runs. */
import { Command } from 'commander';
import { packageRoot } from '../core/packageRoot.js';

export function setupCommand(): Command {
  return new Command('setup')
    .description('install what apolab needs into this folder: npm packages, JupyterLab, the compiled kernel')
    .option('--force', 'do every step again, done or not')
    .option('--json', 'report as JSON')
    .addHelpText('after', '\nExample:\n  $ npm run setup -- --force')
    .action(({ json }: { json?: true }) => {
      console.log(json ? JSON.stringify({ ready: true, folder: packageRoot }) : 'apolab is set up. Next: npm start');
    });
}
