/** The examples in the objectives' docstrings give the results that their comments state. */
import { readdirSync, readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { beforeAll, expect, it } from 'vitest';
import * as room from '../../src/objectives/index.js';
import { tf, useBackend } from '../../src/tensor/index.js';

beforeAll(async () => {
  await useBackend();
});

const folder = new URL('../../src/objectives/compute/', import.meta.url);

/** The functions for the examples: every export of every file of the room. */
const files = readdirSync(folder).filter((file) => file.endsWith('.ts'));
const exported: Record<string, unknown> = {};
for (const file of files) Object.assign(exported, await import(new URL(file, folder).href));

/** Each example's code without the comment's stars, and the result in its last comment, up to a parenthesis. */
const examples = files.flatMap((file) => {
  const source = readFileSync(new URL(file, folder), 'utf8');
  return [...source.matchAll(/@example\n((?: \* .*\n)+)/g)].map((match, index) => {
    const code = match[1]!.replaceAll(/^ \* /gm, '');
    const promised = /\/\/ ([^(\n]+)(?:\(.*)?\n$/.exec(code)?.[1]?.trim();
    return { name: `${file} ${index + 1}`, code, promised };
  });
});

it('finds an example on every objective', () => {
  const documented = new Set(examples.map(({ name }) => name.split(' ')[0]));
  for (const id of room.objectiveIds) {
    const file = id.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    expect(documented).toContain(`${file}.ts`);
  }
});

it.each(examples)('$name gives $promised', ({ code, promised }) => {
  const logProbs: room.ResponseLogProbs = {
    policyChosen: tf.tensor1d([-40]),
    policyRejected: tf.tensor1d([-50]),
    referenceChosen: tf.tensor1d([-50]),
    referenceRejected: tf.tensor1d([-40]),
    chosenTokens: tf.tensor1d([6]),
    rejectedTokens: tf.tensor1d([6]),
  };
  const scope = { ...exported, tf, logProbs };
  const value: unknown = runInNewContext(code.replaceAll('.print();', '.arraySync();'), scope);
  const actual = [value].flat();
  const expected = JSON.parse(`[${promised?.replaceAll("'", '"')}]`) as (number | string)[];
  expect(actual).toHaveLength(expected.length);
  expected.forEach((one, index) => {
    if (typeof one === 'number') expect(Math.abs((actual[index] as number) - one)).toBeLessThanOrEqual(1e-6);
    else expect(actual[index]).toBe(one);
  });
});
