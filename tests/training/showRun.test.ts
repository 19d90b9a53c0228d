/** What a training run shows of itself as a cell's last value. */
import path from 'node:path';
import { expect, test } from 'vitest';
import { render } from '../../kernel/display/render.js';
import { fromPretrained } from '../../src/model/index.js';
import { readPairs } from '../../src/preference.js';
import { useBackend } from '../../src/tensor/index.js';
import { train } from '../../src/training/index.js';
import { goldenFolder } from '../golden/read.js';

await useBackend();

test('a run shows its objective, its steps and how its metrics changed, and not its tokenizer', async () => {
  const { pairs } = await readPairs(path.join(goldenFolder, 'pairs.jsonl'));
  const model = await fromPretrained(path.join(goldenFolder, 'tiny-llama'));
  const run = train(model, pairs, { objective: 'dpo', batchSize: 2, epochs: 2, learningRate: 1e-3 });
  const text = async () => String((await render(run)).data['text/plain']);
  expect(await text()).toBe(
    `Training of ${model.name} with dpo: 0 of ${run.steps} steps\n` +
      'It takes its steps in a loop: for await (const step of run) console.log(step.loss);',
  );
  for await (const { step } of run) if (step === 3) break;
  const [first, , last] = run.history;
  const lines = (await text()).split('\n');
  expect(lines[0]).toBe(`Training of ${model.name} with dpo: 3 of ${run.steps} steps`);
  const number = (value: number) => String(Number(value.toPrecision(4)));
  expect(lines[2]!.split(/\s{2,}/)).toEqual(['loss', number(first!.loss), number(last!.loss)]);
  expect(lines.length).toBeLessThanOrEqual(8);
  const { data } = await render(run.history);
  expect(String(data['text/plain']).split('\n').slice(2)).toEqual(lines.slice(2, 7));
  run.stop();
});
