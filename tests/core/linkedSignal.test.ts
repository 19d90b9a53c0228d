import { describe, expect, it } from 'vitest';
import { linkedSignal } from '../../src/core/linkedSignal.js';

describe('a linked signal', () => {
  it('is aborted with the outer one and its reason, unless it was released', () => {
    const outer = new AbortController();
    const [linked, released] = [linkedSignal(outer.signal), linkedSignal(outer.signal)];
    released.release();
    outer.abort('stopped');
    expect([linked.signal.aborted, linked.signal.reason]).toEqual([true, 'stopped']);
    expect(released.signal.aborted).toBe(false);
    expect(linkedSignal(outer.signal).signal.aborted).toBe(true);
  });

  it('is aborted alone by end()', () => {
    const outer = new AbortController();
    const [one, other] = [linkedSignal(outer.signal), linkedSignal(outer.signal)];
    one.end();
    expect([one.signal.aborted, other.signal.aborted, outer.signal.aborted]).toEqual([true, false, false]);
    expect(linkedSignal(undefined).signal.aborted).toBe(false);
  });
});
