/**
 * The package as a stranger gets it: packed, installed into an empty folder from the npm registry alone without install scripts,
 * and its kernel started by a Jupyter client in an environment that knows nothing of this project.
 */
import { execFile } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/core/packageRoot.js';
import { findPython } from '../../src/setup/python.mjs';
import { npmCommand } from '../../src/setup/steps.mjs';
import { testCopiedNotebooks } from './copiedNotebooks.js';
import { describeOtherUser } from './otherUser.js';
import { startRegistryProxy } from './registryProxy.js';

interface Manifest {
  readonly version: string;
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
}
interface Locked {
  readonly version: string;
  readonly resolved?: string;
}
interface Executed {
  readonly error: { readonly text: string } | null;
  readonly cells: readonly { readonly outputs: readonly { readonly text?: string; readonly data?: object }[] }[];
}

const temporary = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'apolab package ')));
const place = (...names: string[]) => path.join(temporary, ...names);
const installed = place('empty/node_modules/apolab');
const python = place('venv', process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
const manifest = JSON.parse(readFileSync(path.join(packageRoot, 'package.json'), 'utf8')) as Manifest;

// Nothing of this project, of npm or of a Jupyter that is around.
const clean = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|JUPYTER|VIRTUAL_ENV|APOLAB)/i.test(name)),
);
const env = { ...clean, XDG_DATA_HOME: place('data'), JUPYTER_DATA_DIR: place('jupyter') };
const files = () => filesOf(installed).map((file) => `${file} ${lstatSync(file).mtimeMs}`);

/** Installers on a busy machine need more than the default. */
const minutes = (count: number) => count * 60_000;

let refused: readonly string[] = [];
let locked: Record<string, Locked> = {};
let [packed, before]: [string[], string[]] = [[], []];
let registry = '';

async function run(command: string, args: readonly string[], cwd: string, more: NodeJS.ProcessEnv = {}) {
  return promisify(execFile)(command, args, { cwd, env: { ...env, ...more }, maxBuffer: 2 ** 26 });
}

async function npm(args: readonly string[], cwd: string, more: NodeJS.ProcessEnv = {}): Promise<string> {
  const { command, args: first } = npmCommand(env);
  return (await run(command, [...first, ...args], cwd, more)).stdout;
}

/** All files and links below a folder. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesOf(path.join(folder, entry.name)) : [path.join(folder, entry.name)],
  );
}

const apolab = (...args: string[]) => {
  const bin = place('empty/node_modules/.bin/apolab');
  return run(process.execPath, [realpathSync(bin), ...args], place('empty'));
};

beforeAll(async () => {
  // Packs what is compiled here; it does not run set-up, which would install packages anew.
  if (!existsSync(path.join(packageRoot, 'dist/packages/LICENSES.txt')))
    throw new Error('Compile first: npm run build');
  const report = JSON.parse(await npm(['pack', '--json', '--pack-destination', temporary], packageRoot)) as
    { files: { path: string }[] }[] | Record<string, { files: { path: string }[] }>;
  packed = Object.values(report)[0]!.files.map((file) => file.path);
  registry = (await npm(['config', 'get', 'registry'], temporary)).trim();
  const proxied = registry.startsWith('https:') && clean.HTTPS_PROXY === undefined && clean.https_proxy === undefined;
  const proxy = proxied ? await startRegistryProxy(new URL(registry).hostname) : undefined;
  writeFileSync(place('package.json'), '{}');
  const options = [
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    '--omit-lockfile-registry-resolved=false',
    '--prefix',
    place('empty'),
  ];
  const tarball = place(`apolab-${manifest.version}.tgz`);
  try {
    await npm(['install', ...options, tarball], temporary, {
      npm_config_update_notifier: 'false',
      ...(proxy === undefined ? {} : { npm_config_https_proxy: proxy.url, npm_config_proxy: proxy.url }),
    });
  } finally {
    refused = proxy?.refused ?? [];
    proxy?.close();
  }
  const lock = readFileSync(place('empty/package-lock.json'), 'utf8');
  locked = (JSON.parse(lock) as { packages: typeof locked }).packages;
  before = files();
}, minutes(6));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

const names = () => Object.keys(locked).map((folder) => folder.replace(/^.*node_modules\//, ''));

describe('what npm installs', () => {
  test('comes from the npm registry alone', () => {
    expect(refused).toEqual([]);
    const elsewhere = Object.entries(locked).filter(
      ([folder, { resolved = '' }]) =>
        folder !== '' && folder !== 'node_modules/apolab' && !resolved.startsWith(registry),
    );
    expect(elsewhere).toEqual([]);
  });

  test('is what apolab needs to run, without TensorFlow 3 and without what is needed only for development', () => {
    expect(names()).toEqual(expect.arrayContaining(Object.keys(manifest.dependencies)));
    expect(names().filter((name) => name in manifest.devDependencies || /tfjs-node|pre-gyp|xlsx/.test(name))).toEqual(
      [],
    );
    const tensorFlow = Object.entries(locked).filter(([folder]) => /node_modules\/@tensorflow\/[^/]+$/.test(folder));
    expect(tensorFlow.map(([, { version }]) => version)).toEqual(tensorFlow.map(() => '4.22.0'));
  });

  test('is as large as README.md says', () => {
    const megabytes = filesOf(place('empty/node_modules')).reduce((sum, file) => sum + lstatSync(file).size, 0) / 1e6;
    console.log(`installed: ${megabytes.toFixed(0)} MB in ${names().length - 1} packages`);
    const said = /installs (\d+) MB/.exec(readFileSync(path.join(packageRoot, 'README.md'), 'utf8'));
    expect(Math.abs(megabytes - Number(said?.[1]))).toBeLessThan(25);
  });
});

describe('the package', () => {
  test('has no source maps, no build tools, no tests and nothing of this machine', () => {
    const unwanted = /\.map$|tsbuildinfo|stamp\.json|^tests|tsconfig\.json$|rollCode|\.golden|^\.|declarations\/main/;
    expect(packed.filter((file) => unwanted.test(file) && file !== 'notebooks/tsconfig.json')).toEqual([]);
    for (const file of filesOf(installed).filter((name) => /\.(c?js|mjs|ts|json|md|txt|py)$/.test(name)))
      expect(readFileSync(file, 'utf8').includes(packageRoot), file).toBe(false);
  });

  test('has the licences of the packages that are rolled into it', () => {
    const licences = readFileSync(path.join(installed, 'dist/packages/LICENSES.txt'), 'utf8');
    for (const name of [
      'danfojs-node',
      'mathjs',
      '@e965/xlsx',
      '@tensorflow/tfjs-node-gpu',
      'google-protobuf',
      'plotly.js',
    ])
      expect(licences).toMatch(new RegExp(`^${name} \\d`, 'm'));
  });

  test('offers the library to a program', async () => {
    const program = `import { objectives } from 'apolab'; import { objectiveIds } from 'apolab/objectives/catalog';
      console.log(Object.keys(objectives).join() === objectiveIds.join());`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], place('empty'));
    expect(stdout).toBe('true\n');
  });
});

describe('its command line', () => {
  test('explains itself, names the backend and finds nothing wrong, without a Python', async () => {
    expect((await apolab('--help')).stdout).toContain('Usage: apolab');
    const { stdout } = await apolab('backend', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ backend: 'wasm' });
    const findings = JSON.parse((await apolab('doctor', '--json')).stdout) as Record<string, { ok: boolean }>;
    expect(findings.apolab).toMatchObject({ ok: true, found: `${manifest.version} in ${installed}` });
    expect(findings.jupyterlab).toMatchObject({
      ok: true,
      found: expect.stringContaining('npx apolab setup') as string,
    });
  });
  testCopiedNotebooks(installed, place('notebooks here'));
  test('installs the kernel for a Jupyter that is named', async () => {
    expect((await apolab('install', '--user')).stdout).toBe(`Installed in ${place('jupyter/kernels/apolab')}\n`);
    await expect(apolab('install')).rejects.toThrow('--user for your own');
  });
});

describe('its kernel, in a fresh virtual environment', () => {
  const code = [
    `const policy = await models.fromPretrained(datasets.miniatureWorld.policy());
const pairs = await preference.collect(world.buildPairs(world.createWorld(0), 'clair', policy, { count: 8, seed: 0 }));
for await (const { loss } of training.train(policy, pairs, { objective: 'dpo', batchSize: 4 })) console.log('loss', loss.toFixed(4));`,
    `const frame = new dfd.DataFrame({ n: [1, 2] });
frame['n'].tensor instanceof tf.Tensor && frame['n'].sum() === 3`,
    `import * as danfo from 'danfojs-node';
danfo.DataFrame === dfd.DataFrame`,
  ];
  let executed: Executed;

  beforeAll(async () => {
    await run(findPython(env).executable, ['-m', 'venv', place('venv')], temporary);
    const requirements = path.join(packageRoot, 'src/setup/requirements.txt');
    const quiet = ['--disable-pip-version-check', '--no-input', '--progress-bar=off'];
    await run(python, ['-m', 'pip', 'install', ...quiet, '-c', requirements, 'nbclient'], temporary);
    await apolab('install', '--prefix', place('venv'));
    const notebook = place('training.ipynb');
    const cells = code.map((source) => ({
      cell_type: 'code',
      source,
      metadata: {},
      outputs: [],
      execution_count: null,
    }));
    const kernelspec = { name: 'apolab', display_name: 'TypeScript (apolab)' };
    writeFileSync(notebook, JSON.stringify({ cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 4 }));
    const client = path.join(packageRoot, 'tests/kernel/nbclientRun.py');
    executed = JSON.parse((await run(python, [client, notebook], temporary)).stdout) as Executed;
  }, minutes(6));

  test('trains', () => {
    expect(executed.error?.text).toBeUndefined();
    const printed = executed.cells[0]!.outputs.map(({ text }) => text).join('');
    const losses = Array.from(printed.matchAll(/^loss (\d\.\d{4})$/gm), ([, loss]) => Number(loss));
    expect(losses).toHaveLength(2);
    // The first step starts at log 2: the policy is still its own reference.
    expect(losses[0]).toBeCloseTo(Math.LN2, 3);
  });

  test('has data frames whose tensors are those of tf', () => {
    expect(executed.cells[1]!.outputs[0]!.data).toMatchObject({ 'text/plain': 'true' });
  });

  test('runs an import of the packages that its cells have types for', () => {
    expect(executed.cells[2]!.outputs[0]!.data).toMatchObject({ 'text/plain': 'true' });
  });

  test('writes nothing into node_modules', () => {
    expect(files()).toEqual(before);
  });
});

describeOtherUser({ temporary, env, version: manifest.version, files, before: () => before });
