/** Which library functions cells may use: those of the Node that runs. */

/** Declarations of TypeScript's library, and a function that a Node must have for them. */
const newerLibraries: Readonly<Record<string, string>> = {
  'lib.es2024.arraybuffer.d.ts': 'ArrayBuffer.prototype.transfer',
  'lib.es2024.collection.d.ts': 'Map.groupBy',
  'lib.es2024.object.d.ts': 'Object.groupBy',
  'lib.es2024.promise.d.ts': 'Promise.withResolvers',
  'lib.es2024.regexp.d.ts': 'RegExp.prototype.unicodeSets',
  'lib.es2024.sharedmemory.d.ts': 'Atomics.waitAsync',
  'lib.es2024.string.d.ts': 'String.prototype.isWellFormed',
  'lib.es2025.collection.d.ts': 'Set.prototype.union',
  'lib.es2025.float16.d.ts': 'Float16Array',
  'lib.es2025.intl.d.ts': 'Intl.DurationFormat',
  'lib.es2025.iterator.d.ts': 'Iterator.prototype.map',
  'lib.es2025.promise.d.ts': 'Promise.try',
  'lib.es2025.regexp.d.ts': 'RegExp.escape',
  'lib.esnext.array.d.ts': 'Array.fromAsync',
  'lib.esnext.collection.d.ts': 'Map.prototype.getOrInsert',
  'lib.esnext.disposable.d.ts': 'DisposableStack',
  'lib.esnext.error.d.ts': 'Error.isError',
  'lib.esnext.sharedmemory.d.ts': 'Atomics.pause',
  'lib.esnext.temporal.d.ts': 'Temporal.Now',
  'lib.esnext.typedarrays.d.ts': 'Uint8Array.fromBase64',
};

/** Whether a path of members leads to something; getters of a prototype are not called. */
function exists(path: string, from: object): boolean {
  let holder: unknown = from;
  return path.split('.').every((name) => {
    if ((typeof holder !== 'object' && typeof holder !== 'function') || holder === null || !(name in holder))
      return false;
    const descriptor = Object.getOwnPropertyDescriptor(holder, name);
    holder = descriptor !== undefined && 'value' in descriptor ? (descriptor.value as unknown) : undefined;
    return true;
  });
}

/**
 * TypeScript's library files for a Node; every supported one has ES2023.
 *
 * @example
 * libraryFiles({ Promise: { try: () => undefined } }); // ['lib.es2023.d.ts', 'lib.es2025.promise.d.ts']
 */
export const libraryFiles = (node: object = globalThis): string[] => [
  'lib.es2023.d.ts',
  ...Object.entries(newerLibraries).flatMap(([file, path]) => (exists(path, node) ? [file] : [])),
];

/** The package with Node's types for a version, newest first. */
const nodeTypes = [
  { from: 24, package: 'types-node-24' },
  { from: 22, package: 'types-node-22' },
  { from: 0, package: '@types/node' },
] as const;

/**
 * The package that has the types of a Node version.
 *
 * @example
 * nodeTypesPackage('v23.1.0'); // 'types-node-22' (the newest types that claim nothing which this Node lacks)
 */
export const nodeTypesPackage = (version = process.version): string =>
  nodeTypes.find(({ from }) => Number.parseInt(version.slice(1), 10) >= from)!.package;
