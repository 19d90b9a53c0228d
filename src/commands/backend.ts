/**
 * `apolab backend`: which tensor backends there are and which one runs. For `apolab backend tensorflow` the launcher has built
 * TensorFlow before this runs (src/setup/main.mjs).
 */
import { defineCommand } from './options/defineCommand.js';
import { jsonOption } from './options/sharedOptions.js';

interface Row {
  readonly name: string;
  readonly installed: boolean;
  readonly default: boolean;
  readonly description: string;
}

/** The command, for the table of commands. */
export const backendCommand = () =>
  defineCommand({
    name: 'backend',
    description: "show the tensor backends; 'backend tensorflow' builds TensorFlow against its wheel from PyPI",
    operands: [{ name: '[name]', help: 'the backend to build and to start' }],
    options: jsonOption,
    notes: [
      'APOLAB_BACKEND=wasm sets the backend of a session, --backend wasm that of a command, await useBackend("wasm") that of a cell.',
    ],
    examples: ['npx apolab backend tensorflow'],
    run: async ({ json }, name) => {
      // Loaded here, so that `apolab --help` does not wait for TensorFlow.js.
      const { backendIds, backends, describeBackend, useBackend } = await import('../tensor/index.js');
      const { describeFallback, kernelsFallback } = await import('../tensor/tensorflowFiles.js');
      const active = await useBackend(name);
      const rows = backendIds.map((id): Row => ({
        name: id,
        installed: backends[id].isInstalled(),
        default: id === active,
        description: backends[id].description,
      }));
      if (json) console.log(JSON.stringify({ backend: active, device: describeBackend(), backends: rows }, null, 2));
      else console.log(`${rows.map(lineOf).join('\n')}\n\nRunning: ${describeBackend()}`);
      const slower = active === 'tensorflow' ? kernelsFallback() : undefined;
      if (slower !== undefined) console.error(describeFallback(slower));
    },
  });

function lineOf({ name, installed, default: active, description }: Row): string {
  const state = installed ? description : `not built here; npx apolab backend ${name}`;
  return `${active ? '*' : ' '} ${name.padEnd(11)} ${state}`;
}
