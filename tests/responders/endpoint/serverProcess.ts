/** The server of server.mjs as a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { packageRoot } from '../../../src/core/packageRoot.js';

export interface ServerProcess {
  readonly baseUrl: string;
  /** The JSON of another address of the server, such as `log`. */
  read<Value>(address: string): Promise<Value>;
  close(): Promise<void>;
}

/** Tokens that the server charged for, by model. */
export interface Billed {
  readonly billed: Readonly<
    Record<string, { readonly input: number; readonly output: number; readonly requests: number }>
  >;
}

export async function startServer(
  mode: 'steady' | 'unreliable' | 'faulty' | 'shapes' | 'billing',
): Promise<ServerProcess> {
  const file = path.join(packageRoot, 'tests/responders/endpoint/server.mjs');
  const server = spawn(process.execPath, [file, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [address] = (await once(server.stdout, 'data')) as [Buffer];
  const baseUrl = address.toString().trim();
  return {
    baseUrl,
    read: async <Value>(name: string) => (await (await fetch(baseUrl.replace('/v1', `/${name}`))).json()) as Value,
    async close() {
      server.kill();
      await once(server, 'exit');
    },
  };
}
