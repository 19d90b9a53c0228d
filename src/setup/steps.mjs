/**
 * The steps of set-up, in order: what each makes, whether it is done, and how it is done.
 *
 * A new step is a new row. `prepare` runs before any step does, so that a missing Python is reported at once and not after a
 * minute of npm. A step that is `optional` may fail: one line gives the reason, and what happens instead. `make` may return a line
 * for the person.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { paths, root } from './paths.mjs';
import { findPython } from './python.mjs';
import { buildTensorFlow, isTensorFlowDone } from './tensorflow.mjs';
import { filesUnder, isStamped, keyOf, readStamp, removeStamp, writeStamp } from './stamp.mjs';

/**
 * @typedef {(command: string, args: readonly string[], options?: { env?: NodeJS.ProcessEnv, shell?: boolean }) => Promise<void>} Run
 * @typedef {'packages' | 'python' | 'build' | 'kernelspec' | 'tensorflow'} StepId
 * @typedef {{
 *   title: string,
 *   isDone(): boolean,
 *   prepare?(): void,
 *   optional?: string,
 *   make(run: Run): Promise<string | undefined | void>,
 * }} Step
 */

/** @param {string} name a file of the project */
const read = (name) => readFileSync(path.join(root, name));

const packagesKey = () =>
  keyOf([read('package-lock.json'), process.platform, process.arch, `${process.versions.node.split('.')[0]}`]);

// A virtual environment breaks if it is moved or if its Python is replaced, so both are part of its key.
const pythonKey = () =>
  keyOf([
    readFileSync(paths.requirements),
    paths.venv,
    existsSync(paths.venvPython) ? realpathSync(paths.venvPython) : 'none',
  ]);

const sources = () => [...filesUnder(path.join(root, 'src'), root), ...filesUnder(path.join(root, 'kernel'), root)];

const buildKey = () =>
  keyOf([
    read('tsconfig.json'),
    read('package-lock.json'),
    ...sources()
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => [name, read(name)]),
  ]);

const kernelspecKey = () =>
  keyOf([
    root,
    process.execPath,
    ...sources()
      .filter((name) => name.startsWith(`kernel${path.sep}kernelspec`))
      .map(read),
  ]);

/** The steps, by id, in the order in which they run. */
export const steps = /** @type {const} @satisfies {Record<StepId, Step>} */ ({
  packages: {
    title: 'Installing npm packages into node_modules',
    isDone: () => isStamped(paths.nodeModules, packagesKey()),
    async make(run) {
      removeStamp(paths.nodeModules);
      const npm = npmCommand(process.env);
      await run(
        npm.command,
        [
          ...npm.args,
          'ci',
          '--include=dev',
          '--ignore-scripts',
          '--no-audit',
          '--no-fund',
          '--no-progress',
          // Under `npm run --silent` npm would be silent too, and the log would not contain the cause of a failure.
          '--loglevel=notice',
          '--fetch-retry-mintimeout=1000',
          '--fetch-retry-maxtimeout=8000',
        ],
        { shell: npm.shell },
      );
      linkCommand();
      writeStamp(paths.nodeModules, packagesKey(), packageFolders());
    },
  },
  python: {
    title: 'Installing JupyterLab into .venv',
    isDone: () => isStamped(paths.venv, pythonKey()),
    prepare: () => void findPython(),
    async make(run) {
      const python = findPython();
      rmSync(paths.venv, { recursive: true, force: true });
      const env = withoutPythonSettings(process.env);
      await run(python.executable, ['-m', 'venv', paths.venv], { env });
      await run(
        paths.venvPython,
        [
          '-m',
          'pip',
          'install',
          '--disable-pip-version-check',
          '--no-input',
          '--progress-bar=off',
          '-r',
          paths.requirements,
        ],
        { env },
      );
      // JupyterLab runs its own yarn.js; without this file Node would use our package.json and read it as a module.
      writeFileSync(path.join(paths.venv, 'package.json'), '{ "type": "commonjs" }\n');
      writeStamp(paths.venv, pythonKey(), ['package.json', ...environmentEntries()]);
    },
  },
  build: {
    title: 'Compiling TypeScript into dist',
    isDone: () => isStamped(paths.dist, buildKey()),
    async make(run) {
      // The compiler writes only what changed since its last run, and does not notice that its output was deleted.
      const stamp = readStamp(paths.dist);
      if (stamp === undefined || !isStamped(paths.dist, stamp.key))
        rmSync(paths.dist, { recursive: true, force: true });
      removeStamp(paths.dist);
      const key = buildKey();
      await run(process.execPath, [
        path.join(paths.nodeModules, 'typescript/bin/tsc'),
        '-p',
        path.join(root, 'tsconfig.json'),
      ]);
      await run(process.execPath, [path.join(paths.dist, 'kernel/declarations/main.js')]);
      writeStamp(paths.dist, key, filesUnder(paths.dist, paths.dist));
    },
  },
  kernelspec: {
    title: 'Telling Jupyter about the kernel',
    isDone: () => isStamped(paths.kernelspec, kernelspecKey()),
    async make() {
      const entry = path.join(paths.dist, 'kernel/kernelspec/index.js');
      /** @type {{ installKernelspec(options: { prefix: string }): Promise<string> }} */
      const { installKernelspec } = await import(pathToFileURL(entry).href);
      await installKernelspec({ prefix: paths.venv });
      const extension = path.relative(
        paths.kernelspec,
        path.join(paths.venv, 'share/jupyter/labextensions/apolab-figures'),
      );
      writeStamp(paths.kernelspec, kernelspecKey(), ['kernel.json', path.join(extension, 'package.json')]);
    },
  },
  tensorflow: {
    title: 'Building the TensorFlow backend into .tensorflow',
    optional: 'Tensors run on wasm instead. To try again: npx apolab backend tensorflow',
    isDone: isTensorFlowDone,
    make: buildTensorFlow,
  },
});

/**
 * How this Node can start npm: the npm that started this process, else the one beside Node, else the one in PATH.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {{ command: string, args: string[], shell: boolean }}
 */
export function npmCommand(env) {
  const beside = ['../lib/node_modules/npm/bin/npm-cli.js', 'node_modules/npm/bin/npm-cli.js'].map((name) =>
    path.join(path.dirname(process.execPath), name),
  );
  const script = [env.npm_execpath ?? '', ...beside].find(
    (file) => path.basename(file) === 'npm-cli.js' && existsSync(file),
  );
  if (script !== undefined) return { command: process.execPath, args: [script], shell: false };
  return { command: 'npm', args: [], shell: process.platform === 'win32' };
}

/** Makes `npx apolab` work in the project's folder: npm links only the commands of dependencies. */
function linkCommand() {
  const bin = path.join(paths.nodeModules, '.bin');
  const launch = path.join(root, 'src/setup/launch.mjs');
  mkdirSync(bin, { recursive: true });
  if (process.platform === 'win32') {
    writeFileSync(path.join(bin, 'apolab.cmd'), '@node "%~dp0..\\..\\src\\setup\\launch.mjs" %*\r\n');
    return;
  }
  const link = path.join(bin, 'apolab');
  rmSync(link, { force: true });
  symlinkSync(path.relative(bin, launch), link);
  chmodSync(launch, 0o755);
}

/** @returns {string[]} the packages in node_modules, and the commands */
function packageFolders() {
  return readdirSync(paths.nodeModules).flatMap((name) =>
    name.startsWith('@') || name === '.bin'
      ? readdirSync(path.join(paths.nodeModules, name)).map((inner) => path.join(name, inner))
      : name.startsWith('.')
        ? []
        : [name],
  );
}

/** @returns {string[]} the commands and packages of the virtual environment */
function environmentEntries() {
  const library =
    process.platform === 'win32'
      ? ['Lib']
      : readdirSync(path.join(paths.venv, 'lib')).map((name) => path.join('lib', name));
  const folders = [
    path.relative(paths.venv, paths.venvBin),
    ...library.map((name) => path.join(name, 'site-packages')),
  ];
  return folders.flatMap((folder) =>
    readdirSync(path.join(paths.venv, folder))
      .filter((name) => name !== '__pycache__')
      .map((name) => path.join(folder, name)),
  );
}

/**
 * The environment without Python settings that would install packages elsewhere.
 *
 * @param {NodeJS.ProcessEnv} env
 */
function withoutPythonSettings(env) {
  const misleading = new Set(['PYTHONHOME', 'PYTHONPATH', 'PIP_USER', 'PIP_TARGET', 'PIP_PREFIX', 'VIRTUAL_ENV']);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !misleading.has(name)));
}
