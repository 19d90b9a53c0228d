/** Training that is watched in a real kernel: what is shown of it, the stop button in its middle, and that it continues. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goldenFolder } from '../golden/read.js';
import { errorOf, KernelProcess, resultOf, type KernelMessage } from './kernelProcess.js';

let kernel: KernelProcess;

// This backend has one thread that adds in one order, so a run's numbers are the same to the last bit.
beforeAll(async () => {
  kernel = await KernelProcess.start(undefined, { APOLAB_BACKEND: 'wasm' });
  await kernel.execute(
    [
      `const folder = ${JSON.stringify(path.join(goldenFolder, 'tiny-llama'))};`,
      `const { pairs } = await preference.readPairs(${JSON.stringify(path.join(goldenFolder, 'pairs.jsonl'))});`,
      "const newRun = async () => training.train(await models.fromPretrained(folder), pairs, { objective: 'kto', batchSize: 2, maxSteps: 200, learningRate: 1e-4 });",
      'const weightsOf = (run: Awaited<ReturnType<typeof newRun>>) => JSON.stringify(Object.values(run.model.trainable).map((tensor) => [...tensor.dataSync()]));',
      'const same = (one: Awaited<ReturnType<typeof newRun>>, other: typeof one) => [JSON.stringify(one.history) === JSON.stringify(other.history), weightsOf(one) === weightsOf(other), one.history.length];',
      'const whole = await newRun();',
      'for await (const step of whole);',
    ].join('\n'),
  );
});
afterAll(() => kernel.stop());

interface Shown {
  readonly id: string;
  readonly text: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const shownOf = ({ type, content }: KernelMessage): Shown[] => {
  if (!type.endsWith('display_data')) return [];
  const data = content.data as Record<string, unknown>;
  return [{ id: (content.transient as { display_id: string }).display_id, text: String(data['text/plain']), data }];
};

/** Runs a cell, interrupts it when its bar has reached `step`, and gives all that it has shown. */
async function stopAt(code: string, step: number) {
  const parent = await kernel.sendCell(code);
  const shown: Shown[] = [];
  for (;;) {
    const message = await kernel.call<KernelMessage>('output', { parent });
    if (message.type === 'error') throw new Error(`the cell failed: ${String(message.content.evalue)}`);
    shown.push(...shownOf(message));
    if (Number(/(\d+)\/200 steps/.exec(shown.at(-1)?.text ?? '')?.[1] ?? 0) >= step) break;
  }
  await kernel.call('interrupt');
  const answer = await kernel.finish(parent);
  return { answer, shown: [...shown, ...answer.outputs.flatMap(shownOf)] };
}

const bars = (shown: readonly Shown[]) => shown.map(({ text }) => text).filter((text) => text.includes('/200 steps'));
const stepOf = (bar: string) => Number(/(\d+)\/200 steps/.exec(bar)![1]);

describe('progress of a training run', () => {
  it('shows bar, total, time left, loss, margin and both rewards, can be stopped, and continues', async () => {
    await kernel.execute('const run = await newRun();\nconst seen: number[] = [];');
    const cell = 'for await (const { step } of progress(run)) seen.push(step);';
    const { answer, shown } = await stopAt(cell, 20);
    expect(errorOf(answer).ename).toBe('KeyboardInterrupt');
    const running = bars(shown).find((bar) => bar.includes('left'));
    expect(running).toMatch(
      /^\[#*-+\] \d+\/200 steps, [\d.]+\/s, \d+:\d\d left, loss 0\.\d+, margin [-\d.e]+, chosen [-\d.e]+, rejected [-\d.e]+$/,
    );
    expect(new Set(shown.map(({ id }) => id)).size).toBe(1);
    const stopped = bars(shown).at(-1)!;
    expect(stopped).toContain('stopped after');
    expect(stepOf(stopped)).toBeLessThan(200);
    // A second stop, then to the end.
    await stopAt(cell, stepOf(stopped) + 20);
    const last = await kernel.execute(cell);
    expect(bars(last.outputs.flatMap(shownOf)).at(-1)).toMatch(/^\[#+\] 200\/200 steps, .* in all, loss/);
    expect(resultOf(await kernel.execute('same(run, whole)'))).toBe('[ true, true, 200 ]');
    // The body of the loop sees no step twice. A step that ends while the cell is being stopped is only in the history.
    const steps = JSON.parse(String(resultOf(await kernel.execute('JSON.stringify(seen)'))).slice(1, -1)) as number[];
    expect(steps.every((step, index) => index === 0 || step > steps[index - 1]!)).toBe(true);
    expect(steps.length).toBeGreaterThanOrEqual(198);
  });
});

describe('watch', () => {
  it('draws curves and answers, can be stopped, and continues with the same cell', async () => {
    await kernel.execute('const watched = await newRun();');
    const cell = "await watch(watched, { prompts: ['2 + 2?', 'Hello'], every: 40, maxNewTokens: 4 });";
    const { answer, shown } = await stopAt(cell, 60);
    expect(errorOf(answer).ename).toBe('KeyboardInterrupt');
    expect(bars(shown).at(-1)).toMatch(/stopped after .*, run this cell again to continue$/);
    const figures = shown.filter(({ data }) => 'application/vnd.plotly.v1+json' in data);
    const traces = figures.map(
      ({ data }) => (data['application/vnd.plotly.v1+json'] as { data: { name: string; x: number[] }[] }).data,
    );
    expect(traces.at(-1)!.map(({ name }) => name)).toEqual([
      'loss, each step',
      'loss',
      'chosen, each step',
      'chosen',
      'rejected, each step',
      'rejected',
      'margin, each step',
      'margin',
    ]);
    expect(traces.at(-1)![0]!.x.at(-1)).toBe(stepOf(bars(shown).at(-1)!));
    // One output for the bar, one for the curves, one for the answers.
    expect(new Set(shown.map(({ id }) => id)).size).toBe(3);

    const rest = await kernel.execute(cell);
    const after = rest.outputs.flatMap(shownOf);
    expect(stepOf(bars(after)[0]!)).toBe(stepOf(bars(shown).at(-1)!));
    expect(bars(after).at(-1)).toMatch(/200\/200 steps, .* in all/);
    const answers = after.filter(({ text }) => text.startsWith('2 + 2?')).at(-1)!.text;
    expect(answers.match(/steps? [\d\u2013]+/g)!.at(-1)).toMatch(/200$/);
    expect(resultOf(await kernel.execute('same(watched, whole)'))).toBe('[ true, true, 200 ]');
    expect(
      resultOf(
        await kernel.execute('watch(watched, { prompts: ["2 + 2?", "Hello"] }).samples.map(({ step }) => step)'),
      ),
    ).toBe('[ 0, 40, 80, 120, 160, 200 ]');
  });

  it('yields each step to a loop, and an interrupt of the loop itself leaves the run whole', async () => {
    await kernel.execute('const looped = await newRun();\nconst got: number[] = [];');
    const parent = await kernel.sendCell(
      "for await (const { step } of watch(looped)) { got.push(step); if (step === 5) { console.log('busy'); while (true); } }",
    );
    await kernel.untilPrinted(parent, 'busy');
    await kernel.call('interrupt');
    expect(errorOf(await kernel.finish(parent)).ename).toBe('KeyboardInterrupt');
    await kernel.execute('for await (const { step } of watch(looped)) got.push(step);');
    expect(resultOf(await kernel.execute('same(looped, whole)'))).toBe('[ true, true, 200 ]');
    expect(resultOf(await kernel.execute('got.length === 200 && got.every((step, index) => step === index + 1)'))).toBe(
      'true',
    );
  });

  it('continues after a stop that broke off an evaluation of the cell', async () => {
    await kernel.execute(
      [
        'const state = { broken: true };',
        'const evaluated = training.train(await models.fromPretrained(folder), pairs, {',
        "  objective: 'kto', batchSize: 2, maxSteps: 200, learningRate: 1e-4,",
        "  evaluate: { every: 30, run: () => { if (state.broken) { console.log('evaluating'); while (true); } return { done: 1 }; } },",
        '});',
      ].join('\n'),
    );
    const parent = await kernel.sendCell('await watch(evaluated);');
    await kernel.untilPrinted(parent, 'evaluating');
    await kernel.call('interrupt');
    expect(errorOf(await kernel.finish(parent)).ename).toBe('KeyboardInterrupt');
    await kernel.execute('state.broken = false;');
    await kernel.execute('await watch(evaluated);');
    expect(
      resultOf(
        await kernel.execute('evaluated.history.filter((step) => step.eval_done === 1).map(({ step }) => step).join()'),
      ),
    ).toBe("'30,60,90,120,150,180,200'");
    expect(resultOf(await kernel.execute('weightsOf(evaluated) === weightsOf(whole)'))).toBe('true');
  });

  it('refuses wrong options by name', async () => {
    expect(errorOf(await kernel.execute('watch(whole, { every: 0 })')).evalue).toBe(
      'every is 0; it has to be a whole number of 1 or more.',
    );
  });

  it('keeps gradients working after a stop in the middle of tensor operations', async () => {
    const parent = await kernel.sendCell(
      "const v = tf.variable(tf.ones([256, 256]));\nconsole.log('busy');\nwhile (true) tf.tidy(() => tf.variableGrads(() => tf.sum(tf.matMul(v, tf.matMul(v, v)))));",
    );
    await kernel.untilPrinted(parent, 'busy');
    await new Promise((resolve) => setTimeout(resolve, 300));
    await kernel.call('interrupt');
    expect(errorOf(await kernel.finish(parent)).ename).toBe('KeyboardInterrupt');
    expect(
      resultOf(
        await kernel.execute(
          'Array.from(tf.variableGrads(() => tf.sum(tf.square(v)) as import("@tensorflow/tfjs").Scalar, [v]).grads[v.name]!.dataSync()).every((value) => value === 2)',
        ),
      ),
    ).toBe('true');
  });
});
