/**
 * The globals of every cell. Types are there from the start; the modules behind them are loaded when a cell first names them
 * (danfojs takes 1.4 s, TensorFlow.js 1 s), and the tensors' backend is set before such a cell runs.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import type { Comms } from './comms/comm.js';
import type { Display } from './display/display.js';
import type { Progress } from './display/progress.js';
import { renderTensor, type TensorLike } from './display/tensor.js';
import type { GlobalDeclarations } from './language/system.js';
import type { Input } from './protocol/input.js';
import type { Widgets } from './widgets/types.js';

const packageFolder = fileURLToPath(new URL('../..', import.meta.url));

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
      return renderTensor(this)['text/plain'];
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
export interface KernelGlobals {
  readonly display: Display;
  readonly progress: Progress;
  readonly input: Input;
  readonly comms: Comms;
  readonly widgets: Widgets;
}

/**
 * Their types for the checker. `export import` makes a name both a value and a namespace, so `tf.Tensor` is a type too; the
 * file is said to lie in the package, so its imports resolve there wherever the notebook is.
 */
export function globalDeclarations(): GlobalDeclarations {
  const dist = path.join(packageFolder, 'dist').replaceAll('\\', '/');
  const aliases = Object.entries(lazyGlobals).map(([name, { alias }]) => `  export import ${name} = ${alias};`);
  return {
    file: path.join(packageFolder, '__apolab_globals__.d.ts').replaceAll('\\', '/'),
    text: [
      `import * as library from '${dist}/src/index.js';`,
      `import * as danfo from 'danfojs-node';`,
      'declare global {',
      ...aliases,
      `  const display: import('${dist}/kernel/display/display.js').Display;`,
      `  const progress: import('${dist}/kernel/display/progress.js').Progress;`,
      `  const input: import('${dist}/kernel/protocol/input.js').Input;`,
      `  const comms: import('${dist}/kernel/comms/comm.js').Comms;`,
      `  const widgets: import('${dist}/kernel/widgets/types.js').Widgets;`,
      '}',
    ].join('\n'),
  };
}

export interface Prelude {
  /** Loads the globals among these names that aren't loaded yet. */
  readonly prepare: (names: ReadonlySet<string>) => Promise<void>;
}

/** Puts the globals in place. A cell may still declare a variable of the same name, which then goes first. */
export function installPrelude(kernel: KernelGlobals): Prelude {
  for (const [name, value] of Object.entries<unknown>({ ...kernel })) define(name, { value, writable: true });
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
