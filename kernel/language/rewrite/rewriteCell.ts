/**
 * Rewrites a cell's JavaScript, as TypeScript has emitted it, so that its top-level names live in the session:
 * - a name that is declared at the cell's top, or in an earlier cell, becomes `__names__.name`, wherever it is read or assigned;
 * - declarations become assignments, imports become calls of the cell's runtime;
 * - `await x` becomes `await __cell__.wait(x)` and `for await (.. of xs)` iterates `__cell__.each(xs)`, so that both can be
 *   interrupted; a `catch` first calls `__cell__.caught`;
 * - `import(x)` becomes `__cell__.import(x)`, and `import.meta` `__cell__.meta`;
 * - before each top-level statement `__cell__.at = n` notes its index, which gives a line to errors without a stack.
 * Nothing is added inside loops, which would make them slower. Texts are changed in place, so that every line stays.
 */
import type ts from 'typescript';
import type { Position } from '../positions.js';
import { bindingNames, lexicalNames, varDeclarations } from './bindings.js';
import { rewriteDeclarationList } from './declarations.js';
import { Edits, type Edited } from './edits.js';
import { rewriteImport, rewriteReExport } from './imports.js';
import { inSession, Names, runtimeName, type RewriteOptions, type Scope } from './names.js';
import { References } from './references.js';
import type { Rewriting } from './rewriting.js';

type TypeScript = typeof ts;

/** A cell that is ready to run. */
export interface RewrittenCell extends Edited {
  /** Runs before the cell's first line. */
  readonly prologue: string;
  /** The start of each top-level statement, in the JavaScript that was rewritten. */
  readonly statements: readonly Position[];
  /** The index of the statement that gives each of the session's names its value; a function has it from the start. */
  readonly declaredBy: ReadonlyMap<string, number>;
  /** Whether there is an `await` or `for await` outside all functions. */
  readonly awaits: boolean;
  /** Every identifier in the code. */
  readonly names: ReadonlySet<string>;
  /** The modules that it imports statically. */
  readonly modules: readonly string[];
}

/** Rewrites a cell's JavaScript. */
export function rewriteCell(typescript: TypeScript, javascript: string, options: RewriteOptions): RewrittenCell {
  const { ScriptTarget, ScriptKind } = typescript;
  const file = typescript.createSourceFile('cell.js', javascript, ScriptTarget.Latest, true, ScriptKind.JS);
  const edits = new Edits(javascript);
  const names = new Names(options);
  const references = new References(typescript, edits, names);
  const rewriting: Rewriting = { typescript, edits, names, references, prologue: [], modules: [] };
  references.onVars = (list, scope) => rewriteDeclarationList(rewriting, list, scope, placeOf(typescript, list));
  const top: Scope = { names: new Set(localNames(rewriting, file)), parent: undefined };
  const declaredBy = new Map<string, number>();
  const statements: Position[] = [];
  let onlyImports = true;
  for (const statement of file.statements) {
    const isImport = typescript.isImportDeclaration(statement);
    onlyImports &&= isImport;
    const start = statement.getStart(file);
    const index = runs(typescript, statement) ? statements.push(positionOf(file, start)) - 1 : -1;
    if (index >= 0) edits.before(start, `${runtimeName}.at = ${index}; `);
    for (const name of declaredIn(typescript, statement)) {
      if (!names.isDeclared(name)) continue;
      declaredBy.set(name, index);
    }
    if (isImport) rewriteImport(rewriting, statement, onlyImports ? undefined : index);
    else rewriteTopStatement(rewriting, statement, top);
  }
  return {
    ...edits.apply(),
    prologue: rewriting.prologue.join(' '),
    statements,
    declaredBy,
    awaits: references.awaits,
    names: references.seen,
    modules: rewriting.modules,
  };
}

/** Exports and function declarations do not run in a cell's order. */
const runs = (typescript: TypeScript, statement: ts.Statement) =>
  !typescript.isFunctionDeclaration(statement) &&
  !typescript.isEmptyStatement(statement) &&
  !(typescript.isExportDeclaration(statement) && statement.moduleSpecifier === undefined);

function positionOf(file: ts.SourceFile, offset: number): Position {
  const { line, character } = file.getLineAndCharacterOfPosition(offset);
  return { line, column: character };
}

/** The top-level names that stay in the cell: the compiler's helpers. */
function localNames({ typescript, names }: Rewriting, file: ts.SourceFile): string[] {
  const all = [
    ...lexicalNames(typescript, file.statements),
    ...varDeclarations(typescript, file).flatMap(({ name }) => bindingNames(typescript, name)),
    ...file.statements.flatMap((statement) => importedNames(typescript, statement)),
  ];
  return all.filter((name) => !names.isDeclared(name));
}

function importedNames(typescript: TypeScript, statement: ts.Statement): string[] {
  if (!typescript.isImportDeclaration(statement)) return [];
  const { name, namedBindings } = statement.importClause ?? {};
  const bindings =
    namedBindings === undefined
      ? []
      : typescript.isNamespaceImport(namedBindings)
        ? [namedBindings.name.text]
        : namedBindings.elements.map((element) => element.name.text);
  return [...(name === undefined ? [] : [name.text]), ...bindings];
}

function declaredIn(typescript: TypeScript, statement: ts.Statement): string[] {
  return [
    ...lexicalNames(typescript, [statement]),
    ...varDeclarations(typescript, statement).flatMap(({ name }) => bindingNames(typescript, name)),
    ...importedNames(typescript, statement),
    ...reExportedNames(typescript, statement),
  ];
}

function reExportedNames(typescript: TypeScript, statement: ts.Statement): string[] {
  if (!typescript.isExportDeclaration(statement) || statement.moduleSpecifier === undefined) return [];
  const { exportClause } = statement;
  if (exportClause === undefined) return [];
  if (typescript.isNamespaceExport(exportClause)) return [exportClause.name.text];
  return exportClause.elements.map(({ name }) => name.text);
}

function rewriteTopStatement(rewriting: Rewriting, statement: ts.Statement, top: Scope): void {
  const { typescript, edits, names, references, prologue } = rewriting;
  const start = statement.getStart();
  if (typescript.isExportDeclaration(statement)) {
    rewriteReExport(rewriting, statement);
  } else if (typescript.isExportAssignment(statement)) {
    edits.replace(start, statement.expression.getStart(), `${runtimeName}.value = `);
    references.visit(statement.expression, top);
  } else if (typescript.isFunctionDeclaration(statement)) {
    const name = statement.name?.text;
    const from = removeModifiers(rewriting, statement, typescript.SyntaxKind.AsyncKeyword);
    if (name === undefined) asValue(rewriting, from, statement.end);
    else if (names.isDeclared(name)) prologue.push(`${inSession(name)} = ${name};`);
    references.visit(statement, top);
  } else if (typescript.isClassDeclaration(statement)) {
    const name = statement.name?.text;
    const from = removeModifiers(rewriting, statement);
    if (name === undefined) asValue(rewriting, from, statement.end);
    else if (names.isDeclared(name)) {
      edits.before(from, `${inSession(name)} = `);
      edits.after(statement.end, ';');
    }
    references.visit(statement, top);
  } else if (typescript.isVariableStatement(statement)) {
    removeModifiers(rewriting, statement);
    hoist(rewriting, statement);
    rewriteDeclarationList(rewriting, statement.declarationList, top, 'top');
  } else {
    resetVars(rewriting, statement);
    references.visit(statement, top);
  }
}

/** `export default function () {}`: the cell's value. */
function asValue({ edits }: Rewriting, start: number, end: number): void {
  edits.before(start, `${runtimeName}.value = `);
  edits.after(end, ';');
}

const placeOf = (typescript: TypeScript, list: ts.VariableDeclarationList) =>
  typescript.isVariableStatement(list.parent) ? 'nested' : typescript.isForStatement(list.parent) ? 'for' : 'for each';

/** Takes off `export` and `default`, and returns the start of what is left. */
function removeModifiers(
  { edits }: Rewriting,
  statement: ts.FunctionDeclaration | ts.ClassDeclaration | ts.VariableStatement,
  kept?: ts.SyntaxKind,
): number {
  const removed = (statement.modifiers ?? []).filter(({ kind }) => kind !== kept);
  for (const modifier of removed) edits.replace(modifier.getStart(), modifier.end, '');
  const last = removed.at(-1);
  if (last === undefined) return statement.getStart();
  const { text } = statement.getSourceFile();
  return last.end + /^\s*/.exec(text.slice(last.end))![0].length;
}

/** A `var` may be read before it is declared. Returns the statement's names. */
function hoist({ typescript, names, prologue }: Rewriting, statement: ts.Statement): string[] {
  const found = varDeclarations(typescript, statement).flatMap(({ name }) => bindingNames(typescript, name));
  const declared = [...new Set(found)].filter((name) => names.isDeclared(name));
  if (declared.length > 0) prologue.push(`${runtimeName}.hoist(${JSON.stringify(declared)});`);
  return declared;
}

/** A `var` inside a block has a value from its statement on, also if the block is not entered. */
function resetVars(rewriting: Rewriting, statement: ts.Statement): void {
  const declared = hoist(rewriting, statement);
  if (declared.length === 0) return;
  rewriting.edits.before(statement.getStart(), declared.map((name) => `${inSession(name)} = void 0; `).join(''));
}
