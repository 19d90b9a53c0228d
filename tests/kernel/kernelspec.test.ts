import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { packageRoot } from '../../src/packageRoot.js';

type Kernelspec = typeof import('../../kernel/kernelspec/index.js');

// The built one: the spec names the file that Jupyter will start, beside it.
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
    expect((await readdir(folder)).sort()).toEqual(['kernel.json', 'logo-32x32.png', 'logo-64x64.png', 'logo-svg.svg']);
    expect(JSON.parse(await readFile(path.join(folder, 'kernel.json'), 'utf8'))).toEqual({
      argv: [process.execPath, path.join(packageRoot, 'dist/kernel/main.js'), '{connection_file}'],
      display_name: 'TypeScript (apolab)',
      language: 'typescript',
      interrupt_mode: 'message',
      metadata: { debugger: false },
    });
  });

  it('is written anew over one whose Node has moved', async () => {
    const folder = await kernelspec.installKernelspec({ prefix, name: 'moved' });
    await writeFile(path.join(folder, 'kernel.json'), '{"argv": ["/gone/node"]}');
    await kernelspec.installKernelspec({ prefix, name: 'moved' });
    const spec = JSON.parse(await readFile(path.join(folder, 'kernel.json'), 'utf8')) as { argv: string[] };
    expect(spec.argv[0]).toBe(process.execPath);
  });

  it('is listed where Jupyter looks for it, and gone after uninstall', async () => {
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

  it('refuses names that Jupyter would not take', async () => {
    await expect(kernelspec.installKernelspec({ prefix, name: '../up' })).rejects.toThrow(
      "'../up' is no name for a kernel",
    );
  });
});
