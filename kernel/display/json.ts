/** Values as plain JSON: JSON.stringify alone would throw on a BigInt and drop what is in a Map or a Set. */
import { types } from 'node:util';
import { reasonOf } from './text.js';

/**
 * A copy of `value` of plain objects and arrays. Typed arrays and sets become arrays, maps become objects. A BigInt becomes a
 * number if that is exact, else text. A function or `undefined` becomes null.
 *
 * @param what the subject of the error message
 * @throws TypeError if the value contains itself.
 *
 * @example
 * plainJson({ y: new Float32Array([1, 2]), n: 3n }); // { y: [1, 2], n: 3 }
 */
export function plainJson(value: unknown, what = 'the value'): unknown {
  try {
    const text = stringify(value, toPlain);
    return text === undefined ? null : (JSON.parse(text) as unknown);
  } catch (error) {
    throw new TypeError(`${what} can't be sent as JSON. ${reasonOf(error)}`, { cause: error });
  }
}

/** Returns undefined for a function and for `undefined`, which TypeScript's declaration leaves out. */
const stringify: (value: unknown, replacer: typeof toPlain) => string | undefined = JSON.stringify;

function toPlain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (types.isTypedArray(value)) return Array.from<number | bigint>(value);
  if (value instanceof Map) return Object.fromEntries(value as Map<string, unknown>);
  if (value instanceof Set) return [...(value as Set<unknown>)];
  return value;
}
