import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { mapOrdered } from '../../src/core/mapOrdered.js';

async function* source<T>(...items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}

describe('mapOrdered', () => {
  it("yields results in the items' order, with at most `ahead` items at once", async () => {
    let [running, most] = [0, 0];
    const results: number[] = [];
    const work = async (milliseconds: number) => {
      most = Math.max(most, (running += 1));
      await sleep(milliseconds);
      running -= 1;
      return milliseconds;
    };
    for await (const result of mapOrdered(source(20, 1, 10, 2, 5), 3, work)) results.push(result);
    expect(results).toEqual([20, 1, 10, 2, 5]);
    expect(most).toBe(3);
  });

  it('throws an error after the results of the items before it', async () => {
    const results: number[] = [];
    const work = (item: number) => (item === 2 ? Promise.reject(new Error('two')) : Promise.resolve(item));
    const all = async () => {
      for await (const result of mapOrdered(source(0, 1, 2, 3), 4, work)) results.push(result);
    };
    await expect(all()).rejects.toThrow('two');
    expect(results).toEqual([0, 1]);
  });
});
