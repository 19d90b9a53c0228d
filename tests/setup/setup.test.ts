/** Set-up in a miniature project, with the real npm, venv, pip and compiler. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMiniature, launch, startLaunch } from './miniature.js';

const folders: string[] = [];
const miniature = () => {
  const folder = createMiniature();
  folders.push(folder);
  return folder;
};
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** The steps that ran, by the first words of their lines. */
const stepsOf = (stderr: string) =>
  [
    ...stderr.matchAll(/^(Installing npm|Installing JupyterLab|Compiling|Telling Jupyter).* \.\.\. (\w+), \d+ s$/gm),
  ].map(([, step, end]) => `${step} ${end}`);

const all = ['Installing npm done', 'Installing JupyterLab done', 'Compiling done', 'Telling Jupyter done'];

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}

describe('one project through its life', () => {
  let folder: string;
  beforeAll(() => {
    folder = miniature();
  });

  it('shows help of an empty clone without the Python half', async () => {
    const { code, stdout, stderr } = await launch(folder, ['--help']);
    expect(stderr).toMatch(/^Installing npm/);
    expect(stepsOf(stderr)).toEqual([all[0], all[2]]);
    expect([code, stdout]).toEqual([0, 'ran --help\n']);
  });

  it('does what is missing, then runs the command with its arguments', async () => {
    const { code, stdout, stderr } = await launch(folder, ['doctor', '--json', 'a b']);
    expect(stepsOf(stderr)).toEqual([all[1], all[3]]);
    expect([code, stdout]).toEqual([0, 'ran doctor --json a b\n']);
  });

  it('does nothing the second time', async () => {
    expect(await launch(folder, ['doctor'])).toEqual({ code: 0, stdout: 'ran doctor\n', stderr: '' });
  });

  it('links the command apolab', () => {
    const run = spawnSync(path.join(folder, 'node_modules/.bin/apolab'), ['x'], { encoding: 'utf8' });
    expect([run.status, run.stdout]).toEqual([0, 'ran x\n']);
  });

  it('compiles a changed source and nothing else', async () => {
    writeFileSync(path.join(folder, 'src/more.ts'), 'export const more = 1;\n');
    expect(stepsOf((await launch(folder, ['x'])).stderr)).toEqual(['Compiling done']);
    expect(existsSync(path.join(folder, 'dist/src/more.js'))).toBe(true);
  });

  it('says that a broken source does not compile, and continues once it is fixed', async () => {
    const file = path.join(folder, 'src/more.ts');
    writeFileSync(file, 'export const more: string = 1;\n');
    const broken = await launch(folder, ['x']);
    expect([broken.code, broken.stdout]).toEqual([1, '']);
    expect(broken.stderr).toContain(
      'apolab: Compiling TypeScript into dist failed. The TypeScript sources do not compile.',
    );
    writeFileSync(file, 'export const more = 2;\n');
    expect((await launch(folder, ['x'])).stdout).toBe('ran x\n');
  });

  it.each([
    ['node_modules', [all[0]]],
    ['node_modules/typescript', [all[0]]],
    ['dist', [all[2]]],
    ['dist/kernel', [all[2]]],
    ['.venv/share/jupyter/kernels/apolab', [all[3]]],
    ['.venv', [all[1], all[3]]],
  ])('makes %s again if it was deleted, and nothing that is still there', async (name, expected) => {
    rmSync(path.join(folder, name), { recursive: true });
    const { code, stderr } = await launch(folder, ['x']);
    expect(stepsOf(stderr)).toEqual(expected);
    expect(code).toBe(0);
    expect(stepsOf((await launch(folder, ['x'])).stderr)).toEqual([]);
  });

  it('does every step again when forced', async () => {
    expect(stepsOf((await launch(folder, ['setup', '--force'])).stderr)).toEqual(all);
  });

  it('recovers from a kill in the middle of a step', async () => {
    const configuration = path.join(folder, '.venv/pyvenv.cfg');
    rmSync(path.join(folder, '.venv'), { recursive: true });
    const { child, outcome } = startLaunch(folder, ['x']);
    await until(() => existsSync(configuration));
    child.kill('SIGKILL');
    expect((await outcome).code).toBe('SIGKILL');
    const next = await launch(folder, ['x']);
    expect(next.stdout).toBe('ran x\n');
    expect(stepsOf(next.stderr)).toContain('Installing JupyterLab done');
  });

  it('ends with 130 on Ctrl-C and leaves no lock', async () => {
    rmSync(path.join(folder, '.venv'), { recursive: true });
    const { child, outcome } = startLaunch(folder, ['x']);
    await until(() => existsSync(path.join(folder, '.venv/pyvenv.cfg')));
    child.kill('SIGINT');
    const { code, stderr } = await outcome;
    expect(code).toBe(130);
    expect(stderr).toContain('apolab: Interrupted. Run the command again to continue');
    expect(existsSync(path.join(folder, '.setup/lock'))).toBe(false);
    expect((await launch(folder, ['x'])).stdout).toBe('ran x\n');
  });

  it('makes the second of two that start together wait for the first', async () => {
    rmSync(path.join(folder, '.venv'), { recursive: true });
    const first = startLaunch(folder, ['first']);
    await until(() => existsSync(path.join(folder, '.setup/lock')));
    const second = await launch(folder, ['second']);
    expect(second.stderr).toContain(
      `Another set-up is running here (process ${String(first.child.pid)}); waiting for it.`,
    );
    expect(second.stdout).toBe('ran second\n');
    expect(stepsOf(second.stderr)).toEqual([]);
    expect((await first.outcome).stdout).toBe('ran first\n');
  });
});

describe('what is missing gets one message with the fix', () => {
  /** A PATH with only these programs. */
  const pathWith = (folder: string, programs: Record<string, string>) => {
    const bin = path.join(folder, 'bin');
    mkdirSync(bin);
    for (const [name, script] of Object.entries(programs)) writeFileSync(path.join(bin, name), script, { mode: 0o755 });
    return { PATH: bin };
  };

  it('no Python', async () => {
    const folder = miniature();
    const { code, stderr } = await launch(folder, ['x'], pathWith(folder, {}));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^apolab: no Python 3\.10 or newer was found\. Install it: .*\n$/);
    expect(existsSync(path.join(folder, 'node_modules'))).toBe(false);
  });

  it('a Python without the venv module', async () => {
    const folder = miniature();
    const answer = JSON.stringify({ executable: '/usr/bin/python3', version: [3, 12], modules: false });
    const { code, stderr } = await launch(
      folder,
      ['x'],
      pathWith(folder, { python3: `#!/bin/sh\necho '${answer}'\n` }),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/^apolab: python3 \(Python 3\.12\) has no venv module\. Install it: .*\n$/);
  });

  it('a PYTHON that is not a Python', async () => {
    const { code, stderr } = await launch(miniature(), ['x'], { PYTHON: '/no/such/python' });
    expect(code).toBe(1);
    expect(stderr).toContain('apolab: PYTHON=/no/such/python is not a Python 3.10 or newer');
  });

  it('an npm registry out of reach', async () => {
    const folder = miniature();
    const remote = { name: 'miniature', version: '1.0.0', dependencies: { zeromq: '6.8.0' } };
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify(remote));
    writeFileSync(
      path.join(folder, 'package-lock.json'),
      JSON.stringify({
        ...remote,
        lockfileVersion: 3,
        packages: { '': remote, 'node_modules/zeromq': { version: '6.8.0' } },
      }),
    );
    const nowhere = 'http://127.0.0.1:9';
    const { code, stderr } = await launch(folder, ['x'], {
      npm_config_registry: nowhere,
      npm_config_fetch_retries: '0',
      npm_config_cache: path.join(folder, 'cache'),
    });
    expect(code).toBe(1);
    expect(stderr).toContain(
      'Installing npm packages into node_modules failed. The package registry cannot be reached.',
    );
    expect(stderr).toContain('The whole output is in .setup/setup.log.');
    expect(existsSync(path.join(folder, '.setup/lock'))).toBe(false);
  });

  it('a Python index out of reach; the next run, with one in reach, succeeds', async () => {
    const folder = miniature();
    writeFileSync(path.join(folder, 'src/setup/requirements.txt'), 'apolab-miniature-wheel==1.0\n');
    const alone = { PIP_CONFIG_FILE: '/dev/null', PIP_EXTRA_INDEX_URL: '', PIP_INDEX_URL: 'http://127.0.0.1:9/simple' };
    const failed = await launch(folder, ['x'], { ...alone, PIP_FIND_LINKS: '', PIP_RETRIES: '1' });
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('Installing JupyterLab into .venv failed. The package registry cannot be reached.');
    const good = await launch(folder, ['x'], { ...alone, PIP_NO_INDEX: '1', PIP_FIND_LINKS: wheelFolder(folder) });
    expect(stepsOf(good.stderr)).toEqual(all.slice(1));
    expect(good.stdout).toBe('ran x\n');
  });
});

/** A folder with one small wheel, made by hand. */
function wheelFolder(folder: string): string {
  const wheels = path.join(folder, 'wheels');
  const script = `
import os, zipfile
os.makedirs(${JSON.stringify(wheels)})
info = "apolab_miniature_wheel-1.0.dist-info/"
with zipfile.ZipFile(${JSON.stringify(path.join(wheels, 'apolab_miniature_wheel-1.0-py3-none-any.whl'))}, "w") as wheel:
    wheel.writestr("apolab_miniature_wheel.py", "")
    wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: apolab-miniature-wheel\\nVersion: 1.0\\n")
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(info + "RECORD", "")
`;
  const run = spawnSync('python3', ['-c', script], { encoding: 'utf8' });
  expect(run.stderr).toBe('');
  // Relative, because pip splits this setting at spaces, which the folder's name has.
  return path.basename(wheels);
}
