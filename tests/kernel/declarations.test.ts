/** The rolled declarations: nothing is lost, and nothing contradicts what TypeScript computes itself. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import type { GlobalDeclarations } from '../../kernel/language/globalDeclarations.js';
import { roll } from '../../kernel/declarations/roll.js';
import { packageRoot } from '../../src/core/packageRoot.js';

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2022.d.ts'],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  types: ['node'],
  strict: true,
  skipLibCheck: true,
};

/** A program over files in memory and on disk; modules in `ambient` are declared, not looked for. */
function programOf(texts: Record<string, string>, ambient: ReadonlyMap<string, unknown>, given: ts.CompilerOptions) {
  const onDisk = ts.createCompilerHost(given);
  const host = { ...onDisk };
  host.directoryExists = (folder) =>
    Object.keys(texts).some((file) => file.startsWith(folder)) || onDisk.directoryExists!(folder);
  host.fileExists = (file) => file in texts || onDisk.fileExists(file);
  host.readFile = (file) => texts[file] ?? onDisk.readFile(file);
  host.getSourceFile = (file, version, ...rest) =>
    file in texts ? ts.createSourceFile(file, texts[file]!, version) : onDisk.getSourceFile(file, version, ...rest);
  host.resolveModuleNameLiterals = (literals, from) =>
    literals.map(({ text }) =>
      ambient.has(text) ? { resolvedModule: undefined } : ts.resolveModuleName(text, from, given, host),
    );
  return ts.createProgram({ rootNames: Object.keys(texts), options: given, host });
}

describe('the declarations of cells', () => {
  let globals: GlobalDeclarations;
  const cell = path.posix.join(packageRoot, 'cell.ts');
  beforeAll(async () => {
    const prelude = (await import(path.join(packageRoot, 'dist/kernel/prelude.js'))) as {
      globalDeclarations(): GlobalDeclarations;
    };
    globals = prelude.globalDeclarations();
  });
  const messages = (code: string) => {
    const program = programOf(
      { [globals.file]: globals.text, [cell]: `export {};\n${code}` },
      globals.modules,
      options,
    );
    return ts
      .getPreEmitDiagnostics(program, program.getSourceFile(cell))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  };

  it.each([
    ['tf.matMul(tf.ones([2, 2]), tf.ones([2, 2]))', 'Tensor<Rank>'],
    ['tf.ones([2, 2]).add(1).matMul([[1], [2]]).shape', 'number[]'],
    ['tf.version', "{ 'tfjs-core': string;"],
    ['tf.data.array([1, 2])', 'Dataset<1 | 2>'],
    ['new tf.Sequential()', 'Sequential'],
    ["import('@tensorflow/tfjs').then(({ version }) => version.tfjs)", 'Promise<string>'],
    ['new dfd.DataFrame([{ a: 1 }]).columns', 'string[]'],
    ["Plotly.newPlot([{ y: [1], type: 'bar' }]).layout.title", 'Partial<{ text: string; font: '],
    ["training.train(null as never, [], { objective: 'dpo' })", 'TrainingRun'],
    ['display', 'Display'],
    ['progress([1, 2])', 'Generator<number, void, undefined>'],
  ])('%s has its type', (expression, type) => {
    const [message, ...others] = messages(`const asked: { readonly never: unique symbol } = ${expression};`);
    expect(others).toEqual([]);
    expect(message).toContain(`'${type}`);
  });

  it('agree with the variances that TypeScript computes', () => {
    const program = programOf({ [globals.file]: globals.text }, globals.modules, { ...options, skipLibCheck: false });
    const codes = ts.getPreEmitDiagnostics(program).map(({ code }) => code);
    const [varianceIsWrong, typeIsItself] = [2636, 2502];
    expect(codes).not.toContain(varianceIsWrong);
    expect(codes).not.toContain(typeIsItself);
    expect(readFileSync(path.join(packageRoot, 'dist/declarations/tensorflow-tfjs.d.ts'), 'utf8')).toContain(
      'class Tensor<out R extends Rank = Rank>',
    );
  });
});

describe('rolling', () => {
  const files = {
    '/p/node_modules/box/index.d.ts':
      "export * from './size';\nimport './bigger';\nimport { Size } from './size';\nexport as namespace box;\nexport declare const size: Size<string>;\nexport default function box(): import('./size').Size<number>;\n",
    '/p/node_modules/box/size.d.ts': 'export declare class Size<T> { value: T; }\n',
    '/p/node_modules/box/bigger.d.ts':
      "import { Unit } from './unit';\ndeclare module './size' { interface Size<T> { bigger(by: Unit): Size<T>; } }\ndeclare global { const boxes: number; }\n",
    '/p/node_modules/box/unit.d.ts': 'export type Unit = 1 | 2;\n',
  };
  const program = programOf(files, new Map(), options);
  const [index] = Object.keys(files);
  const packages = [{ name: 'box', roots: { box: index! }, covariant: ['Size'], flattens: false }];
  // The roots are in memory only, so they are resolved by hand.
  const pathName = (file: string) => file.replace(/^.*node_modules\//, '').replace('.d.ts', '');

  it('refuses a missing root', () => {
    const missing = [{ name: 'box', roots: { box: '/p/none.d.ts' }, covariant: [], flattens: false }];
    expect(() => roll({ program, packages: missing, stays: () => false, pathName })).toThrow(
      "the declarations of 'box'",
    );
  });

  it('writes out what a main module exports from other modules, if flattening is on', () => {
    const resolve = (specifier: string, from: string) => path.posix.join(path.posix.dirname(from), `${specifier}.d.ts`);
    const sized = {
      ...files,
      [index!]: "export * from './size';\nexport * as units from './unit';\nexport declare const made: number;\n",
    };
    const given = {
      program: programOf(sized, new Map(), options),
      packages: [{ ...packages[0]!, covariant: [], flattens: true }],
    };
    expect(roll({ ...given, stays: () => false, pathName, resolve }).get('box')).toContain(
      "declare module 'box' {\nexport * as units from 'box/unit';\nexport const made: number;\nexport { Size } from 'box/size';\n}",
    );
  });

  it('makes each file a module and keeps what files add to each other', () => {
    const resolve = (specifier: string, from: string) => path.posix.join(path.posix.dirname(from), `${specifier}.d.ts`);
    const text = roll({ program, packages, stays: () => false, pathName, resolve }).get('box')!;
    expect(text).toContain("declare module 'box/size' {\nexport  class Size<out T> { value: T; }\n}");
    expect(text).toContain("import { Unit } from 'box/unit';");
    const use =
      "import makeBox, { size } from 'box';\nconst wanted: 3 = makeBox().bigger(2).value;\nconst other: 3 = [size.value, boxes];";
    const used = programOf({ '/p/rolled.d.ts': text, '/p/use.ts': use }, new Map([['box', 1]]), options);
    const told = ts
      .getPreEmitDiagnostics(used)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
    expect(told).toEqual([
      "Type 'number' is not assignable to type '3'.",
      "Type '(string | number)[]' is not assignable to type '3'.",
    ]);
  });
});
