/**
 * The globals of every cell. Types are there from the start; the modules behind them are loaded when a cell first names them
 * (danfojs takes 1.4 s, TensorFlow.js 1 s), and the tensors' backend is set before such a cell runs.
 */
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import type { Comms } from './comms/comm.js';
import { packageFolder, rolledFiles } from './declarations/packages.js';
import type { Display } from './display/display.js';
import type { Progress } from './display/progress.js';
import { tensorText, type TensorLike } from './display/tensor.js';
import type { GlobalDeclarations } from './language/system.js';
import type { Asking } from './protocol/input.js';
import type { Widgets } from './widgets/types.js';

interface LazyGlobal {
  /** Its type, as an alias of what the declarations below import. */
  readonly alias: string;
  load(): Promise<unknown>;
}

type LibraryName = Exclude<keyof Awaited<ReturnType<typeof loadLibrary>>, 'Plotly'>;

/** The library, with a tensor backend that is ready: setting it is asynchronous, and a cell's first tensor isn't. */
async function loadLibrary() {
  const [library, { useBackend }] = await Promise.all([import('../src/index.js'), import('../src/tensor/index.js')]);
  await useBackend();
  // In `console.log`, and inside arrays and objects, a tensor would otherwise show TensorFlow.js's own bookkeeping.
  Object.defineProperty(library.tf.Tensor.prototype, inspect.custom, {
    configurable: true,
    value(this: TensorLike) {
      return tensorText(this);
    },
  });
  return library;
}

const fromLibrary = (name: LibraryName): LazyGlobal => ({
  alias: `library.${name}`,
  load: async () => (await loadLibrary())[name],
});

const lazyGlobals = {
  tf: fromLibrary('tf'),
  objectives: fromLibrary('objectives'),
  preference: fromLibrary('preference'),
  models: fromLibrary('models'),
  training: fromLibrary('training'),
  world: fromLibrary('world'),
  ablation: fromLibrary('ablation'),
  datasets: fromLibrary('datasets'),
  charts: fromLibrary('charts'),
  Plotly: { alias: 'library.charts.Plotly', load: async () => (await loadLibrary()).charts.Plotly },
  // CommonJS, through require: import() would hand out its exports under `default` as well.
  dfd: { alias: 'danfo', load: () => Promise.resolve<unknown>(createRequire(import.meta.url)('danfojs-node')) },
} satisfies Record<string, LazyGlobal>;

export type LazyName = keyof typeof lazyGlobals;
export const lazyNames = Object.keys(lazyGlobals) as LazyName[];

/** Globals that are the kernel's own and light: they are there from the start. */
export interface KernelGlobals extends Asking {
  readonly display: Display;
  readonly progress: Progress;
  readonly comms: Comms;
  readonly widgets: Widgets;
}

/** Packages that cells have under another name. */
const globalOf: Readonly<Record<string, LazyName>> = {
  '@tensorflow/tfjs': 'tf',
  '@tensorflow/tfjs-core': 'tf',
  'danfojs-node': 'dfd',
  'plotly.js': 'Plotly',
};

const kernelNames = [
  'display',
  'progress',
  'input',
  'prompt',
  'confirm',
  'alert',
  'comms',
  'widgets',
] as const satisfies readonly (keyof KernelGlobals)[];

/**
 * Their types for the checker. `export import` makes a name both a value and a namespace, so `tf.Tensor` is a type too; the
 * file is said to lie in the package, so its imports resolve there wherever the notebook is.
 */
export function globalDeclarations(): GlobalDeclarations {
  const aliases = Object.entries(lazyGlobals).map(([name, { alias }]) => `  export import ${name} = ${alias};`);
  const rolled = rolledFiles.map((file) => readFileSync(file, 'utf8'));
  return {
    file: `${packageFolder}/__apolab_globals__.d.ts`,
    text: [
      ...rolledFiles.map((file) => `/// <reference path="${file}" />`),
      `import * as library from 'apolab';`,
      `import * as danfo from 'danfojs-node';`,
      'declare global {',
      ...aliases,
      ...kernelNames.map((name) => `  const ${name}: import('apolab/kernel').KernelGlobals['${name}'];`),
      '}',
    ].join('\n'),
    modules: new Map(
      rolled.flatMap((text) =>
        Array.from(text.matchAll(/^declare module '([^']+)'/gm), ([, name]) => [name!, globalOf[name!]]),
      ),
    ),
  };
}

export interface Prelude {
  /** Loads the globals among these names that aren't loaded yet. */
  readonly prepare: (names: ReadonlySet<string>) => Promise<void>;
}

/** Puts the globals in place. A cell may still declare a variable of the same name, which then goes first. */
export function installPrelude(kernel: KernelGlobals): Prelude {
  for (const name of kernelNames) define(name, { value: kernel[name], writable: true });
  for (const name of lazyNames) {
    define(name, {
      get: () => {
        throw new ReferenceError(`${name} is not loaded: it is loaded for cells that name it. Name it in this cell.`);
      },
      set: (value: unknown) => define(name, { value, writable: true }),
    });
  }
  const waiting = new Set<LazyName>(lazyNames);
  return {
    prepare: async (names) => {
      for (const name of waiting) {
        if (!names.has(name)) continue;
        const value: unknown = await lazyGlobals[name].load();
        waiting.delete(name);
        define(name, { value, writable: true });
      }
    },
  };
}

function define(name: string, property: PropertyDescriptor) {
  Object.defineProperty(globalThis, name, { configurable: true, enumerable: false, ...property });
}
