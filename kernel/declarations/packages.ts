/** What is rolled into one declaration file each; the kernel hands these files to the compiler. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RolledPackage } from './roll.js';

/** The package's own folder, of which `dist` is a part. */
export const packageFolder = path.posix.resolve(
  fileURLToPath(new URL('../../..', import.meta.url)).replaceAll('\\', '/'),
);
const dist = (file: string) => `${packageFolder}/dist/${file}`;

/** Packages whose declarations are found as an import of them is. */
export const foreignPackages = {
  '@tensorflow/tfjs': { covariant: ['Tensor', 'Variable', 'TensorBuffer'], flattens: true },
  'danfojs-node': { covariant: [], flattens: false },
  'plotly.js': { covariant: [], flattens: false },
} as const satisfies Record<string, Omit<RolledPackage, 'name' | 'roots'>>;

/** The names under which the globals' declarations import what is apolab's own, with the files that declare it. */
export const ownDeclarations = {
  apolab: dist('src/index.d.ts'),
  'apolab/kernel': dist('kernel/globals.d.ts'),
} as const;

/** Where a package's rolled declarations lie: `dist/declarations/tensorflow-tfjs.d.ts`. */
export const rolledFile = (name: string) => dist(`declarations/${name.replace('@', '').replaceAll('/', '-')}.d.ts`);
export const rolledFiles = [...Object.keys(foreignPackages), 'apolab'].map(rolledFile);
