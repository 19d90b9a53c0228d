/** One variable per name for the whole session. */
import { fails, gives, type Sequence } from './sequence.js';

export const variables: readonly Sequence[] = [
  gives(
    'a closure sees a later assignment',
    ['let counter = 0; const bump = () => ++counter;', 'counter = 10; bump(); counter'],
    '11',
    { counter: 'let counter: number', bump: 'const bump: () => number' },
  ),
  gives('a closure sees a later declaration', ['let a = 1; const read = () => a;', 'let a = 2;', 'read()'], '2', {
    a: 'let a: number',
  }),
  gives(
    'a function sees a later function',
    ['function f() { return g(); } function g() { return 1; }', 'function g() { return 2; }', 'f()'],
    '2',
    { g: 'function g(): number' },
  ),
  gives(
    'a function calls its newest self',
    [
      'function fact(n: number): number { return n <= 1 ? 1 : n * fact(n - 1); } const old = fact;',
      'function fact(n: number): number { return 100; }',
      'old(3)',
    ],
    '300',
  ),
  gives(
    'a method sees a later constant',
    [
      'const rate = 2; class Tax { of(x: number) { return x * rate; } } const tax = new Tax();',
      'const rate = 3;',
      'tax.of(2)',
    ],
    '6',
    { tax: 'const tax: Tax' },
  ),
  gives(
    'an assignment in a function is seen everywhere',
    ['let total = 0; function add(n: number) { total += n; }', 'add(2); add(3);', 'total'],
    '5',
  ),
  gives('a variable is counted up from another cell', ['let n = 1;', 'n++; ++n; n += 2; n'], '5', {
    n: 'let n: number',
  }),
  gives('a variable is counted down', ['let n = 5;', 'n--; --n; n -= 1; n'], '2'),
  gives('compound operators assign', ['let n = 2;', 'n **= 3; n <<= 1; n |= 1; n %= 10; n'], '7'),
  gives(
    'logical operators assign',
    ['let a: number | null = null, b = 1, c = 0;', 'a ??= 4; b &&= 5; c ||= 6; [a, b, c]'],
    '[ 4, 5, 6 ]',
  ),
  gives('let is declared again with another type', ['let x = 1;', "let x = 'one';", 'x.length'], '3', {
    x: 'let x: string',
  }),
  gives('const is declared again', ['const x = 1;', 'const x = 2;', 'x'], '2', { x: 'const x: 2' }),
  gives('let becomes const', ['let x = 1;', 'const x = 5;', 'x'], '5', { x: 'const x: 5' }),
  gives('a function becomes a variable', ['function f() { return 1; }', 'const f = 2;', 'f'], '2', { f: 'const f: 2' }),
  gives('a variable becomes a class', ['const K = 1;', 'class K { v = 7; }', 'new K().v'], '7', { K: 'class K' }),
  gives('a class becomes a function', ['class K {}', 'function K() { return 3; }', 'K()'], '3'),
  gives('an import becomes a variable', ["import fs from 'node:fs';", 'const fs = 4;', 'fs'], '4', {
    fs: 'const fs: 4',
  }),
  gives('a variable becomes an import', ['let sep = 1;', "import { sep } from 'node:path';", 'sep'], "'/'"),
  gives(
    'an enum replaces an enum',
    ['enum E { A, B }', 'enum E { C = 7 }', '[E.C, Object.keys(E).length]'],
    '[ 7, 2 ]',
  ),
  gives(
    'a namespace replaces a namespace',
    ['namespace N { export const a = 1; }', 'namespace N { export const b = 2; }', 'Object.keys(N)'],
    "[ 'b' ]",
  ),
  gives('let without a value is undefined again', ['let x = 1;', 'let x;', 'x'], 'undefined'),
  gives('var without a value is undefined again', ['var x = 1;', 'var x: number;', 'x'], 'undefined'),
  gives('var in a block', ['const on = true; if (on) { var inBlock = 1; }', 'inBlock'], '1', {
    inBlock: 'let inBlock: number',
  }),
  gives(
    'var in a block that is not entered',
    ['const on = false; if (on) { var inBlock = 1; }', 'inBlock'],
    'undefined',
  ),
  gives('var in a loop', ['for (var i = 0; i < 3; i++) {}', 'i'], '3', { i: 'let i: number' }),
  gives('var in for-of', ['for (var item of [1, 2]) {}', 'item'], '2'),
  gives('var in for-in', ['for (var key in { a: 1, b: 2 }) {}', 'key'], "'b'", { key: 'let key: string' }),
  gives(
    'var patterns in for-of',
    ['for (var [k, { v }] of [[1, { v: 2 }]] as [number, { v: number }][]) {}', '[k, v]'],
    '[ 1, 2 ]',
  ),
  gives(
    'var in try, catch and switch',
    ['try { var t = 1; throw 0; } catch { var c = 2; } switch (t) { case 1: var s = 3; }', '[t, c, s]'],
    '[ 1, 2, 3 ]',
  ),
  gives(
    'var in a labelled loop',
    ['outer: for (const a of [1, 2]) { for (var b of [1, 2]) { if (b === 2) continue outer; } }', 'b'],
    '2',
  ),
  gives(
    'var is hoisted in its cell',
    ['function early() { return later; } const before = early(); var later = 3;', '[before, early()]'],
    '[ undefined, 3 ]',
  ),
  gives('let in a loop is the loop’s own', ['let i = 9; for (let i = 0; i < 2; i++) {}', 'i'], '9'),
  gives(
    'a closure per turn of a loop',
    ['const each: (() => number)[] = []; for (let i = 0; i < 3; i++) each.push(() => i);', 'each.map((f) => f())'],
    '[ 0, 1, 2 ]',
  ),
  gives('let in a block is the block’s own', ['let x = 1; { let x = 2; x++; }', 'x'], '1'),
  gives('a parameter hides a variable', ['let x = 1; const twice = (x: number) => x * 2;', 'twice(5) + x'], '11'),
  gives('a local hides a variable', ['let x = 1; function f() { const x = 5; return x; }', 'f() + x'], '6'),
  gives('a catch variable hides a variable', ['let e = 1; try { throw 2; } catch (e) { e; }', 'e'], '1'),
  gives(
    'a function expression’s own name',
    ['const g = function h(n: number): number { return n ? h(n - 1) : 7; };', 'g(2)'],
    '7',
    { g: 'const g: (n: number) => number' },
  ),
  gives(
    'array patterns',
    ['const [a, , b = 5, ...rest] = [1, 2, undefined, 4, 5];', '[a, b, rest]'],
    '[ 1, 5, [ 4, 5 ] ]',
    { rest: 'const rest: [number, number]' },
  ),
  gives(
    'object patterns',
    [
      'const { a, b: { c: deep }, d = 4, ...others } = { a: 1, b: { c: 2 }, e: 5 } as { a: number; b: { c: number }; d?: number; e: number };',
      '[a, deep, d, others]',
    ],
    '[ 1, 2, 4, { e: 5 } ]',
    { deep: 'const deep: number' },
  ),
  gives('computed keys in patterns', ["const key = 'x'; const { [key]: found } = { x: 3 };", 'found'], '3', {
    found: 'const found: number',
  }),
  gives('a swap', ['let a = 1, b = 2;', '[a, b] = [b, a]; [a, b]'], '[ 2, 1 ]'),
  gives(
    'an object pattern assigns',
    ['let a = 1, b = 2;', '({ a, b: b = 9 } = { a: 5 } as { a: number; b?: number }); [a, b]'],
    '[ 5, 9 ]',
  ),
  gives('a loop assigns a variable', ['let last = 0;', 'for (last of [1, 2, 3]) {} last'], '3'),
  gives('shorthands', ['const a = 1; let b = 2;', '({ a, b })'], '{ a: 1, b: 2 }'),
  gives('shorthands in closures', ['let b = 2; const make = () => ({ b });', 'b = 3;', 'make()'], '{ b: 3 }'),
  gives('an arrow keeps its name', ['const arrow = () => 1;', 'arrow.name'], "'arrow'"),
  gives('an assigned arrow takes the name', ['let arrow = () => 1;', 'arrow = () => 2; arrow.name'], "'arrow'"),
  gives(
    'a class expression keeps its name',
    ['const K = class { static own = this.name; };', '[K.name, K.own]'],
    "[ 'K', 'K' ]",
  ),
  gives('a default function keeps its name', ['const { f = () => 1 } = {} as { f?: () => number };', 'f.name'], "'f'"),
  gives('a function is hoisted in its cell', ["early(); function early() { return 'yes'; }", 'early()'], "'yes'"),
  gives('a called function has no this', ['function self(this: unknown) { return this; }', 'self()'], 'undefined'),
  gives(
    'a tagged template has no this',
    ['function tag(this: unknown, s: TemplateStringsArray) { return [this, s[0]]; }', 'tag`x`'],
    "[ undefined, 'x' ]",
  ),
  gives(
    'an optional call',
    [
      'let maybe: (() => number) | undefined = undefined;',
      'const first = maybe?.(); maybe = () => 4; [first, maybe?.()]',
    ],
    '[ undefined, 4 ]',
  ),
  gives('typeof a variable', ['let t = 1;', 'typeof t'], "'number'"),
  gives(
    'names that begin with underscores',
    ['const __x = 5, _y = 6, __names = 7;', '[__x, _y, __names]'],
    '[ 5, 6, 7 ]',
    { __x: 'const __x: 5' },
  ),
  gives(
    'names of Object’s members',
    [
      'let constructor = 1, toString = 2, __proto__ = 3, hasOwnProperty = 4;',
      '[constructor, toString, __proto__, hasOwnProperty]',
    ],
    '[ 1, 2, 3, 4 ]',
  ),
  gives(
    'names of Node’s module',
    [
      "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      "require('node:path').sep",
    ],
    "'/'",
  ),
  gives('names beyond ASCII', ['const größe = 3, $ = 4, 𝑥 = 5;', '[größe, $, 𝑥]'], '[ 3, 4, 5 ]', {
    größe: 'const größe: 3',
  }),
  gives('a global’s name is taken', ['const Map = 3;', 'Map'], '3', { Map: 'const Map: 3' }),
  gives(
    'await in a declaration',
    ['const v = await Promise.resolve(7); let w = v + (await 1);', '[v, w]'],
    '[ 7, 8 ]',
    { v: 'const v: number' },
  ),
  gives(
    'a variable in an async function',
    ['let seen = 0; async function later() { await null; seen += 1; }', 'await later(); await later(); seen'],
    '2',
    { later: 'function later(): Promise<void>' },
  ),
  gives(
    'a generator reads the newest value',
    [
      'let step = 1; function* count() { yield step; yield step; } const it = count();',
      'const first = it.next().value; step = 5; [first, it.next().value]',
    ],
    '[ 1, 5 ]',
  ),
  gives(
    'for await',
    [
      'async function* items() { yield 1; yield 2; } const got: number[] = []; for await (const item of items()) got.push(item);',
      'got',
    ],
    '[ 1, 2 ]',
    { got: 'const got: number[]' },
  ),
  gives(
    'a getter and a setter over a variable',
    ['let raw = 1; const box = { get value() { return raw; }, set value(v) { raw = v; } };', 'box.value = 6; raw'],
    '6',
  ),
  gives(
    'a timer sees the newest value',
    [
      'let heard = 0; let said = 1; const hear = () => setTimeout(() => { heard = said; }, 5);',
      'hear(); said = 8; await new Promise((done) => setTimeout(done, 20)); heard',
    ],
    '8',
  ),
  fails(
    'a constant of an earlier cell is not assigned',
    ['const x = 1;', 'x = 2'],
    "TypeScriptError: Cannot assign to 'x' because it is a constant. (TS2588",
  ),
  fails(
    'a constant of a type without a name is not assigned',
    ['const K = class { private a = 1; };', 'K = 1 as never;'],
    "TypeScriptError: Cannot assign to 'K' because it is a constant. (TS2632",
  ),
  fails(
    'a variable keeps its type',
    ['let x = 1;', "x = 'a'"],
    "TypeScriptError: Type 'string' is not assignable to type 'number'. (TS2322",
  ),
  fails(
    'a block’s variable is not the session’s',
    ['{ let inner = 1; }', 'inner'],
    "TypeScriptError: Cannot find name 'inner'. (TS2304",
  ),
  fails(
    'a name is near another',
    ['let counter = 1;', 'countr'],
    "TypeScriptError: Cannot find name 'countr'. Did you mean 'counter'? (TS2552",
  ),
  fails(
    'a variable before its declaration',
    ['const read = () => late; read(); let late = 1;'],
    'ReferenceError: late is not defined',
  ),
  fails(
    'a failing call has the function’s name',
    ['const notFunction: any = 5;', 'notFunction()'],
    'TypeError: notFunction is not a function',
  ),
  gives(
    'what a cell reached stays',
    ['let a = 1, b = 1;', "try { eval('0') } finally {} a = 2;", '[a, b]'],
    '[ 2, 1 ]',
  ),
];
