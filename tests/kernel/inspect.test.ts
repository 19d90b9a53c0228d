import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KernelProcess } from './kernelProcess.js';

let kernel: KernelProcess;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'apolab-inspect-'));
  await writeFile(
    path.join(folder, 'tools.ts'),
    '// A file.\n/** Halves. */\nexport const half = (n: number) => n / 2;\n\nexport default class Tool {}\n',
  );
  kernel = await KernelProcess.start(folder);
  await kernel.execute(
    `/** Adds one. */
function increment(n: number): number {
  return n + 1; // really
}
class Box {
  /** The inside. */
  open(): string { return 'open'; }
}
const twice = (n: number) => 2 * n, five = 5;
interface Point { x: number }
const żółw = () => '🐢';`,
  );
  await kernel.execute("import Tool, { half as halve } from './tools';\nconst known = [Tool, halve];");
});
afterAll(() => kernel.stop());

async function inspect(code: string, detail_level: number, cursor_pos = Array.from(code).length) {
  const { found, data } = await kernel.request('inspect_request', { code, cursor_pos, detail_level });
  return found ? (data as Record<string, string>)['text/plain']! : undefined;
}

async function pageOf(code: string): Promise<string> {
  const { reply, outputs } = await kernel.execute(code);
  expect(outputs).toEqual([]);
  const [page] = reply.payload as { source: string; data: Record<string, string> }[];
  expect(page!.source).toBe('page');
  return page!.data['text/plain']!;
}

describe('inspecting', () => {
  it('gives signature and documentation at level 0, and the source as it was typed at level 1', async () => {
    const short = await inspect('increment', 0);
    expect(short).toContain('function increment(n: number): number');
    expect(short).toContain('Adds one.');
    expect(short).not.toContain('really');
    expect(await inspect('increment', 1)).toBe(
      `${short}\n\nSource (cell-1.ts):\n/** Adds one. */\nfunction increment(n: number): number {\n  return n + 1; // really\n}`,
    );
  });

  it.each([
    ['twice', 'Source (cell-1.ts):\nconst twice = (n: number) => 2 * n, five = 5;'],
    ['Box', "Source (cell-1.ts):\nclass Box {\n  /** The inside. */\n  open(): string { return 'open'; }\n}"],
    ['Box.open', "Source (cell-1.ts):\n/** The inside. */\n  open(): string { return 'open'; }"],
    ['Point', 'Source (cell-1.ts):\ninterface Point { x: number }'],
    ['żółw', "Source (cell-1.ts):\nconst żółw = () => '🐢';"],
  ])('finds the source of %s', async (name, source) => {
    expect(await pageOf(`${name}??`)).toContain(source);
  });

  it('finds sources in files that a cell imports, under the names that it gave them', async () => {
    expect(await pageOf('halve??')).toContain(
      `Source (${path.join(folder, 'tools.ts')}):\n/** Halves. */\nexport const half = (n: number) => n / 2;`,
    );
    expect(await pageOf('Tool??')).toContain('export default class Tool {}');
  });

  it('takes the word at the cursor, with the names before its dots', async () => {
    expect(await inspect("const y = '😀' + increment(1)", 1, 20)).toContain('really');
    expect(await inspect('increment.name', 1, 4)).toContain('really');
    expect(await inspect('increment.name', 1)).not.toContain('really');
  });

  it('shows no source of plain values, packages or unknown names', async () => {
    for (const name of ['five', 'tf.matMul', 'parseInt']) {
      expect(await inspect(name, 1)).toBe(await inspect(name, 0));
      expect(await inspect(name, 1)).toBeDefined();
    }
    expect(await inspect(' ', 1)).toBeUndefined();
  });

  it('shows the latest declaration, and not an earlier one that it hides', async () => {
    await kernel.execute('function again() { return 1; }');
    await kernel.execute('function again() { return 2; }');
    expect(await pageOf('again??')).toContain('return 2;');
    await kernel.execute('const again = 3;');
    expect(await pageOf('again??')).not.toContain('Source');
  });

  it('takes marks before and behind the name, as IPython does', async () => {
    const short = await pageOf('increment?');
    expect(short).not.toContain('Source');
    expect(await pageOf(' ?increment ')).toBe(short);
    expect(await pageOf('??increment')).toBe(await pageOf('increment??'));
  });
});
