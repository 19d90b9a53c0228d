/** Today's syntax and library. */
import { fails, gives, type Sequence } from './sequence.js';

const decorator =
  'function loud<This, Args extends unknown[]>(method: (this: This, ...given: Args) => string, _context: ClassMethodDecoratorContext) { return function (this: This, ...given: Args) { return method.apply(this, given).toUpperCase(); }; }';
const resource = (name: string) => `({ name: '${name}', [Symbol.dispose]() { closed.push('${name}'); } })`;
const from = (fromNode: number, sequence: Sequence): Sequence => ({ ...sequence, fromNode });

export const syntax: readonly Sequence[] = [
  gives('toSorted', ['[3, 1].toSorted()'], '[ 1, 3 ]'),
  gives('findLast and at', ['[1, 2, 3].findLast((n) => n < 3)! + [1, 2].at(-1)!'], '4'),
  gives('with and toSpliced', ['[1, 2].with(0, 5).toSpliced(1, 1)'], '[ 5 ]'),
  gives('structuredClone', ['structuredClone({ a: [1] }).a'], '[ 1 ]'),
  gives('Array.isArray narrows', ['const u: unknown = [1]; Array.isArray(u) ? u.length : 0'], '1'),
  gives('isWellFormed', ["'a'.isWellFormed()"], 'true'),
  gives('the v flag', ['/[\\p{L}--[a-z]]/v.test("A")'], 'true'),
  from(
    22,
    gives(
      'Object.groupBy',
      ["const g = Object.groupBy([1, 2, 3], (n) => (n % 2 ? 'odd' : 'even')); g.odd"],
      '[ 1, 3 ]',
      { g: 'const g: Partial<Record<"odd" | "even", number[]>>' },
    ),
  ),
  from(22, gives('Map.groupBy', ['Map.groupBy([1, 2], (n) => n > 1).get(true)'], '[ 2 ]')),
  from(
    22,
    gives(
      'Promise.withResolvers',
      ['const { promise, resolve } = Promise.withResolvers<number>(); resolve(3); await promise'],
      '3',
    ),
  ),
  from(22, gives('helpers of iterators', ['[1, 2, 3].values().map((n) => n * 2).take(2).toArray()'], '[ 2, 4 ]')),
  from(22, gives('methods of sets', ['[...new Set([1, 2]).union(new Set([3]))]'], '[ 1, 2, 3 ]')),
  from(22, gives('Array.fromAsync', ['await Array.fromAsync((async function* () { yield 1; })())'], '[ 1 ]')),
  from(24, gives('Promise.try', ['await Promise.try(() => 4)'], '4')),
  from(24, gives('RegExp.escape', ["typeof RegExp.escape('.')"], "'string'")),
  from(24, gives('Error.isError', ['Error.isError(new Error())'], 'true')),
  from(24, gives('Float16Array', ['new Float16Array([1.5])[0]'], '1.5')),
  gives(
    'using',
    ['const closed: string[] = [];', `using f = ${resource('f')}; const during = closed.length;`, '[during, closed]'],
    "[ 0, [ 'f' ] ]",
  ),
  gives(
    'using keeps its variables',
    [
      'const closed: string[] = [];',
      `using f = ${resource('f')}; let inside = f.name; function g() { return inside; }`,
      '[inside, g(), closed]',
    ],
    "[ 'f', 'f', [ 'f' ] ]",
    { inside: 'let inside: string' },
  ),
  gives(
    'using and a value',
    ['const closed: string[] = [];', `using f = ${resource('f')}; f.name + closed.length`],
    "'f0'",
  ),
  gives(
    'using in a block',
    ['const closed: string[] = [];', `{ using a = ${resource('a')}; using b = ${resource('b')}; } closed`],
    "[ 'b', 'a' ]",
  ),
  gives(
    'await using',
    [
      'const closed: string[] = [];',
      "await using f = { async [Symbol.asyncDispose]() { closed.push('later'); } };",
      'closed',
    ],
    "[ 'later' ]",
  ),
  gives(
    'using in a function',
    [
      'const closed: string[] = [];',
      `function work() { using f = ${resource('f')}; return closed.length; }`,
      '[work(), closed]',
    ],
    "[ 0, [ 'f' ] ]",
  ),
  gives(
    'decorators of methods',
    [
      decorator,
      'class Greeter { @loud greet(name: string) { return `hello ${name}`; } }',
      "new Greeter().greet('you')",
    ],
    "'HELLO YOU'",
    { Greeter: 'class Greeter' },
  ),
  gives(
    'decorators of classes',
    [
      'const seen: string[] = []; function note(_target: unknown, context: ClassDecoratorContext) { seen.push(String(context.name)); }',
      '@note class Noted { v = 1; }',
      '[seen, new Noted().v]',
    ],
    "[ [ 'Noted' ], 1 ]",
  ),
  gives(
    'decorators of fields',
    [
      'function plus(_: undefined, _context: ClassFieldDecoratorContext) { return (value: number) => value + 1; } class F { @plus n = 1; }',
      'new F().n',
    ],
    '2',
  ),
  gives(
    'accessor',
    ['class A { accessor v = 3; static accessor s = 4; }', 'const a = new A(); a.v += 1; [a.v, A.s]'],
    '[ 4, 4 ]',
  ),
  gives('enum', ['enum E { A = 1, B = A * 2 }', '[E.B, E[1]]'], "[ 2, 'A' ]"),
  gives('namespaces in namespaces', ['namespace A.B { export const c = 5; }', 'A.B.c'], '5'),
  gives('an alias of a namespace', ['namespace A.B { export const c = 5; } import B = A.B;', 'B.c'], '5'),
  gives('optional chaining and nullish values', ['const o: { a?: { b?: number } } = {}; o.a?.b ?? 7'], '7'),
  gives(
    'private names',
    ['class P { #a = 1; static #s = 2; get sum() { return this.#a + P.#s; } }', 'new P().sum'],
    '3',
  ),
  gives('numeric separators and big integers', ['[1_000, 2n ** 70n]'], '[ 1000, 1180591620717411303424n ]'),
  gives(
    'labels',
    [
      'let seen = 0; outer: for (const i of [1, 2, 3]) { for (const j of [1, 2]) { if (j === 2) continue outer; if (i === 3) break outer; seen += 1; } } seen',
    ],
    '2',
  ),
  gives(
    'generators',
    ['function* g() { const got: number = yield 1; yield got * 2; } const it = g(); it.next();', 'it.next(4).value'],
    '8',
  ),
  gives(
    'async generators',
    ['async function* g() { yield 1; yield 2; }', 'let sum = 0; for await (const n of g()) sum += n; sum'],
    '3',
  ),
  gives(
    'spread',
    ['const base = { a: 1 }; const list = [1, 2];', '({ ...base, list: [...list, Math.max(...list)] })'],
    '{ a: 1, list: [ 1, 2, 2 ] }',
  ),
  gives('templates', ['const who = "you";', '`hello ${who}${`!`}`'], "'hello you!'"),
  gives('comma and void', ['let c = 0; void (c++, c++); c'], '2'),
  gives('new without brackets', ['class N { v = 1; }', 'new N'], 'N { v: 1 }'),
  gives('new of a member', ['const all = { N: class { v = 2; } };', 'new all.N().v'], '2'),
  gives('in and instanceof', ['class A { x = 1; } const a = new A();', "['x' in a, a instanceof A]"], '[ true, true ]'),
  gives('delete', ['const o: { a?: number } = { a: 1 };', 'delete o.a; o'], '{}'),
  gives('typeof in types', ['const sample = { a: 1 };', 'const other: typeof sample = { a: 2 }; other.a'], '2'),
  gives('assertions', ['const x = 1 as unknown as string; const y = x!;', 'y'], '1', { y: 'const y: string' }),
  gives('old assertions', ['const x = <number>(<unknown>3); x'], '3'),
  gives('definite assignment', ['let later!: number; (() => { later = 3; })();', 'later'], '3'),
  gives('declare const of a global', ['declare const process2: undefined; typeof process.pid'], "'number'"),
  gives('a directive', ["'use strict'; 1"], '1'),
  gives('a text alone', ["'text'"], "'text'"),
  gives('an object literal needs brackets', ['({ a: 1 })'], '{ a: 1 }'),
  gives('an arrow is a value', ['(x: number) => x'], '[Function (anonymous)]'),
  gives('a statement has no value', ['const x = 1;'], 'undefined'),
  gives('only the last expression counts', ['1; 2; if (true) {}'], 'undefined'),
  gives('a semicolon does not matter', ['3;'], '3'),
  gives('a comment has no value', ['// nothing'], 'undefined'),
  gives('an empty cell', [''], 'undefined'),
  gives('a promise is a value', ['Promise.resolve(3)'], 'Promise { 3 }'),
  gives('await is a value', ['await Promise.resolve(3)'], '3'),
  gives(
    'await in blocks',
    ['let sum = 0; for (const n of [1, 2]) { if (n) sum += await Promise.resolve(n); } sum'],
    '3',
  ),
  gives('await in an expression', ['[await 1, { a: await 2 }, `${await 3}`]'], "[ 1, { a: 2 }, '3' ]"),
  gives('@ts-nocheck', ['// @ts-nocheck\nconst wrong: number = "text";', 'wrong'], "'text'"),
  gives('@ts-expect-error', ['// @ts-expect-error\nconst wrong: number = "text";', 'wrong'], "'text'"),
  gives('@ts-ignore', ['// @ts-ignore\nconst wrong: number = "text";\nwrong'], "'text'"),
  fails(
    '@ts-expect-error without an error',
    ['// @ts-expect-error\nconst right: number = 1;'],
    "TypeScriptError: Unused '@ts-expect-error' directive. (TS2578",
  ),
  gives(
    'declare global',
    [
      'declare global { interface Array<T> { second(): T } } Array.prototype.second = function () { return this[1]; };',
      '[1, 2].second()',
    ],
    '2',
  ),
  gives('declare global var', ['declare global { var shared: number; } globalThis.shared = 6;', 'shared'], '6'),
  gives(
    'declare module',
    [
      "declare module 'node:fs' { interface Stats { mine?: number } }",
      "import type { Stats } from 'node:fs'; const s = { mine: 2 } as Stats; s.mine",
    ],
    '2',
  ),
  gives(
    'export const and function',
    ['export const shared = 3; export function area(side: number) { return side * side; }', 'area(shared)'],
    '9',
    { area: 'function area(side: number): number' },
  ),
  gives(
    'export class, type and enum',
    ['export class C { v = 1; } export type T = number; export enum E { A = 2 }', 'const t: T = new C().v + E.A; t'],
    '3',
  ),
  gives('export lists', ['const a = 1; export { a }; export { a as b };', 'a'], '1'),
  gives('export default of an expression', ['export default 5'], '5'),
  gives('export default of a function', ['export default function named() { return 4; }', 'named()'], '4'),
  gives('export default of a class', ['export default class Named { v = 4; }', 'new Named().v'], '4'),
  gives('export default without a name', ['export default () => 3;'], '[Function (anonymous)]'),
  gives('re-exports', ["export { sep } from 'node:path';", 'sep'], "'/'"),
  gives(
    're-exports under another name',
    ["export { sep as separator } from 'node:path'; export * as os from 'node:os';", '[separator, typeof os.cpus]'],
    "[ '/', 'function' ]",
  ),
  gives(
    'JSX',
    [
      'const h = (tag: string, _properties: unknown, ...children: unknown[]) => [tag, children]; const el = <div>a</div>;',
      'el',
    ],
    "[ 'div', [ 'a' ] ]",
  ),
  fails('syntax', ['let = = 3;'], 'SyntaxError: '),
  fails('an open bracket', ['function f() {'], "SyntaxError: '}' expected. (TS1005"),
  fails('an unfinished expression', ['const x = 1 +'], 'SyntaxError: Expression expected. (TS1109'),
  fails(
    'return at the top',
    ['return 3'],
    "SyntaxError: A 'return' statement can only be used within a function body. (TS1108",
  ),
];
