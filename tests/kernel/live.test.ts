/** `live(value)`: what is drawn, how often, and that the last value is always shown. */
import { beforeEach, describe, expect, it } from 'vitest';
import { createDisplays } from '../../kernel/display/display.js';
import { createLive, type Live } from '../../kernel/display/live.js';
import { render } from '../../kernel/display/render.js';

interface Sent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly id: string;
}

let sent: Sent[];
let clock: number;
/** Milliseconds that one drawing takes on the clock. */
let cost: number;
let planned: { action: () => void; at: number }[];
let live: Live;
let displays: ReturnType<typeof createDisplays>;

/** Moves the clock, and runs the actions that are due. */
async function wait(milliseconds: number) {
  clock += milliseconds;
  const due = planned.filter(({ at }) => at <= clock);
  planned = planned.filter(({ at }) => at > clock);
  for (const { action } of due) action();
  await new Promise((resolve) => setImmediate(resolve));
}

beforeEach(() => {
  [sent, clock, cost, planned] = [[], 0, 0, []];
  displays = createDisplays((type, content) => {
    clock += cost;
    const { data, transient } = content as { data: Sent['data']; transient: { display_id: string } };
    sent.push({ type, data, id: transient.display_id });
  });
  const later = (action: () => void, milliseconds: number) => planned.push({ action, at: clock + milliseconds });
  live = createLive(displays, later, () => clock);
});

const texts = () => sent.map(({ data }) => data['text/plain']);

describe('a live output', () => {
  it('is shown at once and replaced under its id; its handle shows nothing', async () => {
    const view = live(1, { id: 'curve' });
    await wait(40);
    view.update(2);
    expect(sent.map(({ type, id }) => [type, id])).toEqual([
      ['display_data', 'curve'],
      ['update_display_data', 'curve'],
    ]);
    expect(texts()).toEqual(['1', '2']);
    expect(view.id).toBe('curve');
    expect((await render(view)).data).toEqual({});
  });

  it('leaves out what comes too fast, and shows the last value when it is time', async () => {
    const view = live(0);
    for (let value = 1; value <= 100; value++) view.update(value);
    expect(texts()).toEqual(['0']);
    expect(planned).toHaveLength(1);
    let settled = false;
    const settling = displays.settle().then(() => (settled = true));
    await Promise.resolve();
    expect(settled).toBe(false);
    await wait(40);
    await settling;
    expect(texts()).toEqual(['0', '100']);
  });

  it('draws in a loop that never waits, and not a second time when the timer comes', async () => {
    const view = live(0);
    for (let value = 1; value <= 10; value++) {
      clock += 15;
      view.update(value);
    }
    expect(texts()).toEqual(['0', '3', '6', '9']);
    await wait(40);
    expect(texts()).toEqual(['0', '3', '6', '9', '10']);
    await wait(1000);
    expect(texts()).toHaveLength(5);
  });

  it('takes at most a tenth of the time if drawing is slow', async () => {
    cost = 20;
    const view = live(0);
    for (let passed = 0; passed < 2000; passed += 10) {
      view.update(passed);
      await wait(10);
    }
    expect((sent.length * cost) / clock).toBeLessThanOrEqual(0.11);
    expect(sent.length).toBeGreaterThan(8);
  });

  it('fails in the cell if the value cannot be shown, and for an impossible interval', async () => {
    const view = live(0);
    view.update({
      [Symbol.for('Jupyter.display')]: () => {
        throw new TypeError('no picture');
      },
    });
    const settling = expect(displays.settle()).rejects.toThrow('no picture');
    await wait(40);
    await settling;
    expect(() => live(0, { every: -1 })).toThrow('every is -1; expected milliseconds between two redraws');
  });
});
