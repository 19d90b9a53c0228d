import { createRequire } from 'node:module';
import type ts from '@tslab/typescript-for-tslab';
import { describe, expect, it } from 'vitest';
import { keepReached, neededBy, parseDeclarations, textOf } from '../../kernel/language/declarations.js';
import { codeFrame, createPositionMap } from '../../kernel/language/positions.js';
import { codePointsToUnits, unitsToCodePoints } from '../../kernel/protocol/cursor.js';

const typescript = createRequire(import.meta.url)('@tslab/typescript-for-tslab') as typeof ts;

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
  /** Compiles as the converter does, in two steps with a line before, and returns the text that runs. */
  const compile = (source: string) => {
    const { ScriptTarget, ModuleKind } = typescript;
    const options = (module: ts.ModuleKind) => ({
      compilerOptions: { target: ScriptTarget.ES2022, module, sourceMap: true },
    });
    const first = typescript.transpileModule(`export {};\n${source}`, options(ModuleKind.ESNext));
    const second = typescript.transpileModule(first.outputText, options(ModuleKind.CommonJS));
    const steps = [second, first].map(({ sourceMapText }) => JSON.parse(sourceMapText!) as never);
    return { text: second.outputText, original: createPositionMap({ steps, prefixLines: 1 }) };
  };

  it('are mapped back through both compilations, past lines without JavaScript', () => {
    const source =
      'interface A {\n  x: number;\n}\ntype B = A;\nfunction f(a: B): number {\n  return a.missing();\n}\n';
    const { text, original } = compile(source);
    const lines = text.split('\n');
    const line = lines.findIndex((each) => each.includes('missing'));
    expect(original({ line, column: lines[line]!.indexOf('missing') })).toEqual({ line: 5, column: 11 });
  });

  it('are shown with the lines around them and a caret', () => {
    expect(codeFrame('one\ntwo\n\tthree\nfour', { line: 2, column: 1 }, 5)).toEqual([
      '  2 | two',
      '> 3 | \tthree',
      '    | \t^^^^^',
      '  4 | four',
    ]);
    expect(codeFrame('', { line: 0, column: 0 })).toEqual(['> 1 | ', '    | ^']);
  });
});

describe('declarations after a failed cell', () => {
  const previous = 'declare let x: number;\ndeclare const y: string;';

  it('are the new ones if everything was reached', () => {
    expect(keepReached(typescript, previous, 'declare let x: boolean;', new Set())).toBe('declare let x: boolean;');
  });

  it('fall back to the earlier ones for names that were not reached', () => {
    const next = 'declare let x: boolean, z: Date;\ninterface I {}\ndeclare const y: string;';
    expect(keepReached(typescript, previous, next, new Set(['x', 'z'])).split('\n')).toEqual([
      'interface I {}',
      'declare const y: string;',
      'declare let x: number;',
    ]);
  });
});

describe('the declarations that a cell needs', () => {
  const text = [
    "import fs, { join as glue } from 'node:x';",
    'interface Shape { size: Size }',
    'type Size = number;',
    'declare const shape: Shape, other: string;',
    'declare function draw(given: Shape): void;',
    'declare function draw(given: string): void;',
    'declare class Späße { }',
    'declare global { interface Everywhere {} }',
  ].join('\n');
  const all = parseDeclarations(typescript, text);
  const lines = (code: string) => neededBy(all, code).needed.split('\n');
  const always = 'declare global { interface Everywhere {} }';

  it('have the names of every kind of declaration', () => {
    expect(all.map(({ names }) => names)).toEqual([
      ['fs', 'glue'],
      ['Shape'],
      ['Size'],
      ['shape', 'other'],
      ['draw'],
      ['draw'],
      ['Späße'],
      [],
    ]);
    expect(textOf(all)).toBe(text);
  });

  it('are those that it names, and what these name', () => {
    expect(lines('shape.size')).toEqual([
      'interface Shape { size: Size }',
      'type Size = number;',
      'declare const shape: Shape, other: string;',
      always,
    ]);
    expect(lines('draw')).toHaveLength(5);
    expect(lines('glue')).toEqual(["import fs, { join as glue } from 'node:x';", always]);
    expect(lines('new Späße()')).toEqual(['declare class Späße { }', always]);
    expect(lines('1 + 1')).toEqual([always]);
  });

  it('leave the others as they are', () => {
    const { needed, others } = neededBy(all, 'shape');
    expect([...others.map((each) => each.text), ...needed.split('\n')].sort()).toEqual(text.split('\n').sort());
  });
});
