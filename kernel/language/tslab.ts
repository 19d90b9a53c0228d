/** TypeScript cells on tslab's converter: checked, compiled, run in this process's global scope. */
import { readFileSync } from 'node:fs';
import { Script as VmScript } from 'node:vm';
import type { InterruptGate } from '../messages/interruptGate.js';
import type { CellModule, CellRuntime } from './cellRuntime.js';
import type { Compiled, CompiledCell } from './compiled.js';
import { createCompiler, prefixLines, type Compiler } from './compiler.js';
import { isMemberAt } from './completions.js';
import { declaredTypes, keepReached, neededBy, parseDeclarations, textOf, type Declared } from './declarations.js';
import { createErrorDescriber, type ErrorDescriber } from './errors.js';
import { cellName } from './instrument.js';
import { createInterrupter, type Interrupter } from './interrupt.js';
import { isComplete } from './isComplete.js';
import type { Language, Outcome } from './language.js';
import { createCellModules, type CellModules } from './modules.js';
import { createPositionMap, Scripts, type Position, type Script } from './positions.js';
import { createSources, type Sources } from './sources.js';
import type { GlobalDeclarations } from './system.js';
import { Variables, type VariableValues } from './variables.js';

/** What the language depends on. */
export interface LanguageOptions {
  /** The notebook's folder. */
  readonly folder: string;
  readonly globals: GlobalDeclarations;
  /** Awaited before a cell runs, with the identifiers in it and in the files that it imports; loads the globals among them. */
  readonly prepare: (names: ReadonlySet<string>) => Promise<void>;
  /** Open while cell code runs. */
  readonly gate: InterruptGate;
}

type CellFunction = (
  exports: VariableValues,
  require: NodeJS.Require,
  cell: CellModule,
  filename: string,
  dirname: string,
) => unknown;

/** The parts of a session, and what its cells have declared. */
interface Session {
  readonly compiler: Compiler;
  readonly interrupter: Interrupter;
  readonly modules: CellModules;
  readonly scripts: Scripts;
  readonly sources: Sources;
  readonly errors: ErrorDescriber;
  readonly variables: Variables;
  readonly prepare: LanguageOptions['prepare'];
  declarations: readonly Declared[];
}

/** A session without cells. There is one per process: it changes the process's timers, stacks and module cache. */
export function createLanguage({ folder, globals, prepare, gate }: LanguageOptions): Language {
  const compiler = createCompiler(globals, folder);
  const scripts = new Scripts();
  const session: Session = {
    compiler,
    interrupter: createInterrupter(gate),
    modules: createCellModules({
      folder,
      code: globals.code,
      resolve: (specifier, from) => compiler.resolve(specifier, from),
    }),
    scripts,
    sources: createSources(compiler.typescript, folder),
    errors: createErrorDescriber(scripts),
    variables: new Variables(),
    prepare,
    declarations: [],
  };
  const { interrupter, sources, errors, variables } = session;
  for (const problem of compiler.problems)
    console.error(`apolab: ${problem}\nThe wrong options are not used for cells.`);

  return {
    run: (code, name) => run(session, code, name),
    warmUp: () => compiler.warmUp(),
    complete(code, position) {
      const { declarations } = session;
      // A member's name is not one of the earlier cells' names.
      const visible = isMemberAt(code, position) ? neededBy(declarations, code).needed : textOf(declarations);
      return compiler.complete(visible, code, position);
    },
    inspect: (code, position) => compiler.inspect(neededBy(session.declarations, code).needed, code, position),
    source: (name) => sources.find(name),
    isComplete: (code) => isComplete(compiler, code),
    call: (action) => interrupter.call(action),
    interrupt: () => interrupter.interrupt(),
    describe: (thrown) => errors.thrown(thrown),
    variables() {
      const types = declaredTypes(compiler.typescript, textOf(session.declarations));
      return Object.entries(variables.exports).map(([name, value]) => ({
        name,
        type: types.get(name) ?? typeof value,
        value,
      }));
    },
    reset() {
      variables.clear();
      session.declarations = [];
    },
  };
}

async function run(session: Session, code: string, name: string): Promise<Outcome> {
  const { compiler, errors, variables } = session;
  const file = `${name}.ts`;
  const { needed, others } = neededBy(session.declarations, code);
  let compiled: Compiled;
  try {
    compiled = compiler.convert(needed, code);
    // The error may be a name that is nearly one of the others: "did you mean".
    if (compiled.cell === undefined && others.length > 0) {
      compiled = compiler.convert(textOf(session.declarations), code);
    }
  } catch (error) {
    return { kind: 'failed', error: errors.thrown(error) };
  }
  const script = addScripts(session, compiled, file, code);
  const { cell } = compiled;
  if (cell === undefined) return { kind: 'failed', error: errors.diagnostics(compiled, script) };

  const before = { ...variables.own };
  const declared = compiled.declOutput ?? '';
  const setDeclared = (text: string) => {
    session.declarations = [...others, ...parseDeclarations(compiler.typescript, text)];
  };
  let runtime: CellRuntime | undefined;
  try {
    await prepareCell(session, compiled, cell);
    const begin = performance.now();
    const started = session.interrupter.run(compileFunction(session, compiled, file));
    runtime = started.cell;
    await started.finished;
    setDeclared(declared);
    const { lastExpressionVar: last } = compiled;
    const value = last === undefined ? undefined : variables.take(last);
    return { kind: 'done', value, milliseconds: performance.now() - begin };
  } catch (thrown) {
    setDeclared(keepReached(compiler.typescript, needed, declared, variables.restoreUnreached(before)));
    const statement = cell.instrumentation.statements[runtime?.at ?? -1];
    if (statement === undefined) return { kind: 'failed', error: errors.thrown(thrown) };
    // The statements' positions were noted between the two compilation steps: only the first step is mapped back.
    const position = createPositionMap({ steps: cell.steps.slice(1), prefixLines })(statement);
    return { kind: 'failed', error: errors.thrown(thrown, { script, position }) };
  }
}

/** Makes the cell, and the files that were compiled with it, known to modules, stacks and sources. */
function addScripts({ modules, scripts, sources }: Session, compiled: Compiled, file: string, code: string): Script {
  if (compiled.sideOutputs !== undefined) modules.update(compiled.sideOutputs);
  for (const { output, source, steps } of compiled.files) {
    const original = createPositionMap({ steps, prefixLines: 0 });
    scripts.add(output, { name: source, source: readFileSync(source, 'utf8'), original });
  }
  const { cell } = compiled;
  const original = cell === undefined ? (position: Position) => position : createPositionMap({ ...cell, prefixLines });
  const script: Script = { name: file, source: code, original };
  if (cell !== undefined) {
    scripts.add(file, script);
    sources.add(file, code);
  }
  return script;
}

/** Loads the globals and the ES modules that the cell and its files use. */
async function prepareCell({ prepare, modules }: Session, compiled: Compiled, cell: CompiledCell): Promise<void> {
  const inFiles = (compiled.sideOutputs ?? []).flatMap(({ data }) => data.match(/[\w$]+/g) ?? []);
  await prepare(new Set([...cell.instrumentation.names, ...inFiles]));
  await modules.prepare(compiled.output ?? '');
}

function compileFunction({ variables, modules }: Session, compiled: Compiled, file: string) {
  const isAsync = compiled.hasToplevelAwait === true || compiled.cell?.instrumentation.awaits === true;
  const parameters = `exports, require, ${cellName}, __filename, __dirname`;
  const text = `(${isAsync ? 'async ' : ''}function (${parameters}) {\n${compiled.output ?? ''}\n})`;
  const cell = new VmScript(text, { filename: file, lineOffset: -1 }).runInThisContext() as CellFunction;
  const { require, meta } = modules;
  return (runtime: CellRuntime) => {
    const module = Object.assign(runtime, { import: modules.import, meta });
    return cell(variables.exports, require, module, meta.filename, meta.dirname);
  };
}
