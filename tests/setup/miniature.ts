/**
 * A miniature project: the real set-up code around an almost empty package, so that the real npm, venv, pip and compiler run
 * offline, in seconds, and the project's own folder is not changed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { packageRoot } from '../../src/core/packageRoot.js';

const cli = `export async function main(args: readonly string[]): Promise<void> {
  await Promise.resolve();
  console.log('ran ' + args.join(' '));
}
`;

const kernelspec = `import { mkdirSync, writeFileSync } from 'node:fs';
export async function installKernelspec({ prefix }: { prefix: string }): Promise<string> {
  await Promise.resolve();
  const folder = prefix + '/share/jupyter/kernels/apolab';
  mkdirSync(folder, { recursive: true });
  writeFileSync(folder + '/kernel.json', '{}');
  const extension = prefix + '/share/jupyter/labextensions/apolab-figures';
  mkdirSync(extension, { recursive: true });
  writeFileSync(extension + '/package.json', '{}');
  return folder;
}
`;

const declarations = `import { mkdirSync, writeFileSync } from 'node:fs';
mkdirSync('dist/declarations', { recursive: true });
writeFileSync('dist/declarations/rolled.d.ts', 'export {};');
`;

export interface MiniatureOptions {
  /** With a copy of the real sources of the TensorFlow backend, so that its step has something to build. */
  readonly tensorFlow?: boolean;
}

/** Makes the project in a new temporary folder and gives the folder. */
export function createMiniature({ tensorFlow = false }: MiniatureOptions = {}): string {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'apolab set-up ')));
  const write = (name: string, content: string) => {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  };
  cpSync(path.join(packageRoot, 'src/setup'), path.join(folder, 'src/setup'), { recursive: true });
  const links: Record<string, string> = Object.fromEntries(
    ['typescript', '@types/node', 'undici-types'].map((name) => [name, `file:${packageRoot}/node_modules/${name}`]),
  );
  if (tensorFlow) {
    for (const name of ['@tensorflow/tfjs-node-gpu', 'node-api-headers']) {
      // A copy: set-up puts its binding into the package, and other tests use the project's own.
      const copy = path.join(folder, 'packages', path.basename(name));
      cpSync(path.join(packageRoot, 'node_modules', name), copy, {
        recursive: true,
        filter: (source) => path.basename(source) !== 'lib',
      });
      const packageFile = path.join(copy, 'package.json');
      const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };
      // Its own dependencies are not needed to build it.
      writeFileSync(packageFile, JSON.stringify({ name, version }));
      links[name] = `file:${copy}`;
    }
    cpSync(path.join(packageRoot, 'src/tensor/native'), path.join(folder, 'src/tensor/native'), { recursive: true });
  }
  const manifest = { name: 'miniature', version: '1.0.0', type: 'module', devDependencies: links };
  write('package.json', JSON.stringify(manifest));
  write(
    'package-lock.json',
    JSON.stringify({ ...manifest, lockfileVersion: 3, packages: lockedLinks(manifest, folder) }),
  );
  write(
    'tsconfig.json',
    JSON.stringify({
      compilerOptions: {
        target: 'ES2022',
        module: 'NodeNext',
        rootDir: '.',
        outDir: 'dist',
        types: ['node'],
        skipLibCheck: true,
      },
      include: ['src/**/*.ts', 'kernel/**/*.ts'],
    }),
  );
  write('src/setup/requirements.txt', '# nothing\n');
  write('src/cli.ts', cli);
  write('kernel/kernelspec/index.ts', kernelspec);
  write('kernel/declarations/main.ts', declarations);
  return folder;
}

/** What npm writes into a lock file for packages in local folders. */
function lockedLinks(manifest: { devDependencies: Record<string, string> }, folder: string): Record<string, unknown> {
  const locked: Record<string, unknown> = { '': manifest };
  for (const [name, link] of Object.entries(manifest.devDependencies)) {
    const target = path.relative(folder, link.replace(/^file:/, ''));
    locked[target] = { version: '1.0.0', dev: true };
    locked[`node_modules/${name}`] = { resolved: target, link: true };
  }
  return locked;
}

/** How a process ended, and what it printed. */
export interface Outcome {
  readonly code: number | NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `launch.mjs` of a project, with `env` added to the environment; npm's own variables are removed. */
export function startLaunch(folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  const child = spawn(process.execPath, [path.join(folder, 'src/setup/launch.mjs'), ...args], {
    cwd: folder,
    env: { ...clean, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { child, outcome: collect(child) };
}

async function collect(child: ChildProcess): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr?.on('data', (data: Buffer) => (stderr += data.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code: code ?? signal, stdout, stderr };
}

/** Runs `launch.mjs` of a project to its end. */
export function launch(folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  return startLaunch(folder, args, env).outcome;
}
