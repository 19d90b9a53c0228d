/**
 * `apolab install`, `uninstall` and `list`: where Jupyter finds the kernel.
 *
 * Set-up has installed it for the project's own JupyterLab; these are for a Jupyter that is elsewhere, VS Code say.
 * This is the one place of src/ that opens the kernel's door: the command line is the rim of both.
 */
import { Command } from 'commander';
import {
  type InstallOptions,
  installKernelspec,
  kernelspecFolder,
  listKernelspecs,
  uninstallKernelspec,
} from '../../kernel/kernelspec/index.js';
import { ApolabError } from '../core/errors.js';

type Options = InstallOptions & { readonly json?: true };

export function installCommand(): Command {
  return placed('install', 'tell a Jupyter about the kernel (without a place: the one in this folder)')
    .addHelpText('after', '\nExample:\n  $ npx apolab install --user')
    .action(async ({ json, ...options }: Options) => {
      const folder = await told(() => installKernelspec(options));
      console.log(json ? JSON.stringify({ folder }) : `Installed in ${folder}`);
    });
}

export function uninstallCommand(): Command {
  return placed('uninstall', 'remove the kernel from a Jupyter')
    .addHelpText('after', '\nExample:\n  $ npx apolab uninstall --user')
    .action(async ({ json, ...options }: Options) => {
      const folder = await told(() => uninstallKernelspec(options));
      if (folder === undefined) throw new ApolabError(`there is no kernel in ${kernelspecFolder(options)}.`);
      console.log(json ? JSON.stringify({ folder }) : `Removed ${folder}`);
    });
}

export function listCommand(): Command {
  return new Command('list')
    .description('list where the kernel is installed')
    .option('--json', 'report as JSON')
    .addHelpText('after', '\nExample:\n  $ npx apolab list --json')
    .action(async ({ json }: { json?: true }) => {
      const found = await told(listKernelspecs);
      if (json) console.log(JSON.stringify(found, null, 2));
      else
        for (const { name, displayName, folder, gone, fix } of found) {
          const broken = gone === undefined ? '' : `  (broken: ${gone} is gone; make it anew: ${fix})`;
          console.log(`${name}  ${displayName}  ${folder}${broken}`);
        }
    });
}

/** A command with the options that name a place. */
function placed(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--user', "the person's own Jupyter folder")
    .option('--sys-prefix', 'the Python environment that is active')
    .option('--prefix <folder>', 'the Python environment in that folder')
    .option('--name <name>', 'the name for Jupyter', 'apolab')
    .option('--json', 'report as JSON');
}

/** The kernel's errors are for the person, too, though it cannot know our class of them. */
async function told<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw new ApolabError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
