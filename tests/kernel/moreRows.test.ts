/** Rows of a table that did not fit into its output, as a page asks the kernel for them. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { KernelProcess } from './kernelProcess.js';

let kernel: KernelProcess;
beforeAll(async () => {
  kernel = await KernelProcess.start();
});
afterAll(() => kernel.stop());

interface Embedded {
  readonly rows: readonly (readonly unknown[])[];
  readonly total: number;
  readonly more?: string;
}

/** What a table's output embeds. */
async function tableOf(code: string): Promise<Embedded> {
  const { outputs } = await kernel.execute(code);
  const { 'text/html': html } = outputs.find(({ type }) => type === 'execute_result')!.content.data as Record<
    string,
    string
  >;
  return JSON.parse(/<script type="application\/json">(.*?)<\/script>/s.exec(html!)![1]!) as Embedded;
}

/** The messages that answer a request for rows. */
async function ask(data: object) {
  const opening = { comm_id: randomUUID(), target_name: 'apolab.rows', data };
  const { outputs } = await kernel.shown(await kernel.send('comm_open', opening));
  return outputs.map(({ type, content }) => [type, content.data] as const);
}

const large = "Array.from({ length: 12_000 }, (_, index) => ({ index, text: 'x'.repeat(390) }))";

it('all rows of a large table come, each once, in messages of its own', async () => {
  const { rows, total, more } = await tableOf(large);
  expect([total, rows.length < total, rows.length > total / 4]).toEqual([12_000, true, true]);
  const seen = [...rows];
  while (seen.length < total) {
    const [answer, closing] = await ask({ table: more, start: seen.length });
    expect(closing).toEqual(['comm_close', {}]);
    seen.push(...(answer![1] as Embedded).rows);
  }
  expect(seen.map(([label, index]) => [label, index])).toEqual(
    Array.from({ length: total }, (_, index) => [String(index), index]),
  );
});

it('a table that fits has nothing more', async () => {
  expect(await tableOf('[{ a: 1 }, { a: 2 }]')).not.toHaveProperty('more');
});

it('rows of an unknown table, of an older one than the last 20, and from nowhere are answered by a closed comm', async () => {
  const { more } = await tableOf(large);
  expect(await ask({ table: 'unheard-of', start: 0 })).toEqual([['comm_close', {}]]);
  expect(await ask({ table: more, start: 'here' })).toEqual([['comm_close', {}]]);
  expect(await ask({ table: more, start: 11_999 })).toHaveLength(2);
  await kernel.execute(`const many = ${large};\nfor (let times = 0; times < 20; times++) display(many);`);
  expect(await ask({ table: more, start: 11_999 })).toEqual([['comm_close', {}]]);
});
