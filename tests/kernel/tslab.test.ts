/** Notebooks that were written for tslab run unchanged, through nbclient. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { venvPython } from '../../src/commands/jupyterEnvironment.js';
import { testEnvironment } from './kernelProcess.js';
import { writeNotebook } from './writeNotebook.js';

interface Output {
  readonly output_type: string;
  readonly text?: string;
  readonly data?: Readonly<Record<string, string>>;
}
interface Run {
  readonly error: unknown;
  readonly cells: readonly { readonly count: number; readonly outputs: readonly Output[] }[];
}

let env: NodeJS.ProcessEnv;
let folder: string;
beforeAll(async () => {
  ({ env, prefix: folder } = await testEnvironment());
});

async function runNotebook(name: string, cells: readonly string[]): Promise<Run> {
  const file = await writeNotebook(folder, name, cells);
  const runner = path.join(import.meta.dirname, 'nbclientRun.py');
  const { stdout } = await promisify(execFile)(venvPython, [runner, file], { env, cwd: folder, maxBuffer: 2 ** 26 });
  return JSON.parse(stdout) as Run;
}

const dataOf = ({ cells }: Run, cell: number) =>
  cells[cell]!.outputs.filter(({ output_type: type }) => type === 'display_data').map(({ data }) => data);
const textOf = ({ cells }: Run, cell: number) => cells[cell]!.outputs.map(({ text }) => text ?? '').join('');
const resultOf = ({ cells }: Run, cell: number) =>
  cells[cell]!.outputs.find(({ output_type: type }) => type === 'execute_result')?.data?.['text/plain'];

describe('a notebook made for tslab', () => {
  it('shows rich output', async () => {
    const run = await runNotebook('display', [
      'import * as tslab from "tslab";',
      'tslab.display.html(`<div style="color:green"><h3>Hello</h3></div>`);\ntslab.display.markdown("**bold**");',
      'const svg = \'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="10" height="10"/></svg>\';\ntslab.display.svg(svg);\ntslab.display.latex("$x^2$");',
      'const bytes = new Uint8Array([137, 80, 78, 71]);\ntslab.display.png(bytes);\ntslab.display.raw("text/plain", "raw");',
      'tslab.display.text(tslab.versions.node);',
    ]);
    expect(run.error).toBeNull();
    expect(dataOf(run, 1)).toEqual([
      { 'text/html': '<div style="color:green"><h3>Hello</h3></div>' },
      { 'text/markdown': '**bold**' },
    ]);
    expect(dataOf(run, 2)[1]).toEqual({ 'text/latex': '$x^2$' });
    expect(dataOf(run, 3)).toEqual([{ 'image/png': 'iVBORw==' }, { 'text/plain': 'raw' }]);
    expect(dataOf(run, 4)).toEqual([{ 'text/plain': process.version }]);
  });

  it('updates a display while it waits', async () => {
    const run = await runNotebook('update', [
      'import {display, newDisplay} from "tslab";',
      'let d = newDisplay();\nlet sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));',
      'for (let i = 0; i < 3; i++) {\n    d.text(`Progress: ${i}`);\n    await sleep(10);\n}\nd.text("Done");',
      'display.text("after")',
    ]);
    expect(run.error).toBeNull();
    expect(dataOf(run, 2)).toEqual([{ 'text/plain': 'Done' }]);
    expect(dataOf(run, 3)).toEqual([{ 'text/plain': 'after' }]);
  });

  it('prints, declares, imports and awaits as its examples do', async () => {
    const run = await runNotebook('language', [
      'let x = 3, y = "hello";\nconsole.log("Hello, world!"); console.error("oops"); process.stdout.write("written\\n");',
      '/** A function */\nfunction sum(a: number, b: number): number { return a + b }\nsum(x, 2)',
      'class Person {\n    constructor(public name: string) {}\n    greet() { return `Hello, ${this.name}` }\n}\nlet p = new Person("Yu");',
      'p.greet()',
      'x = 10\nx + 1',
      'import * as os from "os";\nimport {readFileSync} from "fs";\n[typeof os.cpus, typeof readFileSync]',
      'async function fetchLater(v: number): Promise<number> { return new Promise(r => setTimeout(() => r(v), 5)); }\nawait fetchLater(7)',
      'let {a, b: [c, d]} = {a: 1, b: [2, 3]};\n[a, c, d]',
      'const naturals = function*() { let n = 0; while (true) yield n++; };\nconst first: number[] = [];\nfor (const n of naturals()) { if (n > 3) break; first.push(n); }\nfirst',
    ]);
    expect(run.error).toBeNull();
    expect(textOf(run, 0)).toContain('Hello, world!\n');
    expect(textOf(run, 0)).toContain('oops\n');
    expect(textOf(run, 0)).toContain('written\n');
    const results = [1, 3, 4, 5, 6, 7, 8].map((cell) => resultOf(run, cell));
    expect(results).toEqual([
      '5',
      "'Hello, Yu'",
      '11',
      "[ 'function', 'function' ]",
      '7',
      '[ 1, 2, 3 ]',
      '[ 0, 1, 2, 3 ]',
    ]);
    expect(run.cells.map(({ count }) => count)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});
