/** Any value as text of bounded length: a million numbers would freeze the client. */
import { inspect, types, type InspectOptions } from 'node:util';
import { withoutAsyncIds } from './withoutAsyncIds.js';

const longest = 30_000;
const arrayLength = 100;
const depth = 4;
const manyValues = 5_000;

/** Options of `inspect`: the usual ones, and shorter ones for values that contain 5,000 values or more. */
const full = { depth, maxArrayLength: arrayLength, maxStringLength: 10_000, breakLength: 100 } satisfies InspectOptions;
const brief = { ...full, depth: 2, maxArrayLength: 12, maxStringLength: 200 } satisfies InspectOptions;

/**
 * The value as Node's `inspect` prints it, 30,000 characters at most. Never throws: if `inspect` does, the text says why.
 *
 * @example
 * inspectText(new Map([['k', 1]])); // "Map(1) { 'k' => 1 }"
 */
export function inspectText(value: unknown): string {
  try {
    const options = countValues(value, manyValues) < manyValues ? full : brief;
    return shorten(withoutAsyncIds(inspect(value, options)), longest);
  } catch (error) {
    return `[${typeof value} that can't be shown: ${reasonOf(error)}]`;
  }
}

/** The message of an error, or any other thrown value as text. Never throws. */
export function reasonOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch (error) {
    return `an error without words (${typeof error})`;
  }
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}\n... ${text.length - length} more characters`;
}

/** How many values `inspect` would print, counted up to `limit`. Calls no getter and no trap of a Proxy. */
function countValues(value: unknown, limit: number): number {
  let count = 0;
  const visit = (each: unknown, left: number) => {
    count += 1;
    if (count >= limit || left < 0 || typeof each !== 'object' || each === null || types.isProxy(each)) return;
    for (const inner of childrenOf(each)) {
      if (count >= limit) return;
      visit(inner, left - 1);
    }
  };
  visit(value, depth);
  return count;
}

function* childrenOf(value: object): Generator {
  if (Array.isArray(value)) {
    for (let index = 0; index < Math.min(value.length, arrayLength); index++) {
      yield Object.getOwnPropertyDescriptor(value, index)?.value;
    }
  } else if (types.isMap(value)) {
    let left = arrayLength;
    for (const entry of Map.prototype.entries.call(value)) {
      if ((left -= 1) < 0) return;
      yield* entry as unknown[];
    }
  } else if (types.isSet(value)) {
    let left = arrayLength;
    for (const entry of Set.prototype.values.call(value)) {
      if ((left -= 1) < 0) return;
      yield entry;
    }
  } else if (!ArrayBuffer.isView(value)) {
    for (const key of Object.keys(value)) yield Object.getOwnPropertyDescriptor(value, key)?.value;
  }
}
