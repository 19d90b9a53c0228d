/**
 * The globals of every cell, as two tables. The prelude declares and installs them, and kernel_info's banner lists them. Nothing
 * is loaded here: a module behind a lazy global is loaded when a cell first names it (danfojs takes 1.4 s, TensorFlow.js 1 s).
 */
import { createRequire } from 'node:module';
import { inspect } from 'node:util';
import type { Comms } from './comms/comm.js';
import { codeFile } from './declarations/packages.js';
import type { Display } from './display/display.js';
import type { Live } from './display/live.js';
import type { Progress } from './display/progress.js';
import type { TensorLike } from './display/tensor.js';
import type { Asking } from './protocol/input.js';
import type { Watch } from './watch/watchTypes.js';
import type { Widgets } from './widgets/types.js';

/** A global whose module is loaded when a cell first names it. */
export interface LazyGlobal {
  /** Its type, as an alias of what the prelude's declarations import. */
  readonly alias: string;
  load(): Promise<unknown>;
}

type LibraryName = Exclude<keyof Awaited<ReturnType<typeof loadLibrary>>, 'Plotly'>;

/** What `repairLibrary` does; nothing before the library is loaded. */
let repair = (): void => undefined;

/** After the stop button has broken off a cell's code: TensorFlow.js no longer waits for the end of what was broken off. */
export const repairLibrary = (): void => repair();

/** The library, with a tensor backend that is ready: setting it is asynchronous, and a cell's first tensor is not. */
async function loadLibrary() {
  const [library, { useBackend, recoverTensors }, { tensorText }] = await Promise.all([
    import('../src/index.js'),
    import('../src/tensor/index.js'),
    import('./display/tensor.js'),
  ]);
  await useBackend();
  repair = recoverTensors;
  // In `console.log`, and inside arrays and objects, a tensor would otherwise print TensorFlow.js's internal fields.
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

/** The library's parts and the packages that cells have without an import. */
export const lazyGlobals = {
  tf: fromLibrary('tf'),
  objectives: fromLibrary('objectives'),
  preference: fromLibrary('preference'),
  models: fromLibrary('models'),
  training: fromLibrary('training'),
  world: fromLibrary('world'),
  evaluation: fromLibrary('evaluation'),
  ablation: fromLibrary('ablation'),
  datasets: fromLibrary('datasets'),
  charts: fromLibrary('charts'),
  Plotly: { alias: 'library.charts.Plotly', load: async () => (await loadLibrary()).charts.Plotly },
  // CommonJS, through require: import() would also put its exports under `default`.
  dfd: {
    alias: 'danfo',
    load: () => Promise.resolve<unknown>(createRequire(import.meta.url)(codeFile('danfojs-node'))),
  },
} satisfies Record<string, LazyGlobal>;

/** The name of a lazy global. */
export type LazyName = keyof typeof lazyGlobals;

/** The names of the lazy globals, in the table's order. */
export const lazyNames = Object.keys(lazyGlobals) as LazyName[];

/** The kernel's own globals. They are light, and there from the start. */
export interface KernelGlobals extends Asking {
  readonly display: Display;
  readonly live: Live;
  readonly progress: Progress;
  readonly watch: Watch;
  readonly comms: Comms;
  readonly widgets: Widgets;
}

/** One row per kernel global: a name without a row does not compile. */
const kernelTable = {
  display: true,
  live: true,
  progress: true,
  watch: true,
  input: true,
  prompt: true,
  confirm: true,
  alert: true,
  comms: true,
  widgets: true,
} satisfies Record<keyof KernelGlobals, true>;

/** The names of the kernel's own globals. */
export const kernelNames = Object.keys(kernelTable) as (keyof KernelGlobals)[];

/** All names that every cell has. */
export const globalNames: readonly string[] = [...lazyNames, ...kernelNames];
