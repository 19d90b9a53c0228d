/**
 * Rolls the code of packages into single files, `dist/packages/<name>.cjs`, with the licences of everything in them.
 *
 * These packages are not installed with apolab: danfojs-node depends on TensorFlow 3, which has an install script, and on a file
 * outside npm; tfjs-node-gpu's install script downloads a TensorFlow of 2022; plotly.js needs 200 MB for one file.
 */
import { copyFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { rolldown } from 'rolldown';
import { licencesOf } from './licences.js';
import { codeFile, codeFolder, packageFolder } from './packages.js';

/** A package that becomes one file. */
interface RolledCode {
  /** Modules that are replaced: by another package, or by the text of a CommonJS module. */
  readonly replaced: Readonly<Record<string, { readonly package: string } | { readonly code: string }>>;
  /** Modules that are left out. The package works without them, or they are used only in a browser. */
  readonly missing: readonly string[];
}

const rolledCode: Readonly<Record<string, RolledCode>> = {
  'danfojs-node': {
    // The same TensorFlow.js as everything else, so that a frame's tensors work with `tf`.
    replaced: { '@tensorflow/tfjs-node': { package: '@tensorflow/tfjs' } },
    missing: ['plotly.js-dist-min', 'encoding'],
  },
  '@tensorflow/tfjs-node-gpu': {
    // It finds the compiled binding, which is not in the package's own folder: src/tensor/tensorflow.ts says where it is.
    replaced: {
      '@mapbox/node-pre-gyp': { code: "exports.find = () => globalThis[Symbol.for('apolab.tensorflow.binding')];" },
      // TensorFlow.js exports all of its core, and only that is a dependency of apolab.
      '@tensorflow/tfjs-core': { package: '@tensorflow/tfjs' },
    },
    missing: [],
  },
};

const require = createRequire(import.meta.url);
const folderOf = (name: string) => path.dirname(require.resolve(`${name}/package.json`));
const prefix = '\0replaced:';

/** Writes `dist/packages`: the rolled packages, the C++ sources of TensorFlow's binding, one file of plotly.js, and LICENSES.txt. */
export async function writeCode(): Promise<void> {
  const used = new Set<string>();
  for (const [name, how] of Object.entries(rolledCode)) {
    for (const file of await writePackage(name, how)) used.add(packageOf(file));
  }
  const native = path.join(codeFolder, 'tfjs-node-gpu');
  mkdirSync(native, { recursive: true });
  cpSync(path.join(folderOf('@tensorflow/tfjs-node-gpu'), 'binding'), path.join(native, 'binding'), {
    recursive: true,
  });
  copyFileSync(require.resolve('@tensorflow/tfjs-node-gpu/package.json'), path.join(native, 'package.json'));
  copyFileSync(require.resolve('plotly.js/dist/plotly-basic.min.js'), path.join(codeFolder, 'plotly-basic.min.js'));
  used.add(folderOf('plotly.js'));
  writeFileSync(path.join(codeFolder, 'LICENSES.txt'), licencesOf(used));
}

/** Rolls one package and returns the files that are in it. */
async function writePackage(name: string, { replaced, missing }: RolledCode): Promise<string[]> {
  const build = await rolldown({
    cwd: packageFolder,
    input: name,
    platform: 'node',
    external: [/^@tensorflow\/tfjs$/, ...missing],
    plugins: [
      {
        name: 'replaced modules',
        resolveId(id) {
          const by = replaced[id];
          if (by === undefined) return null;
          return 'package' in by ? { id: by.package, external: true } : `${prefix}${id}`;
        },
        load(id) {
          const by = id.startsWith(prefix) ? replaced[id.slice(prefix.length)] : undefined;
          return by !== undefined && 'code' in by ? { code: by.code } : null;
        },
      },
    ],
  });
  const { output } = await build.write({ file: codeFile(name), format: 'cjs' });
  await build.close();
  return output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds.filter((id) => path.isAbsolute(id)) : []));
}

/** The folder of the package that a file belongs to: the one below the last `node_modules`. */
function packageOf(file: string): string {
  const found = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file.replaceAll('\\', '/'));
  if (found === null) throw new Error(`${file} is not in a package.`);
  return found[0];
}
