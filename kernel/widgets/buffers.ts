/** A widget's state on the wire: JSON, the bytes that were in it, and the paths where they belong. */
import type { Bytes } from '../messages/bytes.js';

export type Path = readonly (string | number)[];

export interface SplitState {
  readonly state: Readonly<Record<string, unknown>>;
  readonly paths: readonly Path[];
  readonly buffers: readonly Bytes[];
}

/**
 * Takes bytes out of a state, however deep they are. In arrays null stays in their place, in objects nothing.
 *
 * @example
 * splitBuffers({ x: { y: bytes }, z: [bytes] }); // { state: { x: {}, z: [null] }, paths: [['x', 'y'], ['z', 0]], buffers }
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

/** Puts bytes where they belong, in a copy; throws a RangeError for a path that leads nowhere. */
export function joinBuffers({ state, paths, buffers }: SplitState): Readonly<Record<string, unknown>> {
  const put = (value: unknown, [key, ...rest]: Path, bytes: Bytes): unknown => {
    if (key === undefined) return bytes;
    if (typeof value !== 'object' || value === null || (rest.length > 0 && !Object.hasOwn(value, key))) {
      throw new RangeError(`A widget's state has no '${key}' where a buffer's path leads.`);
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
