/**
 * `npm start`: JupyterLab on this machine only, opened on notebooks/first-steps.ipynb, with our kernel as the default. From an
 * installed package it opens `notebooks/` in the current folder, which is filled with copies of the examples if there is none.
 *
 * Settings that are the same in every run are in src/setup/jupyter/jupyter_server_config.json (address, default kernel, nothing
 * fetched from the internet, what the file list hides); folder, token and port are on Jupyter's command line.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidArgumentError } from 'commander';
import { ApolabError } from '../core/errors.js';
import { isInstalledPackage } from '../core/packageRoot.js';
import { fallbackNote } from '../tensor/tensorflowFiles.js';
import { jupyterEnvironment, jupyterRuntime, venvPython } from './jupyterEnvironment.js';
import { prepareLabFolder } from './labFolder.js';
import { defineCommand } from './options/defineCommand.js';
import { type OptionsOf, optionTable } from './options/optionTable.js';

const labOptions = optionTable({
  browser: { negated: true, help: 'only print the address' },
  port: {
    value: '<number>',
    help: 'the port to listen on',
    parse: parsePort,
    shownDefault: '8888, or the next free one',
  },
  root: {
    value: '<folder>',
    help: 'the folder to serve; it opens on notebooks/first-steps.ipynb in it, if that is there',
    parse: (folder: string) => path.resolve(folder),
    shownDefault: isInstalledPackage ? 'the current folder' : "the project's folder",
  },
  token: { value: '<token>', help: 'the token in the address', shownDefault: 'random' },
});

/** The command, for the table of commands. */
export const labCommand = () =>
  defineCommand({
    name: 'lab',
    description: 'open JupyterLab on notebooks/first-steps.ipynb with the kernel "TypeScript (apolab)"',
    operands: [{ name: '[jupyter...]', help: 'further arguments go to JupyterLab as they are' }],
    options: labOptions,
    passUnknownOptions: true,
    examples: ['npm start -- --no-browser --port 8899'],
    run: async (options, further) => {
      const note = fallbackNote();
      if (note !== undefined) console.error(note);
      process.exitCode = await runLab(options, further);
    },
  });

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new InvalidArgumentError('A port is 1 to 65535.');
  return port;
}

/** Runs JupyterLab until it ends or is stopped; returns the exit code. */
async function runLab(options: OptionsOf<typeof labOptions>, further: readonly string[]): Promise<number> {
  const { browser, port, token = randomBytes(24).toString('hex') } = options;
  const { root, start, page } = await prepareLabFolder(options.root);
  await mkdir(jupyterRuntime, { recursive: true });
  const args = [
    `--ServerApp.root_dir=${root}`,
    `--FileContentsManager.preferred_dir=${start}`,
    `--LabApp.default_url=/${page}`,
    `--IdentityProvider.token=${token}`,
    ...(browser ? [] : ['--no-browser']),
    // Without retries Jupyter ends if the port is taken; a script that waits at that port would wait for ever.
    ...(port === undefined ? [] : [`--port=${port}`, '--ServerApp.port_retries=0']),
    ...further,
  ];
  const server = spawn(venvPython, ['-m', 'jupyterlab', ...args], {
    cwd: root,
    env: jupyterEnvironment(),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const stopped = stopOnSignal(server);
  const ended = once(server, 'exit') as Promise<[number | null]>;
  const address = await Promise.race([whenReady(token, page, server), ended.then(() => undefined)]);
  if (address !== undefined) {
    console.log(`JupyterLab is ready, with the kernel "TypeScript (apolab)":\n\n    ${address}\n\nCtrl-C stops it.`);
  }
  const [code] = await ended;
  if (stopped()) return 0;
  if (address === undefined) {
    const hint = port === undefined ? '' : ` If port ${port} is taken, choose another with --port.`;
    throw new ApolabError(`JupyterLab did not start; its own message is above.${hint}`);
  }
  return code ?? 1;
}

/** Ends the server on Ctrl-C and similar signals: the first time so that it can end its kernels, the second time at once. */
function stopOnSignal(server: ChildProcess): () => boolean {
  let signals = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      signals += 1;
      server.kill(signals === 1 ? 'SIGTERM' : 'SIGKILL');
    });
  }
  return () => signals > 0;
}

/** The address of the page with the token. The server's own address is read from the file that the server writes to the run-time folder once it listens. */
async function whenReady(token: string, page: string, server: ChildProcess): Promise<string | undefined> {
  while (server.exitCode === null && server.signalCode === null) {
    for (const name of await readdir(jupyterRuntime)) {
      if (!/^jpserver-\d+\.json$/.test(name)) continue;
      const written = await readServerFile(path.join(jupyterRuntime, name));
      if (written?.token === token) return `${written.url}${page}?token=${encodeURIComponent(token)}`;
    }
    await sleep(100);
  }
  return undefined;
}

/** The file of a server; undefined if it is half written or already deleted. */
async function readServerFile(file: string): Promise<{ token: string; url: string } | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as { token: string; url: string };
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
