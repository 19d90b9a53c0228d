/** A widget's state in messages: JSON, the bytes that were in it, and their paths. */
import type { Bytes } from '../messages/bytes.js';

/** Keys and indexes from the state to a value inside it. */
export type Path = readonly (string | number)[];

/** A state without its bytes, and the bytes with their paths, in the same order. */
export interface SplitState {
  readonly state: Readonly<Record<string, unknown>>;
  readonly paths: readonly Path[];
  readonly buffers: readonly Bytes[];
}

/**
 * Takes bytes out of a state, at any depth. In arrays null replaces them; from objects the key is removed.
 *
 * @example
 * const bytes = Uint8Array.of(1, 2);
 * splitBuffers({ x: { y: bytes }, z: [bytes] }).paths; // [['x', 'y'], ['z', 0]]
 */
export function splitBuffers(state: Readonly<Record<string, unknown>>): SplitState {
  const paths: Path[] = [];
  const buffers: Bytes[] = [];
  const walk = (value: unknown, path: Path): unknown => {
    if (isBytes(value)) {
      paths.push(path);
      buffers.push(value);
      return undefined;
    }
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]) ?? null);
    if (!isPlain(value)) return value;
    const entries = Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])] as const);
    return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
  };
  return { state: walk({ ...state }, []) as SplitState['state'], paths, buffers };
}

/** A copy of the state with the bytes at their paths; throws a RangeError for a path that is not in the state. */
export function joinBuffers({ state, paths, buffers }: SplitState): Readonly<Record<string, unknown>> {
  const put = (value: unknown, [key, ...rest]: Path, bytes: Bytes): unknown => {
    if (key === undefined) return bytes;
    if (typeof value !== 'object' || value === null || (rest.length > 0 && !Object.hasOwn(value, key))) {
      throw new RangeError(`A widget's state has no '${key}', which is in a buffer's path.`);
    }
    const inner = Object.hasOwn(value, key) ? (value as Record<string | number, unknown>)[key] : undefined;
    const changed = put(inner, rest, bytes);
    return Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed };
  };
  return paths.reduce<unknown>((whole, path, index) => {
    const bytes = buffers[index];
    if (bytes === undefined) throw new RangeError(`A widget's state names ${paths.length} buffers, ${index} came.`);
    return put(whole, path, bytes);
  }, state) as Readonly<Record<string, unknown>>;
}

function isBytes(value: unknown): value is Bytes {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof SharedArrayBuffer;
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
