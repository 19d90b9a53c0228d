/** The packages that are rolled into one declaration file each; the kernel gives these files to the compiler. */
import path from 'node:path';
import { packageRoot } from '../../src/core/packageRoot.js';
import type { RolledPackage } from './roll.js';

/** apolab's own folder, with `dist` in it. */
export const packageFolder = packageRoot.replaceAll('\\', '/');
const dist = (file: string) => `${packageFolder}/dist/${file}`;

/** Packages in node_modules; their declarations are found as imports are. */
export const foreignPackages = {
  '@tensorflow/tfjs': { covariant: ['Tensor', 'Variable', 'TensorBuffer'], flattens: true },
  'danfojs-node': { covariant: [], flattens: false },
  'plotly.js': { covariant: [], flattens: false },
} as const satisfies Record<string, Omit<RolledPackage, 'name' | 'roots'>>;

/** The names under which the globals' declarations import apolab's own modules, with the files that declare them. */
export const ownDeclarations = {
  apolab: dist('src/index.d.ts'),
  'apolab/kernel': dist('kernel/globals.d.ts'),
} as const;

/** The path of a package's rolled declarations: `dist/declarations/tensorflow-tfjs.d.ts`. */
export const rolledFile = (name: string) => dist(`declarations/${name.replace('@', '').replaceAll('/', '-')}.d.ts`);
/** The folder of the rolled code (rollCode.ts). */
export const codeFolder = dist('packages');

/** The path of a package's rolled code: `dist/packages/tfjs-node-gpu.cjs`. */
export const codeFile = (name: string) => `${codeFolder}/${path.posix.basename(name)}.cjs`;

/** The paths of all rolled declarations. */
export const rolledFiles = [...Object.keys(foreignPackages), 'apolab'].map(rolledFile);
