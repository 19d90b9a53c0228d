/**
 * `npm start`: JupyterLab on this machine only, opened on notebooks/, with our kernel as the default.
 *
 * Everything that does not change between runs stands in src/setup/jupyter/jupyter_server_config.json (address, default
 * kernel, nothing fetched from the internet); what does, the token and the port, is given on Jupyter's command line.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { ApolabError } from '../core/errors.js';
import { jupyterEnvironment, jupyterRuntime, venvPython } from './jupyterEnvironment.js';
import { packageRoot } from '../core/packageRoot.js';

interface LabOptions {
  readonly browser: boolean;
  readonly port?: number;
  readonly token?: string;
}

export function labCommand(): Command {
  return new Command('lab')
    .description('open JupyterLab on notebooks/ with the kernel "TypeScript (apolab)"')
    .option('--no-browser', 'only print the address')
    .option('--port <number>', 'the port to listen on (8888, or the next free one)', parsePort)
    .option('--token <token>', 'the token that the address carries (random)')
    .argument('[jupyter...]', 'further arguments go to JupyterLab as they are')
    .allowUnknownOption()
    .addHelpText('after', '\nExample:\n  $ npm start -- --no-browser --port 8899')
    .action(async (further: string[], options: LabOptions) => {
      process.exitCode = await runLab(options, further);
    });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new InvalidArgumentError('A port is 1 to 65535.');
  return port;
}

/** Runs JupyterLab until it ends or somebody stops it; gives the exit code. */
async function runLab({ browser, port, token = randomBytes(24).toString('hex') }: LabOptions, further: string[]) {
  const notebooks = path.join(packageRoot, 'notebooks');
  await mkdir(notebooks, { recursive: true });
  await mkdir(jupyterRuntime, { recursive: true });
  const args = [
    notebooks,
    `--IdentityProvider.token=${token}`,
    ...(browser ? [] : ['--no-browser']),
    // A port asked for by number is that one or none; a script that waits there must not wait for ever.
    ...(port === undefined ? [] : [`--port=${port}`, '--ServerApp.port_retries=0']),
    ...further,
  ];
  const server = spawn(venvPython, ['-m', 'jupyterlab', ...args], {
    cwd: packageRoot,
    env: jupyterEnvironment(),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const stopped = stopOnSignal(server);
  const ended = once(server, 'exit') as Promise<[number | null]>;
  const address = await Promise.race([whenReady(token, server), ended.then(() => undefined)]);
  if (address !== undefined) {
    console.log(`JupyterLab is ready, with the kernel "TypeScript (apolab)":\n\n    ${address}\n\nCtrl-C stops it.`);
  }
  const [code] = await ended;
  if (stopped()) return 0;
  if (address === undefined) {
    const where = port === undefined ? '' : ` If port ${port} is taken, choose another with --port.`;
    throw new ApolabError(`JupyterLab did not start; its own message stands above.${where}`);
  }
  return code ?? 1;
}

/** Ends the server on Ctrl-C and its like: once politely, so that it can end its kernels; a second time at once. */
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

/** The server's address, with the token, once it listens: it then leaves a note in the run-time folder. */
async function whenReady(token: string, server: ChildProcess): Promise<string | undefined> {
  while (server.exitCode === null && server.signalCode === null) {
    for (const name of await readdir(jupyterRuntime)) {
      if (!/^jpserver-\d+\.json$/.test(name)) continue;
      const note = await readNote(path.join(jupyterRuntime, name));
      if (note?.token === token) return `${note.url}lab?token=${encodeURIComponent(token)}`;
    }
    await sleep(100);
  }
  return undefined;
}

/** A server's note; nothing while it is still being written or already deleted. */
async function readNote(file: string): Promise<{ token: string; url: string } | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as { token: string; url: string };
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
