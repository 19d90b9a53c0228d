/** The source of functions and classes that the user wrote, in cells or in files beside the notebook; `name??` shows it. */
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type ts from 'typescript';
import type { Source } from './language.js';

/** The cells' code. */
export interface Sources {
  /** Adds a cell that was compiled. */
  add(place: string, code: string): void;
  /** The source of `name` or of a class's member `Name.member`; `undefined` if it is not a function, class or type of the user. */
  find(name: string): Source | undefined;
}

/** Endings with which an import finds `./file`, in the order of Node and TypeScript. */
const endings = ['', '.ts', '.tsx', '.js', '.mjs', '/index.ts', '/index.js'];

/** Sources without a cell. */
export function createSources(typescript: typeof ts, folder: string): Sources {
  const cells: { place: string; code: string }[] = [];

  const findIn = (place: string, code: string, name: string, member: string[], from: string): Found => {
    const file = typescript.createSourceFile(place, code, typescript.ScriptTarget.Latest, true);
    for (const statement of file.statements) {
      const found = declared(typescript, statement, name);
      if (found === undefined) continue;
      if ('module' in found) return findInModule(found.module, from, found.name, member);
      const node = member.length === 0 ? found.node : memberOf(typescript, found.node, member);
      // The name is declared here without a source to show; an earlier declaration of the name is another variable's.
      return node === undefined ? 'nothing' : { place, text: file.text.slice(node.getStart(file, true), node.end) };
    }
    return undefined;
  };

  const findInModule = (module: string, from: string, name: string, member: string[]): Found => {
    if (!module.startsWith('.')) return 'nothing';
    const base = path.resolve(from, module);
    const candidates = [...endings.map((ending) => base + ending), base.replace(/\.js$/, '.ts')];
    const file = candidates.find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile());
    if (file === undefined) return 'nothing';
    return findIn(file, readFileSync(file, 'utf8'), name, member, path.dirname(file)) ?? 'nothing';
  };

  return {
    add: (place, code) => void cells.push({ place, code }),
    find(path) {
      const [name = '', ...member] = path.split('.');
      for (const { place, code } of cells.toReversed()) {
        if (!code.includes(name)) continue;
        const found = findIn(place, code, name, member, folder);
        if (found !== undefined) return found === 'nothing' ? undefined : found;
      }
      return undefined;
    },
  };
}

type Found = Source | 'nothing' | undefined;
type Declared = { readonly node: ts.Node | undefined } | { readonly module: string; readonly name: string };

/** What a statement declares under a name: something with a source, something without one (`node` is undefined), or an import. */
function declared(typescript: typeof ts, statement: ts.Statement, name: string): Declared | undefined {
  if (
    typescript.isFunctionDeclaration(statement) ||
    typescript.isClassDeclaration(statement) ||
    typescript.isInterfaceDeclaration(statement) ||
    typescript.isTypeAliasDeclaration(statement) ||
    typescript.isEnumDeclaration(statement)
  ) {
    const isDefault = statement.modifiers?.some(({ kind }) => kind === typescript.SyntaxKind.DefaultKeyword);
    return statement.name?.text === name || (name === 'default' && isDefault) ? { node: statement } : undefined;
  }
  if (typescript.isVariableStatement(statement)) {
    const variable = statement.declarationList.declarations.find((each) => names(typescript, each.name).includes(name));
    if (variable === undefined) return undefined;
    const { initializer } = variable;
    const isFunction =
      initializer !== undefined &&
      (typescript.isArrowFunction(initializer) ||
        typescript.isFunctionExpression(initializer) ||
        typescript.isClassExpression(initializer));
    return { node: isFunction ? statement : undefined };
  }
  if (typescript.isImportDeclaration(statement) && typescript.isStringLiteral(statement.moduleSpecifier)) {
    const module = statement.moduleSpecifier.text;
    const { name: byDefault, namedBindings } = statement.importClause ?? {};
    if (byDefault?.text === name) return { module, name: 'default' };
    if (namedBindings === undefined) return undefined;
    if (typescript.isNamespaceImport(namedBindings)) {
      return namedBindings.name.text === name ? { node: undefined } : undefined;
    }
    const binding = namedBindings.elements.find((element) => element.name.text === name);
    return binding === undefined ? undefined : { module, name: (binding.propertyName ?? binding.name).text };
  }
  return undefined;
}

function memberOf(typescript: typeof ts, node: ts.Node | undefined, [name, ...rest]: string[]): ts.Node | undefined {
  if (node === undefined || rest.length > 0 || !typescript.isClassDeclaration(node)) return undefined;
  return node.members.find((member) => member.name !== undefined && member.name.getText() === name);
}

/** All names of `a` or `{ a, b: [c] }`. */
function names(typescript: typeof ts, binding: ts.BindingName): string[] {
  if (typescript.isIdentifier(binding)) return [binding.text];
  return binding.elements.flatMap((element) =>
    typescript.isOmittedExpression(element) ? [] : names(typescript, element.name),
  );
}
