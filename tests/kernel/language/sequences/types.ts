/** Types of earlier cells' names, without declaration files. */
import { fails, gives, type Sequence } from './sequence.js';

const mixin = [
  'type Maker<T = {}> = new (...given: any[]) => T;',
  'function Counted<B extends Maker>(Base: B) { return class extends Base { private hidden = 1; count() { return this.hidden; } }; }',
  'class Plain { plain = 2; } const CountedPlain = Counted(Plain);',
].join('\n');
const box =
  'class Box<T> { constructor(public inside: T) {} map<U>(f: (x: T) => U) { return new Box(f(this.inside)); } }';

export const types: readonly Sequence[] = [
  gives(
    'private members',
    ['class C { private n = 0; inc() { return ++this.n; } }', 'const c = new C(); c.inc()', 'c.inc()'],
    '2',
    { c: 'const c: C' },
  ),
  gives(
    'private members of a class expression',
    ['const C = class { private n = 0; inc() { return ++this.n; } };', 'const c = new C(); c.inc(); c.inc()'],
    '2',
    { c: 'const c: C' },
  ),
  fails(
    'private members stay private',
    ['const C = class { private n = 0; };', 'new C().n'],
    "TypeScriptError: Property 'n' is private and only accessible within class 'C'. (TS2341",
  ),
  gives(
    'protected members',
    ['class Base { protected n = 3; }', 'class Sub extends Base { get() { return this.n; } }', 'new Sub().get()'],
    '3',
    { Sub: 'class Sub' },
  ),
  fails(
    'protected members stay protected',
    ['class Base { protected n = 3; }', 'new Base().n'],
    "TypeScriptError: Property 'n' is protected and only accessible within class 'Base' and its subclasses. (TS2445",
  ),
  gives(
    '#private members',
    [
      'class C { #n = 1; has(o: object) { return #n in o; } static #made = 0; static make() { C.#made++; return C.#made; } }',
      '[new C().has(new C()), new C().has({}), C.make(), C.make()]',
    ],
    '[ true, false, 1, 2 ]',
  ),
  gives(
    'a class that is declared again keeps its instances',
    [
      'class C { #n = 1; get() { return this.#n; } other() { return new C(); } } const old = new C();',
      'class C { fresh = true; }',
      '[old.get(), old.other() instanceof C]',
    ],
    '[ 1, true ]',
  ),
  gives(
    'a local class',
    [
      'function make() { class Local { v = 1; me() { return this; } } return new Local(); } const local = make();',
      'local.me().me().v',
    ],
    '1',
    { local: 'const local: Local' },
  ),
  gives('a local enum', ['function f() { enum E { A = 4 } return E.A; }', 'const e = f(); e'], '4', {
    f: 'function f(): E',
  }),
  gives(
    'a local interface',
    ['function f() { interface I { a: number } const i: I = { a: 5 }; return i; } const made = f();', 'made.a'],
    '5',
    { made: 'const made: I' },
  ),
  gives(
    'a variable of a local class may be assigned',
    [
      'function make(v: number) { class Local { constructor(public v: number) {} } return new Local(v); } let local = make(1);',
      'local = make(2); local.v',
    ],
    '2',
    { local: 'let local: Local' },
  ),
  gives('a mixin', [mixin, 'const m = new CountedPlain(); [m.count(), m.plain]'], '[ 1, 2 ]'),
  gives(
    'a mixin’s variable',
    [mixin, 'let m = new CountedPlain();', 'm = new CountedPlain(); m.count() + m.plain'],
    '3',
  ),
  gives('a unique symbol', ["const key = Symbol('key'); const holder = { [key]: 1 };", 'holder[key]'], '1', {
    key: 'const key: typeof key',
  }),
  gives(
    'a unique symbol as a type',
    ["const key = Symbol('key'); interface Held { [key]: string }", "const held: Held = { [key]: 'a' }; held[key]"],
    "'a'",
  ),
  gives(
    'an anonymous class with a symbol',
    ["const tag = Symbol('tag'); const T = class { [tag] = 3; };", 'new T()[tag]'],
    '3',
  ),
  gives('generics', [box, 'const b = new Box(3).map(String); b.inside'], "'3'", { b: 'const b: Box<string>' }),
  gives(
    'generic functions',
    ['const pair = <A, B>(a: A, b: B): [A, B] => [a, b];', "const p = pair(1, 'a'); p"],
    "[ 1, 'a' ]",
    { pair: 'const pair: <A, B>(a: A, b: B) => [A, B]', p: 'const p: [number, string]' },
  ),
  gives(
    'overloads',
    [
      'function over(a: string): string; function over(a: number): number; function over(a: unknown) { return a; }',
      "over('x').length + over(2)",
    ],
    '3',
    { over: 'function over(a: string): string (+1 overload)' },
  ),
  gives(
    'optional and rest parameters',
    ['function many(a: number, b = 2, ...more: string[]) { return a + b + more.length; }', "many(1) + many(1, 1, 'x')"],
    '6',
    { many: 'function many(a: number, b?: number, ...more: string[]): number' },
  ),
  gives(
    'a type guard',
    [
      "function isText(x: unknown): x is string { return typeof x === 'string'; }",
      "const texts = [1, 'a'].filter(isText); texts[0]!.length",
    ],
    '1',
    { texts: 'const texts: string[]' },
  ),
  gives(
    'an inferred type guard',
    [
      "const isNumber = (x: string | number) => typeof x === 'number';",
      "const numbers = ['a', 1].filter(isNumber); numbers[0]! + 1",
    ],
    '2',
    { isNumber: 'const isNumber: (x: string | number) => x is number' },
  ),
  gives(
    'an assertion function',
    [
      "function must(x: unknown): asserts x is number { if (typeof x !== 'number') throw new Error(); }",
      'const x: unknown = 4; must(x); x + 1',
    ],
    '5',
  ),
  gives(
    'an assertion carries over',
    [
      "import assert from 'node:assert'; const data: unknown = 'text';",
      "assert(typeof data === 'string');",
      'data.length',
    ],
    '4',
    { data: 'const data: string' },
  ),
  gives(
    'an assertion on a variable carries over',
    [
      "import assert from 'node:assert'; let data: string | number = Math.random() > 2 ? 1 : 'text';",
      "assert(typeof data === 'string');",
      'data.length',
    ],
    '4',
    { data: 'let data: string' },
  ),
  fails(
    'an assignment ends what was asserted',
    [
      "import assert from 'node:assert'; let data: string | number = Math.random() > 2 ? 1 : 'text';",
      "assert(typeof data === 'string');",
      'data = 3;',
      'data.length',
    ],
    "TypeScriptError: Property 'length' does not exist on type",
  ),
  gives('an assignment does not narrow later cells', ["let mode: 'a' | 'b' = 'a';", "mode === 'b'"], 'false', {
    mode: 'let mode: "a" | "b"',
  }),
  gives('a false flag stays a boolean', ['let flag = false;', 'flag === true'], 'false', { flag: 'let flag: boolean' }),
  gives('a literal widens in a variable', ['const five = 5;', 'let n = five; n = 6; n'], '6', {
    five: 'const five: 5',
    n: 'let n: number',
  }),
  gives(
    'a union of literals widens',
    ["const word = Math.random() > 2 ? 'a' : 'b';", "let w = word; w = 'c'; w"],
    "'c'",
    { w: 'let w: string' },
  ),
  gives(
    'literals of every kind',
    ["const s = 'a\\n\"', n = -1.5, b = true, big = 10n;", '[s, n, b, big]'],
    "[ 'a\\n\"', -1.5, true, 10n ]",
    { n: 'const n: -1.5', b: 'const b: true', big: 'const big: 10n' },
  ),
  gives(
    'as const',
    [
      "const list = ['a', 'b'] as const; type Item = (typeof list)[number];",
      "const item: Item = 'b'; list.indexOf(item)",
    ],
    '1',
    { list: 'const list: readonly ["a", "b"]' },
  ),
  gives(
    'an enum and its members',
    ['enum Colour { Red, Blue = 5 }', 'const c: Colour = Colour.Blue; [c, Colour[0]]'],
    "[ 5, 'Red' ]",
    { c: 'const c: Colour' },
  ),
  gives('a constant enum', ['const enum Size { S = 1, L = 3 }', 'Size.L'], '3'),
  gives('an enum of texts', ["enum Way { Up = 'up' }", 'const way = Way.Up; way'], "'up'", {
    way: 'const way: Way.Up',
  }),
  gives(
    'interfaces',
    [
      "interface Shape { kind: 'circle' | 'square'; size: number }",
      "const s: Shape = { kind: 'circle', size: 2 }; s.size",
    ],
    '2',
    { s: 'const s: Shape' },
  ),
  gives(
    'an interface is declared again',
    ['interface P { a: number }', 'interface P { b: number }', 'const p: P = { b: 1 }; p.b'],
    '1',
  ),
  gives(
    'an interface of one cell in two parts',
    ['interface P { a: number } interface P { b: number }', 'const p: P = { a: 1, b: 2 }; p.a + p.b'],
    '3',
  ),
  gives(
    'type aliases',
    ['type Pair<T> = [T, T]; type Name = string;', "const names: Pair<Name> = ['a', 'b']; names[1]"],
    "'b'",
    { names: 'const names: Pair<string>' },
  ),
  gives(
    'recursive types',
    [
      'type Tree = { value: number; next?: Tree }; const tree: Tree = { value: 1, next: { value: 2 } };',
      'tree.next?.next?.value ?? tree.next?.value',
    ],
    '2',
    { tree: 'const tree: Tree' },
  ),
  gives(
    'conditional types',
    [
      'type Inner<T> = T extends (infer U)[] ? U : never; declare const inner: Inner<string[]>;',
      'const t: Inner<number[]> = 3; t',
    ],
    '3',
    { t: 'const t: number' },
  ),
  gives(
    'mapped types',
    [
      'type Flags<T> = { [K in keyof T]: boolean }; const flags: Flags<{ a: 1; b: 2 }> = { a: true, b: false };',
      'flags.a',
    ],
    'true',
    { flags: 'const flags: Flags<{\n    a: 1;\n    b: 2;\n}>' },
  ),
  gives(
    'template types',
    ['type Event = `on${Capitalize<string>}`; const event: Event = "onClick";', 'event'],
    "'onClick'",
  ),
  gives(
    'keyof and typeof',
    ["const settings = { a: 1, b: 'x' }; type Key = keyof typeof settings;", "const key: Key = 'b'; settings[key]"],
    "'x'",
  ),
  gives(
    'satisfies',
    [
      "const palette = { red: [255, 0, 0], green: '#0f0' } satisfies Record<string, string | number[]>;",
      'palette.green.length + palette.red.length',
    ],
    '7',
  ),
  gives(
    'NoInfer',
    [
      'function pick<T extends string>(all: T[], first: NoInfer<T>) { return [all.length, first]; }',
      "pick(['a', 'b'], 'b')",
    ],
    "[ 2, 'b' ]",
  ),
  fails(
    'NoInfer is kept',
    [
      'function pick<T extends string>(all: T[], first: NoInfer<T>) { return [all.length, first]; }',
      "pick(['a', 'b'], 'c')",
    ],
    'TypeScriptError: Argument of type \'"c"\' is not assignable to parameter of type \'"a" | "b"\'. (TS2345',
  ),
  gives(
    'const type parameters',
    ['function keep<const T>(value: T) { return value; }', "const kept = keep(['a']); kept[0]"],
    "'a'",
    { kept: 'const kept: readonly ["a"]' },
  ),
  gives(
    'switch (true) narrows',
    [
      "function show(x: string | number) { switch (true) { case typeof x === 'string': return x.length; default: return x + 1; } }",
      "[show('abc'), show(1)]",
    ],
    '[ 3, 2 ]',
    { show: 'function show(x: string | number): number' },
  ),
  gives(
    'abstract classes',
    [
      'abstract class Shape { abstract area(): number; twice() { return this.area() * 2; } }',
      'class Square extends Shape { area() { return 4; } } new Square().twice()',
    ],
    '8',
  ),
  fails(
    'abstract classes are not made',
    ['abstract class Shape { abstract area(): number; }', 'new Shape()'],
    'TypeScriptError: Cannot create an instance of an abstract class. (TS2511',
  ),
  gives(
    'parameter properties',
    ['class P { constructor(public a: number, private b = 2) {} sum() { return this.a + this.b; } }', 'new P(1).sum()'],
    '3',
  ),
  gives(
    'getters and setters',
    [
      'class G { #v = 1; get v() { return this.#v; } set v(x: number) { this.#v = x; } }',
      'const g = new G(); g.v = 4; g.v',
    ],
    '4',
  ),
  gives(
    'static blocks',
    [
      'class S { static order: string[] = []; static { S.order.push("block"); } static last = S.order.length; }',
      '[S.order, S.last]',
    ],
    "[ [ 'block' ], 1 ]",
  ),
  gives(
    'this types',
    [
      'class Chain { steps = 0; step(): this { this.steps++; return this; } }',
      'class Longer extends Chain { more = 1; } new Longer().step().step().steps',
    ],
    '2',
  ),
  gives('index signatures', ['const index: { [name: string]: number } = { a: 1 };', 'index["a"]'], '1', {
    index: 'const index: {\n    [name: string]: number;\n}',
  }),
  gives('tuples', ["const t: [number, ...string[]] = [1, 'a', 'b'];", 't.length'], '3', {
    t: 'const t: [number, ...string[]]',
  }),
  gives(
    'a namespace’s types',
    [
      'namespace NS { export interface I { a: number } export const one: I = { a: 1 }; }',
      'const i: NS.I = NS.one; i.a',
    ],
    '1',
    { i: 'const i: NS.I' },
  ),
  gives(
    'a class and a namespace',
    ['class Host { v = 1; } namespace Host { export const made = new Host(); }', 'Host.made.v'],
    '1',
  ),
  gives(
    'a function and a namespace',
    ['function call() { return call.times; } namespace call { export const times = 3; }', '[call(), call.times]'],
    '[ 3, 3 ]',
  ),
  gives(
    'a type and a constant of one name',
    ['type Level = 1 | 2; const Level = { low: 1 } as const;', 'const l: Level = Level.low; l'],
    '1',
  ),
  gives('functions with members', ['function f() { return f.count; } f.count = 2;', 'f() + f.count'], '4'),
  gives('Promise types', ['const later = async () => ({ a: 1 });', 'const got = await later(); got.a'], '1', {
    later: 'const later: () => Promise<{\n    a: number;\n}>',
    got: 'const got: {\n    a: number;\n}',
  }),
  gives(
    'types of Node',
    [
      "import { EventEmitter } from 'node:events'; const emitter = new EventEmitter();",
      "let heard = 0; emitter.on('x', () => heard++); emitter.emit('x'); heard",
    ],
    '1',
    { emitter: 'const emitter: EventEmitter<[never]>' },
  ),
  gives(
    'types of the preloaded library',
    ['declare const t: tf.Tensor2D; const shapes = [] as (typeof t.shape)[];', 'shapes.length'],
    '0',
    { shapes: 'const shapes: [number, number][]' },
  ),
  gives('a variable without a type', ['let any;', 'any = 3; any'], '3', { any: 'let any: any' }),
  gives(
    'an unknown name’s type is not lost by a re-run',
    ['const v = { a: 1 };', 'const v = { a: "x" };', 'v.a.length'],
    '1',
    { v: 'const v: {\n    a: string;\n}' },
  ),
  gives(
    'a chain of inferred types',
    ['const c0 = { n: 0 };', 'const c1 = { ...c0, m: 1 };', 'const c2 = { ...c1, k: c1.m + c1.n };', 'c2'],
    '{ n: 0, m: 1, k: 1 }',
    { c2: 'const c2: {\n    k: number;\n    m: number;\n    n: number;\n}' },
  ),
  gives(
    'documentation stays',
    ['/** Twice a number. */\nfunction twice(n: number) { return 2 * n; }', 'twice(2)'],
    '4',
    { twice: 'function twice(n: number): number' },
  ),
  fails(
    'missing arguments',
    ['function two(a: number, b: number) { return a + b; }', 'two(1)'],
    'TypeScriptError: Expected 2 arguments, but got 1. (TS2554',
  ),
  fails(
    'a missing property',
    ['const o = { a: 1 };', 'o.b'],
    "TypeScriptError: Property 'b' does not exist on type '{ a: number; }'. (TS2339",
  ),
  fails(
    'a forgotten await',
    ['const p = Promise.resolve([1]);', 'p.length'],
    "TypeScriptError: Property 'length' does not exist on type 'Promise<number[]>'.\n  Did you forget to use 'await'? (TS2339",
  ),
];
