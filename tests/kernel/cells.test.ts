/** Typical cells, in a folder with its own files and packages. */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, KernelProcess, resultOf, textOf } from './kernelProcess.js';

let folder: string;
let kernel: KernelProcess;

const write = async (name: string, text: string) => {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
};
/** A package that can only be imported, like many today. */
const writePackage = async (name: string, code: string, types: string) => {
  const exports = { '.': { types: './index.d.ts', import: './index.js' } };
  await write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', type: 'module', exports }));
  await write(`node_modules/${name}/index.js`, code);
  await write(`node_modules/${name}/index.d.ts`, types);
};
const run = async (code: string) => resultOf(await kernel.execute(code));

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'apolab-cells-'));
  await writePackage(
    'only-import',
    'export let count = 0;\nexport const add = () => (count += 1);\nexport default (name) => `hello ${name}`;',
    'export declare let count: number;\nexport declare const add: () => number;\nexport default function hello(name: string): string;',
  );
  await writePackage('awaits', 'export const late = await Promise.resolve(7);', 'export declare const late: number;');
  await write('half.ts', 'export const half = (value: number): number => value / 2;\n');
  await write('twice.js', 'export function twice(value) { return value.missing ? 0 : value * 2; }\n');
  await write('five.json', '{ "five": 5 }');
  await write(
    'lib/inner.ts',
    "import { half } from '../half.js';\nexport const quarter = (value: number): number => half(half(value));\n",
  );
  await write(
    'tsconfig.json',
    '{ "compilerOptions": { "strict": true, "noUnusedLocals": true, "paths": { "@/*": ["./lib/*"] } } }',
  );
  kernel = await KernelProcess.start(folder);
});
afterAll(() => kernel.stop());

describe('imports', () => {
  it('take packages that can only be imported, with live members and a default', async () => {
    expect(await run("import hello, { add, count } from 'only-import';\nadd();\n[hello('you'), count]")).toBe(
      "[ 'hello you', 1 ]",
    );
    expect(await run("import * as all from 'only-import';\nObject.keys(all).sort()")).toBe(
      "[ 'add', 'count', 'default' ]",
    );
  });

  it('take packages that await at their top level', async () => {
    expect(await run("import { late } from 'awaits';\nlate")).toBe('7');
  });

  it('load at run time too: packages, files, JSON, and modules of Node', async () => {
    const code = [
      "const name = 'only-import';",
      "const found = [(await import('awaits')).late, (await import('./half.ts')).half(9), (await import('./five.json')).default.five];",
      "[...found, (await import('node:path')).basename('/a/b'), typeof ((await import(name)) as { add: unknown }).add]",
    ].join('\n');
    expect(await run(code)).toBe("[ 7, 4.5, 5, 'b', 'function' ]");
  });

  it('take JSON with attributes, and plain JavaScript without checking it', async () => {
    const code =
      "import five from './five.json' with { type: 'json' };\nimport { twice } from './twice.js';\ntwice(five.five)";
    expect(await run(code)).toBe('10');
  });

  it('follow the paths of tsconfig.json, also from the files that they lead to', async () => {
    expect(await run("import { quarter } from '@/inner';\nquarter(8)")).toBe('2');
  });

  it('read files again when they have changed: TypeScript, JavaScript and JSON', async () => {
    await write('changing.ts', 'export const version: string = "ts 1";\n');
    await write('changing-plain.js', 'export const version = "js 1";\n');
    await write('changing.json', '{ "version": "json 1" }');
    const code = [
      "import { version as typed } from './changing.js';",
      "import { version as plain } from './changing-plain.js';",
      "import json from './changing.json';",
      '[typed, plain, json.version].join()',
    ].join('\n');
    expect(await run(code)).toBe("'ts 1,js 1,json 1'");
    await write('changing.ts', 'export const version: string = "ts two";\n');
    await write('changing-plain.js', 'export const version = "js two";\n');
    await write('changing.json', '{ "version": "json two" }');
    expect(await run(code)).toBe("'ts two,js two,json two'");
  });

  it('of a missing package say how to install it', async () => {
    const { traceback } = errorOf(await kernel.execute("import x from '@some/where/inside';"));
    expect(traceback).toContain('fix: %npm install @some/where');
  });
});

describe('a cell', () => {
  it('has what a module has: import.meta, __dirname, require, and names that are exported', async () => {
    const code =
      "export const shared = 3;\nexport function area(side: number) { return side * side; }\n[import.meta.dirname === __dirname, import.meta.url.startsWith('file:'), require('node:os').EOL.length]";
    expect(await run(code)).toBe('[ true, true, 1 ]');
    expect(await run('area(shared)')).toBe('9');
  });

  it('takes names of earlier cells in shorthands', async () => {
    await run('const beta = 0.1;\nlet seed = 7;\nconst inFile = { beta };');
    expect(await run('({ beta, seed })')).toBe('{ beta: 0.1, seed: 7 }');
    expect(await run('const settings = (beta: number) => ({ beta, seed });\nsettings(2)')).toBe('{ beta: 2, seed: 7 }');
    expect(await run('const given: { seed?: number } = {};\n({ seed = 9 } = given);\n({ seed, inFile })')).toBe(
      '{ seed: 9, inFile: { beta: 0.1 } }',
    );
  });

  it("uses the standard's decorators", async () => {
    const code = [
      'function loud<This, Args extends unknown[]>(method: (this: This, ...given: Args) => string, _context: ClassMethodDecoratorContext) {',
      '  return function (this: This, ...given: Args) { return method.apply(this, given).toUpperCase(); };',
      '}',
      'class Greeter { @loud greet(name: string) { return `hello ${name}`; } }',
      "new Greeter().greet('you')",
    ].join('\n');
    expect(await run(code)).toBe("'HELLO YOU'");
  });

  it('is checked as strictly as tsconfig.json says, but may leave names unused', async () => {
    expect(errorOf(await kernel.execute('const text: string = undefined;')).evalue).toContain('TS2322');
    expect((await kernel.execute('function unused() { const inside = 1; }')).reply.status).toBe('ok');
  });

  it.each([
    [
      'destructures',
      'const [first, { second, ...others }] = [1, { second: 2, third: 3 }];\n[first, second, others]',
      '[ 1, 2, { third: 3 } ]',
    ],
    ['has enums', 'enum Colour { Red, Blue }\nColour[1]', "'Blue'"],
    ['has namespaces', 'namespace Inner { export const value = 3; }\nInner.value', '3'],
    [
      'has private members and static ones',
      'class Box<T> { #inside: T; static made = 1; constructor(inside: T) { this.#inside = inside; } open() { return this.#inside; } }\n[new Box(3).open(), Box.made]',
      '[ 3, 1 ]',
    ],
    [
      'has labels and generators',
      'const seen: number[] = [];\nouter: for (const i of [1, 2]) for (const j of (function* () { yield 1; yield 2; })()) { if (j === 2) continue outer; seen.push(i); }\nseen',
      '[ 1, 2 ]',
    ],
    [
      'awaits inside of blocks',
      'let sum = 0;\nfor (const each of [1, 2]) { if (each > 0) sum += await Promise.resolve(each); }\nsum',
      '3',
    ],
    ['may be a comment', '// nothing to do', undefined],
  ])('%s', async (_name, code, result) => {
    expect(await run(code)).toBe(result);
  });
});

it('a broken tsconfig.json is reported once, and cells run', async () => {
  const broken = await mkdtemp(path.join(tmpdir(), 'apolab-broken-'));
  await writeFile(path.join(broken, 'tsconfig.json'), '{ "compilerOptions": { "strict": 3 } }');
  const other = await KernelProcess.start(broken);
  const answer = await other.execute('1 + 1');
  expect(resultOf(answer)).toBe('2');
  const second = await other.execute('2 + 2');
  expect(textOf(second, 'stderr')).toBe('');
  await other.stop();
});
