/** Help while typing, and fixes of errors, through a real Jupyter client. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, KernelProcess } from './kernelProcess.js';

let kernel: KernelProcess;
beforeAll(async () => {
  kernel = await KernelProcess.start();
  const code = [
    'interface Settings { alpha: number; beta?: string }',
    '/** Says how it is done. */',
    "function work(settings: Settings, mode: 'fast' | 'slow') { return [settings, mode]; }",
    'const point = { across: 1, down: 2 };',
  ].join('\n');
  await kernel.execute(code);
});
afterAll(() => kernel.stop());

interface Item {
  readonly text: string;
  readonly type: string;
  readonly signature: string;
  readonly documentation: string;
  readonly insert_text?: string;
}

/** Completes at the `|`. */
async function complete(marked: string) {
  const reply = await kernel.request('complete_request', {
    code: marked.replace('|', ''),
    cursor_pos: Array.from(marked).indexOf('|'),
  });
  const { _jupyter_types_experimental: items } = reply.metadata as { _jupyter_types_experimental: Item[] };
  const matches = reply.matches as string[];
  expect(items.map(({ text }) => text)).toEqual(matches);
  return { matches, items, span: [reply.cursor_start, reply.cursor_end] };
}

describe('completion', () => {
  it('of members has their kind, signature and documentation', async () => {
    const { matches, items, span } = await complete('tf.matM|');
    expect(matches).toEqual(['matMul']);
    expect(span).toEqual([3, 7]);
    expect(items[0]).toMatchObject({ type: 'function' });
    expect(items[0]!.signature).toMatch(/^const matMul: <T extends tf\.Tensor\b.*transposeA\?: boolean/);
    expect((await complete('point.|')).matches).toEqual(['across', 'down']);
  });

  it('counts in code points', async () => {
    expect((await complete('"😀"; point.ac|')).span).toEqual([11, 13]);
  });

  it.each([
    ['object keys', 'work({ al| }, "fast")', ['alpha']],
    ['string literals', "work({ alpha: 1 }, 's|')", ['slow']],
    ['ids of objectives', "training.train(null as never, [], { objective: 'apo_zero_|' })", ['apo_zero_unpaired']],
    ['imports by module', "import { basename } from 'node:path/p|'", ['posix']],
    ['imports by name', "import { basen| } from 'node:path'", ['basename']],
    ['keywords', 'cons|', ['const', 'console']],
  ])('knows %s', async (_name, code, expected) => {
    expect((await complete(code)).matches.slice(0, expected.length)).toEqual(expected);
  });

  it('proposes names of other modules together with their import', async () => {
    const { items } = await complete('readFileSy|');
    expect(items).toMatchObject([{ text: 'readFileSync', insert_text: "(await import('node:fs')).readFileSync" }]);
    expect((await kernel.execute(`${items[0]!.insert_text!}.length`)).reply.status).toBe('ok');
  });
});

/** Inspects at the `|`. */
async function inspect(marked: string) {
  const code = marked.replace('|', '');
  const reply = await kernel.request('inspect_request', { code, cursor_pos: marked.indexOf('|'), detail_level: 0 });
  return reply.data as { 'text/plain': string; 'text/markdown': string };
}

describe('inspection', () => {
  it('shows signature and documentation, as text and as Markdown', async () => {
    const shown = await inspect('wo|rk');
    expect(shown['text/plain']).toBe(
      'function work(settings: Settings, mode: "fast" | "slow"): (Settings | "fast" | "slow")[]\n\nSays how it is done.',
    );
    const library = await inspect('training.tr|ain');
    expect(library['text/markdown']).toMatch(/^```typescript\nfunction train\(model: models\.LanguageModel, /);
    expect(library['text/markdown']).toContain('The model before training is the reference');
  });

  it('inside the parentheses of a call shows the called function', async () => {
    expect((await inspect('tf.matMul(|'))['text/plain']).toContain('Computes the dot product of two matrices');
  });
});

describe('a type error', () => {
  it.each([
    ['an import that is missing', 'readFileSync("x")', 'fix: import { readFileSync } from "node:fs";'],
    ['a global of the kernel', 'new DataFrame([])', 'fix: dfd.DataFrame'],
    [
      'a property that is missing',
      'const wanted: { a: number; b: string } = { a: 1 };',
      'fix: Add missing properties: const wanted: { a: number; b: string } = { a: 1, b: "" };',
    ],
    [
      'a declaration that is missing',
      'undeclared = 3;',
      "fix: Add 'const' to unresolved variable: const undeclared = 3;",
    ],
  ])('names the fix: %s', async (_name, code, fix) => {
    expect(errorOf(await kernel.execute(code)).traceback).toContain(fix);
  });

  it('has no fix that only repeats the message', async () => {
    expect(errorOf(await kernel.execute('point.acros;')).traceback).not.toContain('fix:');
  });
});
