/**
 * `apolab backend`: which backends there are and which one runs. `apolab backend tensorflow` builds TensorFlow first, which
 * the launcher does (src/setup/main.mjs); here it is only shown.
 */
import { Command } from 'commander';

interface Row {
  readonly name: string;
  readonly installed: boolean;
  readonly default: boolean;
  readonly description: string;
}

export function backendCommand(): Command {
  return new Command('backend')
    .description("show the tensor backends; 'backend tensorflow' builds TensorFlow against its wheel from PyPI")
    .argument('[name]', 'the backend to build and to start')
    .option('--json', 'report as JSON')
    .addHelpText(
      'after',
      '\nA session chooses its backend by APOLAB_BACKEND=wasm, a command by --backend wasm, a cell by await useBackend("wasm").' +
        '\n\nExample:\n  $ npx apolab backend tensorflow',
    )
    .action(async (name: string | undefined, { json }: { json?: true }) => {
      // Loaded here, so that `apolab --help` does not wait for TensorFlow.js.
      const { backendIds, backends, describeBackend, useBackend } = await import('../tensor/index.js');
      const active = await useBackend(name);
      const rows = backendIds.map((id): Row => ({
        name: id,
        installed: backends[id].isInstalled(),
        default: id === active,
        description: backends[id].description,
      }));
      if (json) console.log(JSON.stringify({ backend: active, device: describeBackend(), backends: rows }, null, 2));
      else {
        for (const row of rows)
          console.log(
            `${row.default ? '*' : ' '} ${row.name.padEnd(11)} ${row.installed ? row.description : 'not built here; npx apolab backend ' + row.name}`,
          );
        console.log(`\nRunning: ${describeBackend()}`);
      }
    });
}
