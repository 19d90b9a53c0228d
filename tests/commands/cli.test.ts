/** The command line as users run it: each command in its own process, after set-up. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../src/commands/index.js';
import { packageRoot, packageVersion } from '../../src/core/packageRoot.js';
import { objectiveIds } from '../../src/objectives/catalog.js';
import { launch } from '../setup/miniature.js';

const apolab = (...args: string[]) => launch(packageRoot, args);

beforeAll(() => apolab('setup'));

describe('apolab', () => {
  it.each([[['--help']], [[]]])('lists every command, given %j', async (args) => {
    const { code, stdout } = await apolab(...args);
    expect(code).toBe(0);
    const listed = [...stdout.matchAll(/^ {2}([a-z-]+)(?= .*)/gm)].map(([, name]) => name);
    expect(listed).toEqual([...Object.keys(commands), 'help']);
  });

  it.each(Object.keys(commands))('%s explains itself, with an example', async (name) => {
    const { code, stdout } = await apolab(name, '--help');
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Usage: apolab ${name}`));
    expect(stdout).toMatch(/Examples?:\n/);
  });

  it.each(['train', 'reproduce'])('%s lists every objective of the catalog', async (name) => {
    const words = (await apolab(name, '--help')).stdout.split(/[\s,]+/);
    expect(words).toEqual(expect.arrayContaining([...objectiveIds]));
  });

  it('says its version', async () => {
    expect((await apolab('--version')).stdout).toBe(`${packageVersion}\n`);
  });

  it('proposes the nearest command for an unknown one', async () => {
    const { code, stderr } = await apolab('docter');
    expect(code).toBe(1);
    expect(stderr).toContain("error: unknown command 'docter'");
    expect(stderr).toContain('(Did you mean doctor?)');
  });

  it('refuses a number that is not a port', async () => {
    const { code, stderr } = await apolab('lab', '--port', '99999');
    expect(code).toBe(1);
    expect(stderr).toContain('A port is 1 to 65535.');
  });

  it('setup reports as JSON', async () => {
    expect(JSON.parse((await apolab('setup', '--json')).stdout)).toEqual({ ready: true, folder: packageRoot });
  });

  it('doctor finds no problem after set-up, in JSON and as text', async () => {
    const { code, stdout } = await apolab('doctor', '--json');
    const findings = JSON.parse(stdout) as Record<string, { ok: boolean; found: string }>;
    expect(Object.entries(findings).filter(([, { ok }]) => !ok)).toEqual([]);
    expect(code).toBe(0);
    expect(findings.node?.found).toContain(process.versions.node);
    expect(findings.backend?.found).toMatch(/^(tensorflow 2\.\d+\.\d+ on |wasm \d)/);
    expect(findings.jupyterlab?.found).toMatch(/^4\./);
    expect((await apolab('doctor')).stdout).toMatch(/^ok {3}kernelspec +.*kernel\.json$/m);
  });

  it('install, list and uninstall use the folder that they are given', async () => {
    const prefix = mkdtempSync(path.join(os.tmpdir(), 'apolab-prefix-'));
    const folder = path.join(prefix, 'share/jupyter/kernels/mine');
    const place = ['--prefix', prefix, '--name', 'mine', '--json'];
    expect(JSON.parse((await apolab('install', ...place)).stdout)).toEqual({ folder });
    expect(JSON.parse(readFileSync(path.join(folder, 'kernel.json'), 'utf8'))).toMatchObject({
      language: 'typescript',
    });
    const inActive = await launch(packageRoot, ['list', '--json'], { VIRTUAL_ENV: prefix });
    expect(JSON.parse(inActive.stdout)).toContainEqual(expect.objectContaining({ name: 'mine', folder }));
    expect(JSON.parse((await apolab('uninstall', ...place)).stdout)).toEqual({ folder });
    const again = await apolab('uninstall', ...place);
    expect([again.code, again.stderr]).toEqual([1, `apolab: there is no kernel in ${folder}.\n`]);
    expect((await apolab('install', '--name', 'no/name')).stderr).toMatch(
      /^apolab: 'no\/name' is not a name for a kernel/,
    );
    rmSync(prefix, { recursive: true });
  });

  it('test passes its arguments to vitest and gives its exit code', async () => {
    const { code, stderr } = await apolab('test', 'tests/no-such-folder', '--reporter', 'dot');
    expect(stderr).toContain('No test files found');
    expect(code).toBe(1);
  });
});
