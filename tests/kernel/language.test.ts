/** The parts of the language engine: positions, rewriting, the library of the running Node, texts of types. */
import { describe, expect, it } from 'vitest';
import { libraryFiles, nodeTypesPackage } from '../../kernel/language/library.js';
import { codeFrame } from '../../kernel/language/positions.js';
import { Edits } from '../../kernel/language/rewrite/edits.js';
import { declarationsOf, SessionTypes, type SessionName } from '../../kernel/language/sessionTypes.js';
import { withoutScopeName } from '../../kernel/language/stackTraces.js';
import { codePointsToUnits, unitsToCodePoints } from '../../kernel/protocol/cursor.js';
import { createSession, rewritten } from './language/cellsWithoutTypes.js';

describe('cursor positions', () => {
  it.each([
    ['', 0, 0],
    ['abc', 2, 2],
    ['😀x', 1, 2],
    ['a😀b', 3, 4],
    ['a😀b', 99, 4],
  ])('in %j code point %i is UTF-16 unit %i', (text, points, units) => {
    expect(codePointsToUnits(text, points)).toBe(units);
    expect(unitsToCodePoints(text, units)).toBe(Math.min(points, Array.from(text).length));
  });
});

describe('positions', () => {
  it('are shown with the lines around them and a caret', () => {
    expect(codeFrame('one\ntwo\n\tthree\nfour', { line: 2, column: 1 }, 5)).toEqual([
      '  2 | two',
      '> 3 | \tthree',
      '    | \t^^^^^',
      '  4 | four',
    ]);
    expect(codeFrame('', { line: 0, column: 0 })).toEqual(['> 1 | ', '    | ^']);
  });

  it('lead back from a changed text: kept text to its place, new text to what it replaces', () => {
    const edits = new Edits('first(x);\nsecond(y);');
    edits.before(0, 'mark; ');
    edits.replace(6, 7, 'names.x');
    edits.after(7, ')');
    edits.replace(10, 16, '(0, names.second)');
    const edited = edits.apply();
    const { text } = edited;
    expect(text).toBe('mark; first(names.x));\n(0, names.second)(y);');
    const at = (piece: string, from = 0) => {
      const [before, ...lines] = text
        .slice(0, text.indexOf(piece) + from)
        .split('\n')
        .reverse();
      return edited.original({ line: lines.length, column: before!.length });
    };
    expect(at('mark')).toEqual({ line: 0, column: 0 });
    expect(at('first')).toEqual({ line: 0, column: 0 });
    expect(at('names.x', 6)).toEqual({ line: 0, column: 6 });
    expect(at('second')).toEqual({ line: 1, column: 0 });
    expect(at('(y)')).toEqual({ line: 1, column: 6 });
  });

  it('close in the order in which they were opened', () => {
    const edits = new Edits('x');
    edits.before(0, '(');
    edits.after(1, ')');
    edits.before(0, '[');
    edits.after(1, ']');
    expect(edits.apply().text).toBe('([x])');
  });
});

describe('rewriting', () => {
  const lineOf = (code: string, known: string[] = []) =>
    rewritten(code, new Set(known)).text.trim().replace(/\s+/g, ' ');

  it.each([
    ['let a = 1;', '__cell__.at = 0; __names__.a = 1;'],
    ['let a;', '__cell__.at = 0; __names__.a = void 0;'],
    ['const f = () => 1;', '__cell__.at = 0; __names__.f = ({ f: () => 1 }).f;'],
    ['const { a, b: [c] } = o;', '__cell__.at = 0; ({ a: __names__.a, b: [__names__.c] } = __names__.o);'],
    [
      'for (var i = 0; i < 2; i++) { }',
      '__cell__.at = 0; __names__.i = void 0; for (__names__.i = 0; __names__.i < 2; __names__.i++) { }',
    ],
    ['class A { }', '__cell__.at = 0; __names__.A = class A { };'],
    ['function f() { return f; }', 'function f() { return __names__.f; }'],
    ['import.meta.url;', '__cell__.at = 0; __cell__.meta.url;'],
    ['{ let o = 1; o; }', '__cell__.at = 0; { let o = 1; o; }'],
    ['((o) => o)(1);', '__cell__.at = 0; ((o) => o)(1);'],
  ])('%s becomes %s', (code, text) => {
    expect(lineOf(code, ['o'])).toBe(text);
  });

  it('calls a function of the session without the session as its this', () => {
    expect(lineOf('f(1); f`x`; ({ f });', ['f'])).toBe(
      '__cell__.at = 0; (0, __names__.f)(1); __cell__.at = 1; (0, __names__.f) `x`; __cell__.at = 2; ({ f: __names__.f });',
    );
  });

  it('waits through the cell, and says so only outside of functions', () => {
    const cell = rewritten('await x; for await (const y of z) { }');
    expect(cell.text).toContain('await __cell__.wait(');
    expect(cell.text).toContain('__cell__.each(');
    expect([cell.awaits, rewritten('async () => { await 1; };').awaits]).toEqual([true, false]);
  });

  it('leaves globals as they are', () => {
    expect(lineOf('Math.max(globalThis.x, undefined);')).toBe('__cell__.at = 0; Math.max(globalThis.x, undefined);');
  });

  it('makes names that no cell has declared errors of the language', () => {
    const session = createSession();
    expect(() => session.run('const read = () => missing; read();')).toThrow(
      new ReferenceError('missing is not defined'),
    );
    session.run('let missing = 3;');
    expect(session.run('__cell__.value = read();')).toBe(3);
  });
});

describe('errors', () => {
  it.each([
    ['__names__.f is not a function', 'f is not a function'],
    ['(0 , __names__.f) is not a function', 'f is not a function'],
    ['__names__.größe.x is not iterable', 'größe.x is not iterable'],
    ['other', 'other'],
  ])('%s is shown as %s', (message, shown) => {
    const error = new TypeError(message);
    withoutScopeName(error);
    expect(error.message).toBe(shown);
  });
});

describe('the library', () => {
  it('follows the Node that runs', () => {
    const older = { Object: { groupBy: undefined }, Map: {}, Set: { prototype: {} } };
    expect(libraryFiles(older)).toContain('lib.es2024.object.d.ts');
    expect(libraryFiles({})).toEqual(['lib.es2023.d.ts']);
    expect(libraryFiles().includes('lib.es2024.object.d.ts')).toBe('groupBy' in Object);
  });

  it.each([
    ['v20.19.0', '@types/node'],
    ['v21.7.3', '@types/node'],
    ['v22.1.0', 'types-node-22'],
    ['v23.1.0', 'types-node-22'],
    ['v24.0.0', 'types-node-24'],
    ['v26.0.0', 'types-node-24'],
  ])('for Node %s has the types of %s', (version, name) => {
    expect(nodeTypesPackage(version)).toBe(name);
  });
});

describe('the names of a session', () => {
  const entry = (name: string, more: Partial<SessionName> = {}): SessionName => ({
    name,
    declaration: `declare let ${name}: number;`,
    reference: `declare let ${name}: typeof import('./__cell-1__').${name};`,
    type: 'number',
    isVariable: true,
    hasValue: true,
    ...more,
  });
  const types = new SessionTypes();
  for (const name of ['shape', 'other', 'Späße']) types.set(entry(name));

  it('that a cell uses are those that it names and does not declare', () => {
    const names = (code: string, declared: string[] = []) =>
      types.named(code, new Set(declared)).map(({ name }) => name);
    expect(names('shape.size + shape')).toEqual(['shape']);
    expect(names('new Späße(other)')).toEqual(['Späße', 'other']);
    expect(names('let shape = other', ['shape'])).toEqual(['other']);
    expect(names('1 + 1')).toEqual([]);
  });

  it('are declared in front of it, with what was asserted', () => {
    types.narrow(
      new Map([
        ['shape', '1'],
        ['unknown', '2'],
      ]),
    );
    expect(declarationsOf(types.named('shape other', new Set()))).toBe(
      'declare let shape: number;\ndeclare let other: number;\ndeclare function __narrow__<T>(value: unknown): asserts value is T;\n__narrow__<1>(shape);',
    );
    types.narrow(new Map([['shape', undefined]]));
    expect(declarationsOf(types.named('shape', new Set()))).toBe('declare let shape: number;');
  });
});
