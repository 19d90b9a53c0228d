/**
 * `apolab install`, `uninstall` and `list`: where Jupyter finds the kernel.
 *
 * Set-up has installed it for the project's own JupyterLab; these commands are for another Jupyter, such as VS Code's. They are
 * the only files of src/ that import from the kernel, through one door.
 */
import {
  installKernelspec,
  kernelspecFolder,
  listKernelspecs,
  uninstallKernelspec,
} from '../../kernel/kernelspec/index.js';
import { ApolabError } from '../core/errors.js';
import { defineCommand } from './options/defineCommand.js';
import { optionTable } from './options/optionTable.js';
import { jsonOption } from './options/sharedOptions.js';

/** The options that name a Jupyter. */
const placeOptions = optionTable({
  user: { help: 'your own Jupyter folder' },
  sysPrefix: { help: 'the Python environment that is active' },
  prefix: { value: '<folder>', help: 'the Python environment in that folder' },
  name: { value: '<name>', help: "the kernel's name in Jupyter", default: 'apolab' },
  ...jsonOption,
});

/** `apolab install`, for the table of commands. */
export const installCommand = () =>
  defineCommand({
    name: 'install',
    description: 'install the kernel in a Jupyter (by default in the one that set-up installed)',
    options: placeOptions,
    examples: ['npx apolab install --user'],
    run: async ({ json, ...place }) => {
      const folder = await withApolabErrors(() => installKernelspec(place));
      console.log(json ? JSON.stringify({ folder }) : `Installed in ${folder}`);
    },
  });

/** `apolab uninstall`, for the table of commands. */
export const uninstallCommand = () =>
  defineCommand({
    name: 'uninstall',
    description: 'remove the kernel from a Jupyter',
    options: placeOptions,
    examples: ['npx apolab uninstall --user'],
    run: async ({ json, ...place }) => {
      const folder = await withApolabErrors(() => uninstallKernelspec(place));
      if (folder === undefined) throw new ApolabError(`there is no kernel in ${kernelspecFolder(place)}.`);
      console.log(json ? JSON.stringify({ folder }) : `Removed ${folder}`);
    },
  });

/** `apolab list`, for the table of commands. */
export const listCommand = () =>
  defineCommand({
    name: 'list',
    description: 'list where the kernel is installed',
    options: jsonOption,
    examples: ['npx apolab list --json'],
    run: async ({ json }) => {
      const found = await withApolabErrors(listKernelspecs);
      if (json) console.log(JSON.stringify(found, null, 2));
      else
        for (const { name, displayName, folder, gone, fix } of found) {
          const broken = gone === undefined ? '' : `  (broken: ${gone} is gone; install it again: ${fix})`;
          console.log(`${name}  ${displayName}  ${folder}${broken}`);
        }
    },
  });

/** The kernel's messages are for the person at the terminal too, but the kernel does not import ApolabError. */
async function withApolabErrors<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw new ApolabError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
