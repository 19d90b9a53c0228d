/** Turns a cell's static imports into calls of its runtime. */
import type ts from 'typescript';
import { runtimeName } from './names.js';
import type { Rewriting } from './rewriting.js';

/**
 * Rewrites `import a, { b as c } from 'm'`. `index` is the statement's mark if the import stands behind other code: then it is
 * moved before the cell, because imports run first.
 */
export function rewriteImport(rewriting: Rewriting, node: ts.ImportDeclaration, index: number | undefined): void {
  const { typescript, edits, names, prologue, modules } = rewriting;
  const specifier = (node.moduleSpecifier as ts.StringLiteral).text;
  const module = moduleVariable(rewriting);
  const parts = [`${module} = require(${JSON.stringify(specifier)});`];
  const bind = (local: string, imported: string) => {
    if (names.isDeclared(local)) {
      parts.push(`${runtimeName}.bind(${JSON.stringify(local)}, ${module}, ${JSON.stringify(imported)});`);
    } else names.imports.set(local, `${runtimeName}.member(${module}, ${JSON.stringify(imported)})`);
  };
  const { name, namedBindings } = node.importClause ?? {};
  if (name !== undefined) bind(name.text, 'default');
  if (namedBindings !== undefined && typescript.isNamespaceImport(namedBindings)) bind(namedBindings.name.text, '*');
  else for (const each of namedBindings?.elements ?? []) bind(each.name.text, (each.propertyName ?? each.name).text);
  const isMoved = index !== undefined;
  if (isMoved) prologue.push(`${runtimeName}.at = ${index};`, ...parts);
  edits.replace(node.getStart(), node.end, isMoved ? '' : parts.join(' '));
  modules.push(specifier);
}

/** Rewrites `export { a as b } from 'm'` and `export * from 'm'`; an export of the cell's own names needs nothing. */
export function rewriteReExport(rewriting: Rewriting, node: ts.ExportDeclaration): void {
  const { typescript, edits, names, modules } = rewriting;
  const { moduleSpecifier, exportClause } = node;
  if (moduleSpecifier === undefined) {
    edits.replace(node.getStart(), node.end, '');
    return;
  }
  const specifier = (moduleSpecifier as ts.StringLiteral).text;
  const module = moduleVariable(rewriting);
  const parts = [`${module} = require(${JSON.stringify(specifier)});`];
  const bind = (local: string, imported: string) => {
    if (!names.isDeclared(local)) return;
    parts.push(`${runtimeName}.bind(${JSON.stringify(local)}, ${module}, ${JSON.stringify(imported)});`);
  };
  if (exportClause !== undefined && typescript.isNamespaceExport(exportClause)) bind(exportClause.name.text, '*');
  else for (const each of exportClause?.elements ?? []) bind(each.name.text, (each.propertyName ?? each.name).text);
  edits.replace(node.getStart(), node.end, parts.join(' '));
  modules.push(specifier);
}

/** A variable of the cell for a module. */
function moduleVariable({ prologue, modules }: Rewriting): string {
  const name = `__module${modules.length}__`;
  prologue.push(`let ${name};`);
  return name;
}
