/** TypeScript cells: checked and compiled by TypeScript, run in this process with the variables of one session. */
import { readFileSync } from 'node:fs';
import { Script as VmScript } from 'node:vm';
import type { InterruptGate } from '../messages/interruptGate.js';
import type { CellModule, CellRuntime } from './cellRuntime.js';
import type { CompiledCell, CompiledFile } from './compiled.js';
import { Compiler, type CompileOptions } from './compiler.js';
import { createErrorDescriber, type ErrorDescriber } from './errors.js';
import type { GlobalDeclarations } from './globalDeclarations.js';
import { importedMember, isEsModuleLike } from './imports.js';
import { createInterrupter, type Interrupter } from './interrupt.js';
import type { Language, Outcome } from './language.js';
import { createCellModules, type CellModules } from './modules.js';
import { Scripts, type Script } from './positions.js';
import { cellParameters } from './rewrite/names.js';
import { SessionScope } from './sessionScope.js';
import { createSources, type Sources } from './sources.js';
import { withoutScopeName } from './stackTraces.js';

/** What the language depends on. */
export interface LanguageOptions {
  /** The notebook's folder. */
  readonly folder: string;
  readonly globals: GlobalDeclarations;
  /** Awaited before a cell runs, with the identifiers in it and in the files that it imports; loads the globals among them. */
  readonly prepare: (names: ReadonlySet<string>) => Promise<void>;
  /** Open while cell code runs. */
  readonly gate: InterruptGate;
  /** Modules of the kernel itself, by the name under which cells import them; each is loaded at first use. */
  readonly ownModules?: ReadonlyMap<string, () => unknown>;
}

type CellFunction = (...parameters: readonly unknown[]) => unknown;

/** The parts of a session. */
interface Session {
  readonly compiler: Compiler;
  readonly interrupter: Interrupter;
  readonly modules: CellModules;
  readonly scripts: Scripts;
  readonly sources: Sources;
  readonly errors: ErrorDescriber;
  readonly scope: SessionScope;
  readonly prepare: LanguageOptions['prepare'];
}

/** A session without cells. There is one per process: it changes the process's timers, stacks and module cache. */
export function createLanguage({ folder, globals, prepare, gate, ownModules = new Map() }: LanguageOptions): Language {
  const scope = new SessionScope();
  const compiler = new Compiler({ globals, folder, isGlobal: (name) => name in globalThis });
  const scripts = new Scripts();
  const session: Session = {
    compiler,
    interrupter: createInterrupter(gate, (text) => console.error(text)),
    modules: createCellModules({
      folder,
      code: globals.code,
      own: ownModules,
      resolve: (specifier, from) => compiler.resolve(specifier, from),
    }),
    scripts,
    sources: createSources(compiler.typescript, folder),
    errors: createErrorDescriber(scripts),
    scope,
    prepare,
  };
  const { interrupter, sources, errors } = session;
  let checksTypes = true;
  for (const problem of compiler.problems)
    console.error(`apolab: ${problem}\nThe wrong options are not used for cells.`);

  return {
    run: (code, name, { isJavaScript = false } = {}) =>
      run(session, code, name, { isTypeScript: !isJavaScript, checksTypes }),
    checkTypes: (isOn) => (checksTypes = isOn),
    warmUp: () => compiler.warmUp(),
    complete: (code, position) => compiler.complete(code, position),
    inspect: (code, position) => compiler.inspect(code, position),
    source: (name) => sources.find(name),
    isComplete: (code) => compiler.isComplete(code),
    call: (action) => interrupter.call(action),
    interrupt: () => interrupter.interrupt(),
    describe: (thrown) => errors.thrown(thrown),
    variables: () =>
      compiler
        .names()
        .filter(({ name, hasValue }) => hasValue && scope.has(name))
        .map(({ name, type }) => ({ name, type, value: scope.get(name) })),
    reset() {
      scope.clear();
      checksTypes = true;
      compiler.reset();
    },
  };
}

async function run(session: Session, code: string, name: string, options: CompileOptions): Promise<Outcome> {
  const { compiler, errors, scope, scripts, sources } = session;
  const file = `${name}.ts`;
  let compiled;
  try {
    compiled = compiler.compile(code, name, options);
  } catch (error) {
    return { kind: 'failed', error: errors.thrown(error) };
  }
  addFiles(session, compiled.files);
  const { cell } = compiled;
  const script: Script = { name: file, source: code, original: cell?.original ?? ((position) => position) };
  if (cell === undefined) return { kind: 'failed', error: errors.diagnostics(compiled.diagnostics, script) };
  scripts.add(file, script);
  sources.add(file, code);

  const before = scope.snapshot(cell.rewritten.declaredBy.keys());
  let runtime: CellModule | undefined;
  try {
    await session.interrupter.prepare(prepareCell(session, cell, compiled.files));
    const begin = performance.now();
    const start = compileFunction(session, cell, file);
    const started = session.interrupter.run((given) => start((runtime = moduleOf(session, given))));
    await started.finished;
    cell.commit(() => true, true);
    return { kind: 'done', value: runtime?.value, milliseconds: performance.now() - begin };
  } catch (thrown) {
    const at = runtime?.at ?? -1;
    if (runtime !== undefined) cell.commit((each) => isReached(session, cell, before, each, at), false);
    const position = cell.statement(at);
    if (position === undefined) return { kind: 'failed', error: errors.thrown(thrown) };
    return { kind: 'failed', error: errors.thrown(thrown, { script, position }) };
  }
}

/**
 * Whether a cell that failed in a statement had given a name its new meaning. A name that it did not reach keeps its earlier value and
 * type.
 */
function isReached(
  { scope }: Session,
  { rewritten }: CompiledCell,
  before: ReadonlyMap<string, PropertyDescriptor | undefined>,
  name: string,
  at: number,
): boolean {
  const index = rewritten.declaredBy.get(name);
  if (index === undefined || index < at) return true;
  const now = Object.getOwnPropertyDescriptor(scope.names, name);
  const then = before.get(name);
  return now !== undefined && (then === undefined || now.value !== then.value || now.get !== then.get);
}

/** Makes the files that were compiled with a cell known to modules and stacks. */
function addFiles({ modules, scripts }: Session, files: readonly CompiledFile[]): void {
  modules.update(files);
  for (const { output, source, original } of files) {
    scripts.add(output, { name: source, source: readFileSync(source, 'utf8'), original });
  }
}

/** Loads the globals and the ES modules that the cell and its files use. */
async function prepareCell(
  { prepare, modules }: Session,
  { rewritten }: CompiledCell,
  files: readonly CompiledFile[],
): Promise<void> {
  const inFiles = files.flatMap(({ javascript }) => javascript.match(/[\w$]+/g) ?? []);
  await prepare(new Set([...rewritten.names, ...inFiles]));
  await modules.prepare(rewritten.modules);
}

/** A runtime with what a module has. */
function moduleOf({ scope, modules }: Session, runtime: CellRuntime): CellModule {
  return Object.assign(runtime, {
    import: modules.import,
    meta: modules.meta,
    value: undefined,
    member: importedMember,
    bind: (name: string, module: unknown, member: string) => {
      // A member of an ES module may change; that of any other module is a value.
      if (member !== '*' && isEsModuleLike(module)) scope.bind(name, () => importedMember(module, member));
      else scope.assign(name, importedMember(module, member));
    },
    hoist: (names: readonly string[]) => {
      for (const name of names) if (!scope.has(name)) scope.assign(name, undefined);
    },
    caught: withoutScopeName,
  });
}

function compileFunction({ scope, modules }: Session, { rewritten }: CompiledCell, file: string) {
  const { text, prologue, awaits } = rewritten;
  const head = `(${awaits ? 'async ' : ''}function (${cellParameters.join(', ')}) { 'use strict'; ${prologue}`;
  const cell = new VmScript(`${head}\n${text}\n})`, {
    filename: file,
    lineOffset: -1,
  }).runInThisContext() as CellFunction;
  const { require, meta } = modules;
  return (runtime: CellModule) => {
    const module = { exports: {} };
    return cell(scope.names, runtime, require, module, module.exports, meta.filename, meta.dirname);
  };
}
