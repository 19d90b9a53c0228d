/** TypeScript cells on tslab's converter: checked, compiled, run in this process's global scope. */
import { readFileSync } from 'node:fs';
import { Script as VmScript } from 'node:vm';
import { createCompiler, prefixLines, type Compiled } from './compiler.js';
import { keepReached } from './declarations.js';
import { createErrorDescriber } from './errors.js';
import { cellName } from './instrument.js';
import { createInterrupter, type CellRuntime } from './interrupt.js';
import { isComplete } from './isComplete.js';
import type { Completion, Language, Outcome } from './language.js';
import { createCellModules } from './modules.js';
import { createPositionMap, Scripts, type Position, type Script } from './positions.js';
import type { GlobalDeclarations } from './system.js';
import type { InterruptGate } from '../wire/interruptGate.js';

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
type CellFunction = (exports: Variables, require: NodeJS.Require, cell: CellRuntime) => unknown;

export function createLanguage({ folder, globals, prepare, gate }: LanguageOptions): Language {
  const compiler = createCompiler(globals);
  const interrupter = createInterrupter(gate);
  const modules = createCellModules(folder);
  const scripts = new Scripts();
  const errors = createErrorDescriber(scripts);
  const variables = createVariables();
  let declarations = '';

  const run = async (code: string, name: string): Promise<Outcome> => {
    const file = `${name}.ts`;
    let compiled: Compiled;
    try {
      compiled = compiler.convert(declarations, code);
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
    if (cell === undefined) return { kind: 'failed', error: errors.diagnostics(compiled.diagnostics, script) };
    scripts.add(file, script);

    const before = { ...variables };
    const declared = compiled.declOutput ?? '';
    let runtime: CellRuntime | undefined;
    try {
      const inFiles = (compiled.sideOutputs ?? []).flatMap(({ data }) => data.match(/[\w$]+/g) ?? []);
      await prepare(new Set([...cell.instrumentation.names, ...inFiles]));
      const started = interrupter.run(compileFunction(compiled, file, variables, modules.require));
      runtime = started.cell;
      await started.finished;
      declarations = declared;
      return { kind: 'done', value: takeLast(compiled) };
    } catch (thrown) {
      declarations = keepReached(compiler.typescript, declarations, declared, restoreUnreached(before));
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
    for (const name of Object.keys(variables)) {
      if (variables[name] !== undefined || (name in before && before[name] === undefined)) continue;
      unreached.add(name);
      if (name in before) variables[name] = before[name];
      else Reflect.deleteProperty(variables, name);
    }
    return unreached;
  };

  return {
    run,
    complete: (code, position) => prefixMatches(code, position, compiler.complete(declarations, code, position)),
    inspect: (code, position) => compiler.inspect(declarations, code, position),
    isComplete: (code) => isComplete(compiler, code),
    call: (action) => interrupter.call(action),
    interrupt: () => interrupter.interrupt(),
    describe: (thrown) => errors.thrown(thrown),
  };
}

function compileFunction(compiled: Compiled, file: string, variables: Variables, require: NodeJS.Require) {
  const isAsync = compiled.hasToplevelAwait === true || compiled.cell?.instrumentation.awaits === true;
  const text = `(${isAsync ? 'async ' : ''}function (exports, require, ${cellName}) {\n${compiled.output ?? ''}\n})`;
  const cell = new VmScript(text, { filename: file, lineOffset: -1 }).runInThisContext() as CellFunction;
  return (runtime: CellRuntime) => cell(variables, require, runtime);
}

/** TypeScript defines imported names as getters; as plain values, later cells may assign and redeclare them. */
function createVariables(): Variables {
  return new Proxy<Variables>(
    {},
    {
      defineProperty(target, name, attributes) {
        if (name === '__esModule') return true;
        const value: unknown = attributes.get === undefined ? attributes.value : attributes.get.call(target);
        return Reflect.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
      },
    },
  );
}

/** The converter also offers names that only contain what was typed; clients expect what it is a prefix of. */
function prefixMatches(
  code: string,
  position: number,
  found: { start: number; end: number; candidates: string[] },
): Completion {
  const typed = code.slice(found.start, position);
  const exact = found.candidates.filter((name) => name.startsWith(typed));
  const loose = found.candidates.filter((name) => name.toLowerCase().startsWith(typed.toLowerCase()));
  const matches = [exact, loose, found.candidates].find((names) => names.length > 0) ?? [];
  return { matches: [...new Set(matches)], start: found.start, end: found.end };
}
