/**
 * What the tests of tslab's own converter and executor (Apache-2.0) give to it, written anew as sequences of cells. Differences:
 * - tslab keeps an earlier type beside a later value of the same name, and an earlier value beside a later type; here the later
 *   declaration replaces the name, whatever kind it was;
 * - a class named `Promise` beside an async function is an error there, of declaration files; here it is none.
 */
import { fails, gives, type Sequence } from './sequence.js';

export const tslabs: readonly Sequence[] = [
  gives(
    'numbers',
    ['let x = 3, y = 4;', 'let z = x * y; z -= 2;', 'y = x * z;', 'x = Math.max(z, y); [x, y, z]'],
    '[ 30, 30, 10 ]',
    { z: 'let z: number' },
  ),
  gives(
    'recursion',
    ['function fib(n: number): number { return n > 1 ? fib(n - 1) + fib(n - 2) : 1; }', 'fib(20)'],
    '10946',
  ),
  gives(
    'globals of Node',
    [
      'const mine = [global, process, console, Array];',
      'mine[0] === globalThis && mine[1] === process && mine[3] === Array',
    ],
    'true',
  ),
  gives('a constant again', ['const x = 3;', 'const x = 4;', 'x'], '4', { x: 'const x: 4' }),
  gives(
    'a class with a method',
    [
      'class Person { constructor(readonly name: string, readonly age: number) {} toString() { return `Person(${this.name}, ${this.age})`; } }',
      "String(new Person('alice', 123))",
    ],
    "'Person(alice, 123)'",
  ),
  gives(
    'a hash',
    [
      "import * as crypto from 'crypto'; const hash = crypto.createHash('sha256').update('').digest('hex');",
      'hash.slice(0, 8)',
    ],
    "'e3b0c442'",
    { hash: 'const hash: string' },
  ),
  gives(
    'an enum that becomes a variable',
    [
      'enum Direction { Up = 1, Down }',
      'const x = Direction.Down; const y = Direction[2];',
      'let Direction = null;',
      '[x, y, Direction]',
    ],
    "[ 2, 'Down', null ]",
  ),
  gives(
    'let, const and var',
    [
      "let x = 123; const y = 'foo'; var z = true; x *= 2; let obj = { a: 10, b: 'hello' }; let { a, b: c } = obj;",
      '[x, y, z, a, c]',
    ],
    "[ 246, 'foo', true, 10, 'hello' ]",
    { x: 'let x: number', y: 'const y: "foo"', z: 'let z: boolean', c: 'let c: string' },
  ),
  gives(
    'functions of three kinds',
    [
      'function sum(x: number, y: number) { return x + y; } function* range(n: number) { for (let i = 0; i < n; i++) yield i; } async function nap(ms: number) { await new Promise((done) => setTimeout(done, ms)); }',
      'await nap(1); [sum(1, 2), ...range(3)]',
    ],
    '[ 3, 0, 1, 2 ]',
    { sum: 'function sum(x: number, y: number): number', nap: 'function nap(ms: number): Promise<void>' },
  ),
  gives(
    'two patterns',
    ["let [x, y] = [123, 'hello']; let { a, b: c } = { a: 123, b: 'hello' };", '[x, y, a, c]'],
    "[ 123, 'hello', 123, 'hello' ]",
    { y: 'let y: string' },
  ),
  gives(
    'a function with an effect',
    ['let counter = 0; function increment() { counter++; }', 'increment(); increment(); counter'],
    '2',
    { increment: 'function increment(): void' },
  ),
  gives(
    'a class of an interface',
    [
      'interface Shape { color: string } interface Square extends Shape { side: number } class SquareImpl implements Square { constructor(public color: string, public side: number) {} }',
      "const s: Square = new SquareImpl('red', 2); s.side",
    ],
    '2',
    { s: 'const s: Square' },
  ),
  gives('an alias of a type', ['type Mixed = number | string;', "const m: Mixed = 'a'; m"], "'a'"),
  gives('a generic function', ['function identity<T>(given: T): T { return given; }', 'identity([1])'], '[ 1 ]', {
    identity: 'function identity<T>(given: T): T',
  }),
  gives('a label that looks like an object', ['{x: 10}'], 'undefined'),
  fails('two labels that look like an object', ['{x: 3, y: 4}'], "SyntaxError: ';' expected. (TS1005"),
  gives(
    'a namespace in a constant',
    ["import * as os from 'os'; const os2 = os; import { CpuInfo } from 'os'; let info: CpuInfo;", 'typeof os2.cpus'],
    "'function'",
  ),
  gives(
    'a type of an import',
    ["import { userInfo } from 'os'; let info = userInfo();", 'typeof info.username'],
    "'string'",
    { info: 'let info: UserInfo<string>' },
  ),
  gives(
    'an interface in two parts',
    [
      "interface Mine { abc: number } interface Mine { xyz: string } let obj: Mine = { abc: 123, xyz: 'hello' };",
      'obj.xyz',
    ],
    "'hello'",
    { obj: 'let obj: Mine' },
  ),
  fails('a wrong comma', ['let x + 10;'], "SyntaxError: ',' expected. (TS1005"),
  fails(
    'a wrong type',
    ['let x: string = 10;'],
    "TypeScriptError: Type 'number' is not assignable to type 'string'. (TS2322",
  ),
  fails(
    'a name twice in one cell',
    ['let x = 3; let x = 4;'],
    "TypeScriptError: Cannot redeclare block-scoped variable 'x'. (TS2451",
  ),
  fails(
    'a class that lacks a member',
    ['interface Shape { color: string } class ShapeImpl implements Shape {}'],
    "TypeScriptError: Class 'ShapeImpl' incorrectly implements interface 'Shape'.",
  ),
  gives('require as a variable', ['let require = 123;', 'require'], '123'),
  gives('a last expression', ['let x = 3 + 4\n;x * x;'], '49'),
  gives('a last declaration', ['let x = 3 + 4\n;let y = x * x;'], 'undefined'),
  gives('a value of an earlier one', ['let x = 123;', 'let y = x * x;', 'y'], '15129', { y: 'let y: number' }),
  fails(
    'an earlier constant',
    ['const x = 2;', 'x = x * x;'],
    "TypeScriptError: Cannot assign to 'x' because it is a constant.",
  ),
  gives(
    'two of four names again',
    ["let x = 1, y = 'a'; let z = true; const a = 2;", "let x = true;\nlet z = 'z';", '[x, y, z, a]'],
    "[ true, 'a', 'z', 2 ]",
    { x: 'let x: boolean', z: 'let z: string', y: 'let y: string' },
  ),
  gives(
    'a type that becomes a class',
    [
      'interface itype { x: number } type atype = itype | number;',
      "class itype { y = 'y'; }\nlet atype = 123;",
      '[new itype().y, atype]',
    ],
    "[ 'y', 123 ]",
    { atype: 'let atype: number' },
  ),
  gives(
    'a class that becomes a variable',
    ['class A {} class B {}', 'let A = 10;', '[A, new B() instanceof B]'],
    '[ 10, true ]',
    { A: 'let A: number' },
  ),
  gives('a class that becomes a type', ['class A {}', 'interface A { x: number }', 'const a: A = { x: 3 }; a.x'], '3'),
  gives(
    'an imported type that becomes a type',
    ["import { CpuInfo, UserInfo } from 'os';", 'interface CpuInfo { x: number }', 'const c: CpuInfo = { x: 3 }; c.x'],
    '3',
  ),
  gives('an imported value that becomes a variable', ["import { cpus } from 'os';", 'let cpus = 10;', 'cpus'], '10', {
    cpus: 'let cpus: number',
  }),
  gives('an imported namespace that becomes a variable', ["import * as os from 'os';", 'let os = 10;', 'os'], '10', {
    os: 'let os: number',
  }),
  gives('a class named Promise', ['class Promise {}', 'new Promise() instanceof Promise'], 'true'),
];
