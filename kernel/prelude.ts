/**
 * Puts the globals (globals.ts) in front of every cell: their types are there from the start; the module behind one is loaded
 * before the first cell that names it runs, together with the tensors' backend.
 */
import { readFileSync } from 'node:fs';
import { codeFile, packageFolder, rolledFiles } from './declarations/packages.js';
import { kernelNames, lazyGlobals, lazyNames, type KernelGlobals, type LazyName } from './globals.js';
import type { GlobalDeclarations } from './language/globalDeclarations.js';

/** Packages that cells have under another name. */
const globalOf: Readonly<Record<string, LazyName>> = {
  '@tensorflow/tfjs': 'tf',
  '@tensorflow/tfjs-core': 'tf',
  'danfojs-node': 'dfd',
  'plotly.js': 'Plotly',
};

/**
 * The globals' types for the checker. `export import` makes a name both a value and a namespace, so `tf.Tensor` is a type too.
 * The file has a path inside the package, so that its imports resolve there, in whichever folder the notebook is.
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
    code: new Map([['danfojs-node', codeFile('danfojs-node')]]),
  };
}

/** Loads what cells name. */
export interface Prelude {
  /** Loads the globals among these names that aren't loaded yet. */
  readonly prepare: (names: ReadonlySet<string>) => Promise<void>;
}

/** Defines the globals. A cell may still declare a variable of the same name, which then hides the global. */
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
