import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, KernelProcess, resultOf, textOf } from './kernelProcess.js';

let kernel: KernelProcess;
beforeAll(async () => {
  kernel = await KernelProcess.start();
  await kernel.execute('let kept = 41;');
});
afterAll(() => kernel.stop());

/** Runs a cell up to its first print of `started`, interrupts it, and returns its answer. */
async function interrupted(code: string) {
  const parent = await kernel.sendCell(code);
  await kernel.untilPrinted(parent, 'started');
  await kernel.call('interrupt');
  return kernel.finish(parent);
}

describe('an interrupt', () => {
  it.each([
    [
      'a loop in the callback of a timer',
      "await new Promise(() => setTimeout(() => { console.log('started'); while (true); }, 1));",
    ],
    [
      'a loop in an immediate',
      "await new Promise(() => setImmediate(() => { console.log('started'); while (true); }));",
    ],
    [
      'a loop that goes on from a timer of a function',
      "async function later() { await new Promise((go) => setTimeout(go, 1)); console.log('started'); while (true); }\nawait later();",
    ],
    ['a wait for a timer', "console.log('started');\nawait new Promise((resolve) => setTimeout(resolve, 100_000));"],
    ['a promise that never settles', "console.log('started');\nawait new Promise(() => undefined);"],
    [
      'an interval that a cell waits with',
      "await new Promise(() => setInterval(() => { console.log('started'); for (;;); }, 1));",
    ],
    [
      'a timer of node:timers',
      "import { setTimeout as later } from 'node:timers';\nawait new Promise(() => later(() => { console.log('started'); for (;;); }, 1));",
    ],
  ])('stops %s', async (_name, code) => {
    expect(errorOf(await interrupted(code)).ename).toBe('KeyboardInterrupt');
    expect(resultOf(await kernel.execute('kept + 1'))).toBe('42');
  });

  it('stops a training loop that the library runs, and the policy can be used', async () => {
    const code = [
      'const policy = await models.fromPretrained(datasets.miniatureWorld.policy());',
      'const village = world.createWorld(0);',
      "const pairs = await preference.collect(world.buildPairs(village, 'clair', policy, { count: 32, seed: 0 }));",
    ].join('\n');
    await kernel.execute(code);
    const training = [
      'let steps = 0;',
      "async function* counted() { for await (const step of training.train(policy, pairs, { objective: 'apo_zero', epochs: 10_000 })) { steps += 1; if (steps === 3) console.log('started'); yield step; } }",
      'await preference.collect(counted());',
    ].join('\n');
    expect(errorOf(await interrupted(training)).ename).toBe('KeyboardInterrupt');
    const before = resultOf(await kernel.execute('steps'));
    await kernel.execute('await new Promise((resolve) => setTimeout(resolve, 300));');
    expect(resultOf(await kernel.execute('steps'))).toBe(before);
    expect(resultOf(await kernel.execute("(await policy.generate(['price of bun ?'])).length"))).toBe('1');
  });

  it('ends a timer that a finished cell left computing, reports it, and stops its interval', async () => {
    const parent = await kernel.sendCell(
      "let turns = 0; setInterval(() => { turns += 1; console.log('spinning'); while (true); }, 300);",
    );
    await kernel.finish(parent);
    await kernel.untilPrinted(parent, 'spinning');
    await kernel.call('interrupt');
    expect(resultOf(await kernel.execute('turns'))).toBe('1');
    await kernel.execute('await new Promise((resolve) => setTimeout(resolve, 700));');
    expect(resultOf(await kernel.execute('turns'))).toBe('1');
  });

  it('that has no effect yet is reported, and has its effect in the end', async () => {
    const code = [
      "import { readFile } from 'node:fs';",
      'const until = Date.now() + 8000;',
      "await new Promise((resolve) => readFile('/dev/null', () => { console.log('started'); while (Date.now() < until); resolve(1); }));",
      'await new Promise(() => undefined);',
    ].join('\n');
    const answer = await interrupted(code);
    expect(textOf(answer, 'stderr')).toContain('The interrupt has had no effect yet');
    expect(errorOf(answer).ename).toBe('KeyboardInterrupt');
  });

  it('may come twice: the second one changes neither the cell that ends nor the next one', async () => {
    const parent = await kernel.sendCell("console.log('started'); while (true);");
    await kernel.untilPrinted(parent, 'started');
    await kernel.call('interrupt');
    await kernel.call('interrupt');
    expect(errorOf(await kernel.finish(parent)).ename).toBe('KeyboardInterrupt');
    expect(resultOf(await kernel.execute('kept'))).toBe('41');
  });
});

describe('timers', () => {
  it('keep their arguments, their handles and their promisified forms', async () => {
    const code = [
      "import { promisify } from 'node:util';",
      "const seen: unknown[] = [await promisify(setTimeout)(1, 'promised')];",
      "await new Promise<void>((resolve) => setTimeout((a: string, b: number) => { seen.push(a, b); resolve(); }, 1, 'x', 2));",
      "const never = setTimeout(() => seen.push('never'), 1); clearTimeout(never);",
      'let ticks = 0;',
      'await new Promise<void>((resolve) => { const timer = setInterval(() => { if (++ticks === 3) { clearInterval(timer); resolve(); } }, 1); });',
      'await new Promise((resolve) => setTimeout(resolve, 20));',
      '[...seen, ticks, typeof never.refresh]',
    ].join('\n');
    expect(resultOf(await kernel.execute(code))).toBe("[ 'promised', 'x', 2, 3, 'function' ]");
  });
});
