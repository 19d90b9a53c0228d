/** What a cell's static imports read of a module that was loaded with `require`, by the rules of TypeScript's `esModuleInterop`. */
import { types } from 'node:util';

type Members = Record<string, unknown>;

const isObject = (value: unknown): value is Members =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** Whether a module has named exports that it may change later: an ES module, or one that was compiled from one. */
export const isEsModuleLike = (module: unknown): module is Members =>
  isObject(module) && (types.isModuleNamespaceObject(module) || module.__esModule === true);

/**
 * The member that an import names: `default`, `*` for all, or a name.
 *
 * @example
 * importedMember({ sep: '/' }, 'default'); // { sep: '/' } (a CommonJS module is its own default)
 */
export function importedMember(module: unknown, name: string): unknown {
  if (name === '*') return isEsModuleLike(module) ? module : namespaceOf(module);
  if (name === 'default' && !isEsModuleLike(module)) return module;
  return isObject(module) ? module[name] : undefined;
}

const namespaces = new WeakMap<object, object>();

/** `import * as all` of a CommonJS module: its members, and all of it as `default`. */
function namespaceOf(module: unknown): unknown {
  if (!isObject(module)) return { default: module };
  const known = namespaces.get(module);
  if (known !== undefined) return known;
  const namespace: object = Object.defineProperties(
    {},
    Object.fromEntries(
      Object.keys(module)
        .filter((name) => name !== 'default')
        .map((name) => [name, { enumerable: true, get: () => module[name] }]),
    ),
  );
  Object.defineProperty(namespace, 'default', { enumerable: true, value: module });
  namespaces.set(module, namespace);
  return namespace;
}
