/** TypeScript cells on tslab's converter: checked, compiled, run in this process's global scope. */
import { readFileSync } from 'node:fs';
import { Script as VmScript } from 'node:vm';
import { isMemberAt } from './completions.js';
import { createCompiler, prefixLines, type Compiled } from './compiler.js';
import { declaredTypes, keepReached, neededBy, parseDeclarations, textOf, type Declared } from './declarations.js';
import { createErrorDescriber } from './errors.js';
import { cellName } from './instrument.js';
import { createInterrupter, type CellModule, type CellRuntime } from './interrupt.js';
import { isComplete } from './isComplete.js';
import type { Language, Outcome } from './language.js';
import { createCellModules, type CellModules } from './modules.js';
import { createPositionMap, Scripts, type Position, type Script } from './positions.js';
import { createSources } from './sources.js';
import type { GlobalDeclarations } from './system.js';
import type { InterruptGate } from '../messages/interruptGate.js';

export interface LanguageOptions {
  readonly folder: string;
  readonly globals: GlobalDeclarations;
  /** Awaited before a cell runs, with the identifiers in it and in the files that it imports: what they mean is loaded. */
  readonly prepare: (names: ReadonlySet<string>) => Promise<void>;
  /** Open while cell code runs. */
  readonly gate: InterruptGate;
}

/** Variables of all cells: every top-level name of a cell becomes a property here, and later cells read it from here. */
type Variables = Record<string, unknown>;
type CellFunction = (
  exports: Variables,
  require: NodeJS.Require,
  cell: CellModule,
  filename: string,
  dirname: string,
) => unknown;

export function createLanguage({ folder, globals, prepare, gate }: LanguageOptions): Language {
  const compiler = createCompiler(globals, folder);
  const interrupter = createInterrupter(gate);
  const modules = createCellModules({ folder, resolve: (specifier, from) => compiler.resolve(specifier, from) });
  const scripts = new Scripts();
  const sources = createSources(compiler.typescript, folder);
  const errors = createErrorDescriber(scripts);
  const { variables, own } = createVariables();
  let declarations: readonly Declared[] = [];
  for (const problem of compiler.problems)
    console.error(`apolab: ${problem}\nWhat is wrong there is not used for cells.`);

  const run = async (code: string, name: string): Promise<Outcome> => {
    const file = `${name}.ts`;
    const { needed, others } = neededBy(declarations, code);
    let compiled: Compiled;
    try {
      compiled = compiler.convert(needed, code);
      // What is wrong may be a name that is nearly one of the others: "did you mean".
      if (compiled.cell === undefined && others.length > 0) compiled = compiler.convert(textOf(declarations), code);
    } catch (error) {
      return { kind: 'failed', error: errors.thrown(error) };
    }
    if (compiled.sideOutputs !== undefined) modules.update(compiled.sideOutputs);
    for (const { output, source, steps } of compiled.files) {
      const original = createPositionMap({ steps, prefixLines: 0 });
      scripts.add(output, { name: source, source: readFileSync(source, 'utf8'), original });
    }
    const { cell } = compiled;
    const original =
      cell === undefined ? (position: Position) => position : createPositionMap({ ...cell, prefixLines });
    const script: Script = { name: file, source: code, original };
    if (cell === undefined) return { kind: 'failed', error: errors.diagnostics(compiled, script) };
    scripts.add(file, script);
    sources.add(file, code);

    const before = { ...own };
    const declared = compiled.declOutput ?? '';
    const nowDeclared = (text: string) => [...others, ...parseDeclarations(compiler.typescript, text)];
    let runtime: CellRuntime | undefined;
    try {
      const inFiles = (compiled.sideOutputs ?? []).flatMap(({ data }) => data.match(/[\w$]+/g) ?? []);
      await prepare(new Set([...cell.instrumentation.names, ...inFiles]));
      await modules.prepare(compiled.output ?? '');
      const begin = performance.now();
      const started = interrupter.run(compileFunction(compiled, file, variables, modules));
      runtime = started.cell;
      await started.finished;
      declarations = nowDeclared(declared);
      return { kind: 'done', value: takeLast(compiled), milliseconds: performance.now() - begin };
    } catch (thrown) {
      declarations = nowDeclared(keepReached(compiler.typescript, needed, declared, restoreUnreached(before)));
      const statement = cell.instrumentation.statements[runtime?.at ?? -1];
      if (statement === undefined) return { kind: 'failed', error: errors.thrown(thrown) };
      // Statements were noted between the two compilation steps: only the first one is walked back.
      const position = createPositionMap({ steps: cell.steps.slice(1), prefixLines })(statement);
      return { kind: 'failed', error: errors.thrown(thrown, { script, position }) };
    }
  };

  const takeLast = ({ lastExpressionVar: name }: Compiled): unknown => {
    if (name === undefined) return undefined;
    const value = variables[name];
    Reflect.deleteProperty(variables, name);
    return value;
  };

  /** A compiled cell first sets all its names to undefined; those it did not get to have their old values back. */
  const restoreUnreached = (before: Variables): Set<string> => {
    const unreached = new Set<string>();
    for (const name of Object.keys(own)) {
      if (own[name] !== undefined || (name in before && before[name] === undefined)) continue;
      unreached.add(name);
      if (name in before) variables[name] = before[name];
      else Reflect.deleteProperty(variables, name);
    }
    return unreached;
  };

  return {
    run,
    warmUp: () => compiler.warmUp(),
    complete(code, position) {
      // Only a name that is being typed can be any of the earlier cells'.
      const seen = isMemberAt(code, position) ? neededBy(declarations, code).needed : textOf(declarations);
      return compiler.complete(seen, code, position);
    },
    inspect: (code, position) => compiler.inspect(neededBy(declarations, code).needed, code, position),
    source: (name) => sources.find(name),
    isComplete: (code) => isComplete(compiler, code),
    call: (action) => interrupter.call(action),
    interrupt: () => interrupter.interrupt(),
    describe: (thrown) => errors.thrown(thrown),
    variables() {
      const types = declaredTypes(compiler.typescript, textOf(declarations));
      return Object.entries(variables).map(([name, value]) => ({ name, type: types.get(name) ?? typeof value, value }));
    },
    reset() {
      for (const name of Object.keys(variables)) Reflect.deleteProperty(variables, name);
      declarations = [];
    },
  };
}

function compileFunction(compiled: Compiled, file: string, variables: Variables, modules: CellModules) {
  const isAsync = compiled.hasToplevelAwait === true || compiled.cell?.instrumentation.awaits === true;
  const parameters = `exports, require, ${cellName}, __filename, __dirname`;
  const text = `(${isAsync ? 'async ' : ''}function (${parameters}) {\n${compiled.output ?? ''}\n})`;
  const cell = new VmScript(text, { filename: file, lineOffset: -1 }).runInThisContext() as CellFunction;
  const { require, meta } = modules;
  return (runtime: CellRuntime) =>
    cell(variables, require, Object.assign(runtime, { import: modules.import, meta }), meta.filename, meta.dirname);
}

/**
 * TypeScript defines imported names as getters; as plain values, later cells may assign and redeclare them. `own` are the same
 * variables, to read them all without going through the proxy.
 */
function createVariables(): { variables: Variables; own: Readonly<Variables> } {
  const own: Variables = {};
  const variables = new Proxy(own, {
    defineProperty(target, name, attributes) {
      if (name === '__esModule') return true;
      const value: unknown = attributes.get === undefined ? attributes.value : attributes.get.call(target);
      return Reflect.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
    },
  });
  return { variables, own };
}
