import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { launcher } from '../../kernel/kernelspec/launcher.js';
import { packageRoot } from '../../src/core/packageRoot.js';

type Kernelspec = typeof import('../../kernel/kernelspec/index.js');

// The built module: the spec names the file beside it, which Jupyter will start.
let kernelspec: Kernelspec;
let prefix: string;

beforeAll(async () => {
  kernelspec = (await import(path.join(packageRoot, 'dist/kernel/kernelspec/index.js'))) as Kernelspec;
  prefix = await mkdtemp(path.join(tmpdir(), 'apolab-prefix-'));
});
afterEach(() => void vi.unstubAllEnvs());

describe('the kernelspec', () => {
  it('is a folder with kernel.json, absolute paths and logos', async () => {
    const folder = await kernelspec.installKernelspec({ prefix });
    expect(folder).toBe(path.join(prefix, 'share/jupyter/kernels/apolab'));
    const files = ['kernel.json', 'logo-32x32.png', 'logo-64x64.png', 'logo-svg.svg', 'start.sh'];
    expect((await readdir(folder)).sort()).toEqual(files);
    expect(JSON.parse(await readFile(path.join(folder, 'kernel.json'), 'utf8'))).toEqual({
      argv: [
        '/bin/sh',
        path.join(folder, 'start.sh'),
        path.join(packageRoot, 'dist/kernel/main.js'),
        '{connection_file}',
      ],
      display_name: 'TypeScript (apolab)',
      language: 'typescript',
      interrupt_mode: 'message',
      metadata: { debugger: false },
    });
  });

  it('is written over one whose Node has moved', async () => {
    const folder = await kernelspec.installKernelspec({ prefix, name: 'moved' });
    await writeFile(path.join(folder, 'kernel.json'), '{"argv": ["/gone/node"]}');
    await kernelspec.installKernelspec({ prefix, name: 'moved' });
    expect(await readFile(path.join(folder, 'kernel.json'), 'utf8')).toContain('dist/kernel/main.js');
    expect(await readFile(path.join(folder, 'start.sh'), 'utf8')).toContain(`recorded='${process.execPath}'`);
  });

  it('is listed in the folders that Jupyter searches, and gone after uninstall', async () => {
    vi.stubEnv('VIRTUAL_ENV', prefix);
    vi.stubEnv('JUPYTER_DATA_DIR', path.join(prefix, 'user'));
    await kernelspec.installKernelspec({ sysPrefix: true, name: 'one' });
    await kernelspec.installKernelspec({ user: true, name: 'two' });
    const folders = async () => (await kernelspec.listKernelspecs()).map(({ folder }) => folder);
    const user = path.join(prefix, 'user/kernels/two');
    expect(await folders()).toEqual(expect.arrayContaining([path.join(prefix, 'share/jupyter/kernels/one'), user]));
    expect(await kernelspec.uninstallKernelspec({ user: true, name: 'two' })).toBe(user);
    expect(await folders()).not.toContain(user);
    expect(await kernelspec.uninstallKernelspec({ user: true, name: 'two' })).toBeUndefined();
  });

  it('comes with the extension that redraws figures, which goes with the last spec', async () => {
    const share = path.join(prefix, 'shared');
    for (const name of ['first', 'second']) await kernelspec.installKernelspec({ prefix: share, name });
    const extension = path.join(share, 'share/jupyter/labextensions/apolab-figures');
    const { jupyterlab } = JSON.parse(await readFile(path.join(extension, 'package.json'), 'utf8')) as {
      jupyterlab: { _build: { load: string } };
    };
    expect(await readFile(path.join(extension, jupyterlab._build.load), 'utf8')).toContain('Plotly.react');
    await kernelspec.uninstallKernelspec({ prefix: share, name: 'first' });
    expect(await readdir(path.dirname(extension))).toEqual(['apolab-figures']);
    await kernelspec.uninstallKernelspec({ prefix: share, name: 'second' });
    expect(await readdir(path.dirname(extension))).toEqual([]);
  });

  it('goes to the active environment, named by either of its variables', () => {
    vi.stubEnv('VIRTUAL_ENV', '');
    vi.stubEnv('CONDA_PREFIX', prefix);
    expect(kernelspec.kernelspecFolder({ sysPrefix: true })).toBe(path.join(prefix, 'share/jupyter/kernels/apolab'));
    vi.stubEnv('CONDA_PREFIX', '');
    expect(() => kernelspec.kernelspecFolder({ sysPrefix: true })).toThrow('no Python environment is active');
  });

  it('that starts a missing file is listed with its fix', async () => {
    vi.stubEnv('JUPYTER_DATA_DIR', path.join(prefix, 'moved'));
    const folder = await kernelspec.installKernelspec({ user: true, name: 'old' });
    const file = path.join(folder, 'kernel.json');
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll(packageRoot, '/moved/away'));
    const listed = (await kernelspec.listKernelspecs()).find((spec) => spec.folder === folder);
    expect(listed).toMatchObject({
      gone: '/moved/away/dist/kernel/main.js',
      fix: 'npx apolab install --user --name old',
    });
    await kernelspec.installKernelspec({ user: true, name: 'old' });
    expect((await kernelspec.listKernelspecs()).find((spec) => spec.folder === folder)?.gone).toBeUndefined();
  });

  it('of another kernel is neither listed nor removed', async () => {
    vi.stubEnv('JUPYTER_DATA_DIR', path.join(prefix, 'others'));
    const others = {
      python3: '{"argv": ["python", "-m", "ipykernel"], "display_name": "Python"}',
      bad: '{',
      odd: '{}',
    };
    for (const [name, text] of Object.entries(others)) {
      const folder = path.join(prefix, 'others/kernels', name);
      await mkdir(folder, { recursive: true });
      await writeFile(path.join(folder, 'kernel.json'), text);
      await expect(kernelspec.uninstallKernelspec({ user: true, name })).rejects.toThrow("is another kernel's");
    }
    const names = (await kernelspec.listKernelspecs()).map(({ name }) => name);
    for (const name of Object.keys(others)) expect(names).not.toContain(name);
  });

  it('refuses names that Jupyter would refuse', async () => {
    await expect(kernelspec.installKernelspec({ prefix, name: '../up' })).rejects.toThrow(
      "'../up' is not a name for a kernel",
    );
  });
});

describe.skipIf(process.platform === 'win32')('its start script', () => {
  let home: string;
  beforeEach(async () => (home = await mkdtemp(path.join(tmpdir(), "apolab home, it's "))));

  /** A program that prints a version for `--version`, and its arguments otherwise. */
  async function fakeNode(file: string, version: string): Promise<string> {
    const node = path.join(home, file);
    await mkdir(path.dirname(node), { recursive: true });
    await writeFile(node, `#!/bin/sh\n[ "$1" = --version ] && echo v${version} || printf '%s|' "${version}" "$@"\n`);
    await chmod(node, 0o755);
    return node;
  }

  /** Starts a kernel's main.js in a folder with spaces, and returns its output. */
  async function start(recorded: string, minimum = '20.19') {
    const script = path.join(home, 'start.sh');
    const main = path.join(home, 'main.js');
    await writeFile(script, launcher(recorded, minimum));
    await writeFile(main, '');
    const env = { HOME: home, PATH: `${path.join(home, 'bin')}:/usr/bin:/bin` };
    return new Promise<{ code: number; output: string }>((resolve) => {
      const child = execFile('/bin/sh', [script, main, 'the file'], { env }, (_error, stdout, stderr) =>
        resolve({ code: child.exitCode ?? -1, output: (stdout + stderr).replaceAll(home, '~') }),
      );
    });
  }

  it('starts the Node that it was written with', async () => {
    const recorded = await fakeNode('old versions/node', '20.19.0');
    await fakeNode('bin/node', '24.0.0');
    expect((await start(recorded)).output).toBe('20.19.0|~/main.js|the file|');
  });

  it.each([
    ['20.19.0', true],
    ['22.1.0', true],
    ['100.0.1', true],
    ['20.18.9', false],
    ['18.20.4', false],
    ['not a version', false],
  ])('takes one that is new enough when that is gone: %s is, %s', async (version, taken) => {
    await fakeNode('bin/node', version);
    await fakeNode('.nvm/versions/node/v30.0.0/bin/node', '30.0.0');
    const { output } = await start('/gone/node');
    expect(output).toBe(taken ? `${version}|~/main.js|the file|` : '30.0.0|~/main.js|the file|');
  });

  it.each([
    '.nvm/versions/node/v99.1.0/bin/node',
    '.local/share/fnm/node-versions/v99.1.0/installation/bin/node',
    'Library/Application Support/fnm/node-versions/v99.1.0/installation/bin/node',
    '.volta/tools/image/node/99.1.0/bin/node',
    '.local/share/mise/installs/node/99.1.0/bin/node',
    '.asdf/installs/nodejs/99.1.0/bin/node',
  ])('finds the one of a version manager: ~/%s', async (file) => {
    await fakeNode(file, '99.1.0');
    expect((await start('/gone/node', '99.0')).output).toBe('99.1.0|~/main.js|the file|');
  });

  it('says what to do if there is none, and if the kernel itself is gone', async () => {
    const none = await start('/gone/node', '99.0');
    expect(none.code).toBe(1);
    expect(none.output).toMatch(
      /^apolab: \/gone\/node is gone, and no other Node 99\.0 or newer was found\. .*npm run setup/,
    );

    const recorded = await fakeNode('node', '20.19.0');
    await start(recorded);
    const script = path.join(home, 'start.sh');
    await rename(path.join(home, 'main.js'), path.join(home, 'moved.js'));
    const gone = await new Promise<string>((resolve) =>
      execFile('/bin/sh', [script, path.join(home, 'main.js')], (_error, _stdout, stderr) => resolve(stderr)),
    );
    expect(gone).toContain('main.js is gone: the folder was moved or removed. In the new one: npm run setup');
  });
});
