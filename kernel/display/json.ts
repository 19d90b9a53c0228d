/** Values as JSON can carry them: what Jupyter's wire would turn into something else is said in JSON's own terms first. */
import { types } from 'node:util';

/**
 * A copy of `value` of plain objects and arrays: typed arrays become arrays, big integers numbers where they fit and text
 * where they don't, maps objects and sets arrays. Throws a TypeError where a value contains itself.
 *
 * @example
 * plainJson({ y: new Float32Array([1, 2]), n: 3n }); // { y: [1, 2], n: 3 }
 */
export function plainJson(value: unknown, what = 'the value'): unknown {
  try {
    const text = stringify(value, toPlain);
    return text === undefined ? null : (JSON.parse(text) as unknown);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TypeError(`${what} can't be sent as JSON. ${reason}`, { cause: error });
  }
}

/** Of a function, and of `undefined`, there is no JSON; TypeScript's declaration doesn't say so. */
const stringify: (value: unknown, replacer: typeof toPlain) => string | undefined = JSON.stringify;

function toPlain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (types.isTypedArray(value)) return Array.from<number | bigint>(value);
  if (value instanceof Map) return Object.fromEntries(value as Map<string, unknown>);
  if (value instanceof Set) return [...(value as Set<unknown>)];
  return value;
}
