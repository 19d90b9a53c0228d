/** Errors of cells: of types, of syntax, and thrown ones. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, KernelProcess, resultOf } from './kernelProcess.js';

let kernel: KernelProcess;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'apolab-notebook-'));
  kernel = await KernelProcess.start(folder);
});
afterAll(() => kernel.stop());

describe('an error', () => {
  it('of type shows code, line, column and caret, and the cell does not run', async () => {
    await kernel.execute('let untouched = 1;');
    const answer = await kernel.execute("untouched = 2;\nconst wrong: number = 'text';");
    const { ename, evalue, traceback } = errorOf(answer);
    const name = `cell-${String(answer.reply.execution_count)}.ts`;
    expect(ename).toBe('TypeScriptError');
    expect(evalue).toBe(`Type 'string' is not assignable to type 'number'. (TS2322, ${name}:2:7)`);
    expect(traceback).toContain("> 2 | const wrong: number = 'text';\n    |       ^^^^^");
    expect(answer.reply).toMatchObject({ status: 'error', ename, evalue });
    expect(resultOf(await kernel.execute('untouched'))).toBe('1');
  });

  it('of syntax is a SyntaxError at its place', async () => {
    const { ename, traceback } = errorOf(await kernel.execute('const fine = 1;\nlet = = 3;'));
    expect(ename).toBe('SyntaxError');
    expect(traceback).toContain('> 2 | let = = 3;');
  });

  it('at the end of the code, an unclosed brace, points at the last line', async () => {
    const { traceback } = errorOf(await kernel.execute('function open() {\n  return 1;'));
    expect(traceback).toContain('> 2 |   return 1;\n    |            ^');
    const header = errorOf(await kernel.execute('function (\n'));
    expect(header.evalue).toContain('Identifier expected. (TS1003');
    expect(header.traceback).not.toContain('export');
  });

  it('of type has no paths of the installation', async () => {
    const { evalue } = errorOf(await kernel.execute('training.trian();'));
    expect(evalue).toContain("Property 'trian' does not exist on type 'typeof training'. Did you mean 'train'?");
  });

  it('of type on a promise hints at a missing await', async () => {
    const { traceback } = errorOf(await kernel.execute('const later = Promise.resolve([1]);\nlater.length'));
    expect(traceback).toContain(
      "Property 'length' does not exist on type 'Promise<number[]>'.\n  Did you forget to use 'await'?",
    );
  });

  it('below many frames of a package still shows the line of the cell', async () => {
    const code = 'function multiply() {\n  return tf.ones([2, 3]).matMul(tf.ones([2, 3]));\n}\nmultiply();';
    expect(errorOf(await kernel.execute(code)).traceback).toContain('> 2 |   return tf.ones([2, 3])');
  });

  it('that is thrown shows the line that threw, also below lines that have no JavaScript', async () => {
    const answer = await kernel.execute("interface Gone {\n  a: number;\n}\n\nthrow new Error('x');");
    const name = `cell-${String(answer.reply.execution_count)}.ts`;
    const { ename, evalue, traceback } = errorOf(answer);
    expect([ename, evalue]).toEqual(['Error', 'x']);
    expect(traceback).toContain(`${name}:5:7\n  4 | \n> 5 | throw new Error('x');\n    |       ^`);
    expect(traceback.split('\n').filter((line) => line.startsWith('    at '))).toEqual([`    at ${name}:5:7`]);
  });

  it('after an await shows the line that threw', async () => {
    const { traceback } = errorOf(
      await kernel.execute("type T = 1;\nawait new Promise((r) => setTimeout(r, 5));\n  throw new TypeError('late');"),
    );
    expect(traceback).toMatch(/^TypeError: late\ncell-\d+\.ts:3:9\n/);
  });

  it('in a function of an earlier cell shows that cell first, then the call', async () => {
    const first = await kernel.execute(
      'interface A { n: number }\nfunction fails(a: A) {\n  return a.n.toFixed(-1);\n}',
    );
    const second = await kernel.execute('// call it\nfails({ n: 1 });');
    const { ename, traceback } = errorOf(second);
    const frames = traceback.split('\n').filter((line) => line.startsWith('    at '));
    expect(ename).toBe('RangeError');
    expect(traceback).toContain('> 3 |   return a.n.toFixed(-1);');
    expect(frames.slice(1)).toEqual([
      `    at fails (cell-${String(first.reply.execution_count)}.ts:3:14)`,
      `    at cell-${String(second.reply.execution_count)}.ts:2:1`,
    ]);
  });

  it('in an imported file shows the file and its line', async () => {
    await writeFile(
      path.join(folder, 'broken.ts'),
      "interface B {}\nexport function broken(): void {\n  throw new Error('in file');\n}\n",
    );
    const { traceback } = errorOf(await kernel.execute("import { broken } from './broken.js';\nbroken();"));
    expect(traceback).toContain(`${path.join(folder, 'broken.ts')}:3:9`);
    expect(traceback).toContain("> 3 |   throw new Error('in file');");
  });

  it('that is not an Error shows the statement that threw it', async () => {
    const { ename, evalue, traceback } = errorOf(await kernel.execute("const before = 1;\nthrow 'just text';"));
    expect([ename, evalue]).toEqual(['Thrown', 'just text']);
    expect(traceback).toContain("> 2 | throw 'just text';");
  });

  it('is thrown by process.exit() in a cell, and the kernel goes on', async () => {
    const { ename, traceback } = errorOf(await kernel.execute('const reached = 1;\nprocess.exit(3);'));
    expect(ename).toBe('ProcessExit');
    expect(traceback).toContain('> 2 | process.exit(3);');
    expect(resultOf(await kernel.execute('reached'))).toBe('1');
  });

  it('keeps what the cell assigned before it, and the variables of earlier cells', async () => {
    await kernel.execute("let kept = 'old'; let other = 1;");
    await kernel.execute("let reached = 5;\nif (reached) throw new Error('stop');\nlet kept = 6;");
    expect(resultOf(await kernel.execute('[reached, kept.length, other]'))).toBe('[ 5, 3, 1 ]');
  });

  it('aborts the cells that were queued behind it, unless the client says otherwise', async () => {
    const failing = await kernel.sendCell("await null; throw new Error('first');");
    const queued = await kernel.sendCell('globalThis.ranAfterError = true;');
    expect((await kernel.finish(failing)).reply.status).toBe('error');
    expect((await kernel.finish(queued)).reply.status).toBe('aborted');
    expect(resultOf(await kernel.execute("'ranAfterError' in globalThis"))).toBe('false');

    const tolerated = await kernel.sendCell("throw new Error('tolerated');", { stop_on_error: false });
    const next = await kernel.sendCell('8');
    await kernel.finish(tolerated);
    expect(resultOf(await kernel.finish(next))).toBe('8');
  });

  it('of a timer or a forgotten promise is shown and does not end the kernel', async () => {
    const code =
      "setTimeout(() => { throw new Error('from timer'); }, 20);\nvoid Promise.reject(new Error('forgotten'));\nawait new Promise((r) => setTimeout(r, 200));";
    const { outputs, reply } = await kernel.execute(code);
    expect(outputs.map(({ content }) => content.evalue)).toEqual(['forgotten', 'from timer']);
    expect(reply.status).toBe('ok');
  });
});
