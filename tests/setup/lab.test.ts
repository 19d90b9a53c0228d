/** `npm start`: a real JupyterLab, with the requests that a browser sends. */
import { type ChildProcess, execFile } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { venvPython } from '../../src/commands/jupyterEnvironment.js';
import { packageRoot } from '../../src/core/packageRoot.js';
import { launch, type Outcome, startLaunch } from './miniature.js';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('npm start -- --no-browser --port N', () => {
  let port: number;
  let server: ChildProcess;
  let outcome: Promise<Outcome>;
  let address: URL;

  beforeAll(async () => {
    port = await freePort();
    ({ child: server, outcome } = startLaunch(packageRoot, ['lab', '--no-browser', '--port', String(port)]));
    address = await new Promise<URL>((resolve, reject) => {
      let printed = '';
      server.stdout?.on('data', (data: Buffer) => {
        printed += data.toString();
        const found = /http:\S+\?token=\S+/.exec(printed);
        if (found) resolve(new URL(found[0]));
      });
      void outcome.then(({ stderr }) => reject(new Error(stderr)));
    });
  });
  afterAll(() => void server.kill('SIGKILL'));

  const get = (name: string, token = address.searchParams.get('token') ?? '') =>
    fetch(new URL(name, address), { headers: { Authorization: `token ${token}` } });

  it('prints the address with the token, on this machine and that port', () => {
    const page = 'lab/tree/notebooks/first-steps\\.ipynb';
    expect(address.href).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${String(port)}/${page}\\?token=[0-9a-f]{48}$`));
  });

  it('lists notebooks only, and serves what they link to', async () => {
    const { content } = (await (await get('/api/contents/notebooks')).json()) as {
      content: { name: string; type: string }[];
    };
    const files = content.filter(({ type }) => type !== 'directory').map(({ name }) => name);
    expect(files.sort()).toEqual(['ablation-grid.ipynb', 'first-steps.ipynb', 'preference-data.ipynb']);
    expect((await get('/api/contents/datasets/workshop/README.md?content=0')).status).toBe(200);
  });

  it('offers our kernel as the default', async () => {
    const specs = (await (await get('/api/kernelspecs')).json()) as {
      default: string;
      kernelspecs: Record<string, { spec: { display_name: string } }>;
    };
    expect(specs.default).toBe('apolab');
    expect(specs.kernelspecs.apolab?.spec.display_name).toBe('TypeScript (apolab)');
  });

  it('refuses requests without the token', async () => {
    expect((await get('/api/kernelspecs', 'wrong')).status).toBe(403);
  });

  it('does not use the internet for news, updates or extensions', async () => {
    const page = await (await get('/lab')).text();
    expect(page).toMatch(/"news": \{"disabled": true\}/);
    const settings = (await (await get('/lab/api/settings/@jupyterlab/apputils-extension:notification')).json()) as {
      schema: { properties: Record<string, { default: unknown }> };
    };
    expect(settings.schema.properties.fetchNews?.default).toBe('false');
    expect(settings.schema.properties.checkForUpdates?.default).toBe(false);
  });

  it('runs 1 + 2 in a kernel started over REST and answers with an execute_result of 3', async () => {
    const script = path.join(packageRoot, 'tests/setup/run_cell.py');
    const { stdout } = await promisify(execFile)(venvPython, [script, address.href, '1 + 2']);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'ok', result: { 'text/plain': '3' } });
  });

  it('says so if the port is taken', async () => {
    const { code, stderr } = await launch(packageRoot, ['lab', '--no-browser', '--port', String(port)]);
    expect(code).toBe(1);
    expect(stderr).toContain(`If port ${String(port)} is taken, choose another with --port.`);
  });

  it('ends on Ctrl-C with 0, and the server with it', async () => {
    server.kill('SIGINT');
    expect((await outcome).code).toBe(0);
    await expect(get('/api/kernelspecs')).rejects.toThrow('fetch failed');
  });
});
