/**
 * The declarations of earlier cells that the next cell can use.
 *
 * A cell is checked against those that it names, directly or not: with all declarations of a long session, each cell would be
 * slower than the one before. After a cell that failed, the variables that it has set stay, as in Python; names that it declared
 * and did not reach keep their earlier declaration (and value), if there was one.
 */
import type ts from '@tslab/typescript-for-tslab';

/** A statement of the declarations. */
export interface Declared {
  readonly text: string;
  /** What it declares. Empty for a `declare global`, which every cell gets. */
  readonly names: readonly string[];
  /** Every word in it. */
  readonly words: ReadonlySet<string>;
}

const wordsOf = (text: string) => new Set(text.match(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu));

/** The statements of a text of declarations. */
export function parseDeclarations(typescript: typeof ts, text: string): Declared[] {
  const file = typescript.createSourceFile('d.ts', text, typescript.ScriptTarget.Latest, true);
  return file.statements.map((statement) => ({
    // The text includes the documentation; the words don't.
    text: text.slice(statement.getStart(file, true), statement.end),
    names: namesOf(typescript, statement),
    words: wordsOf(statement.getText()),
  }));
}

function namesOf(typescript: typeof ts, statement: ts.Statement): string[] {
  const isNamed = (name: ts.Node | undefined): name is ts.Identifier =>
    name !== undefined && typescript.isIdentifier(name);
  if ((statement.flags & typescript.NodeFlags.GlobalAugmentation) !== 0) return [];
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (
      typescript.isVariableDeclaration(node) ||
      typescript.isImportSpecifier(node) ||
      typescript.isNamespaceImport(node)
    ) {
      names.push(node.name.getText());
    } else if (typescript.isImportClause(node) && isNamed(node.name)) names.push(node.name.text);
    const isList =
      typescript.isVariableDeclarationList(node) || typescript.isNamedImports(node) || typescript.isImportClause(node);
    if (node === statement || isList) typescript.forEachChild(node, visit);
  };
  if ('name' in statement && isNamed(statement.name as ts.Node | undefined))
    return [(statement.name as ts.Identifier).text];
  visit(statement);
  return names;
}

/**
 * The declarations that a cell names, directly or through other declarations, and the others.
 *
 * @example
 * const all = parseDeclarations(typescript, 'interface A {}\ndeclare const a: A;\ndeclare const b: number;');
 * neededBy(all, 'a'); // { needed: 'interface A {}\ndeclare const a: A;', others: [the one of b] }
 */
export function neededBy(all: readonly Declared[], code: string): { needed: string; others: Declared[] } {
  const byName = new Map<string, Declared[]>();
  for (const declared of all) {
    for (const name of declared.names) byName.set(name, [...(byName.get(name) ?? []), declared]);
  }
  const needed = new Set<Declared>();
  const follow = (words: ReadonlySet<string>) => {
    for (const word of words) byName.get(word)?.forEach(take);
  };
  const take = (declared: Declared) => {
    if (needed.has(declared)) return;
    needed.add(declared);
    follow(declared.words);
  };
  all.filter(({ names }) => names.length === 0).forEach(take);
  follow(wordsOf(code));
  return {
    needed: textOf(all.filter((declared) => needed.has(declared))),
    others: all.filter((each) => !needed.has(each)),
  };
}

/** Declarations as one text. */
export const textOf = (declarations: readonly Declared[]): string => declarations.map(({ text }) => text).join('\n');

/**
 * `next` without its variables, classes and enums named in `unreached`, which are taken from `previous` instead.
 *
 * @example
 * keepReached(typescript, 'declare let x: number;', 'declare let x: string; declare let y: string;', new Set(['x']));
 * // 'declare let y: string;\ndeclare let x: number;'
 */
export function keepReached(
  typescript: typeof ts,
  previous: string,
  next: string,
  unreached: ReadonlySet<string>,
): string {
  if (unreached.size === 0) return next;
  const parse = (text: string) => typescript.createSourceFile('d.ts', text, typescript.ScriptTarget.Latest, true);
  const select = (text: string, keep: (name: string | undefined) => boolean) =>
    parse(text).statements.flatMap((statement) => {
      if (!typescript.isVariableStatement(statement)) {
        const name =
          typescript.isClassDeclaration(statement) || typescript.isEnumDeclaration(statement)
            ? statement.name?.text
            : undefined;
        return keep(name) ? [statement.getText()] : [];
      }
      const keyword = /^[^]*?\b(?:const|let|var)\b/.exec(statement.getText())?.[0] ?? 'declare let';
      return statement.declarationList.declarations
        .filter((declaration) => keep(declaration.name.getText()))
        .map((declaration) => `${keyword} ${declaration.getText()};`);
    });
  return [
    ...select(next, (name) => name === undefined || !unreached.has(name)),
    ...select(previous, (name) => name !== undefined && unreached.has(name)),
  ].join('\n');
}

/**
 * The types of variables and functions in declarations, by name.
 *
 * @example
 * declaredTypes(typescript, 'declare let x: number; declare function f(a: string): void;');
 * // Map { 'x' => 'number', 'f' => '(a: string) => void' }
 */
export function declaredTypes(typescript: typeof ts, declarations: string): Map<string, string> {
  const file = typescript.createSourceFile('d.ts', declarations, typescript.ScriptTarget.Latest, true);
  const types = new Map<string, string>();
  for (const statement of file.statements) {
    if (typescript.isVariableStatement(statement)) {
      for (const { name, type, initializer } of statement.declarationList.declarations) {
        types.set(name.getText(), (type ?? initializer)?.getText() ?? 'any');
      }
    } else if (typescript.isFunctionDeclaration(statement)) {
      const parameters = statement.parameters.map((each) => each.getText()).join(', ');
      types.set(statement.name?.text ?? '', `(${parameters}) => ${statement.type?.getText() ?? 'any'}`);
    } else if (typescript.isClassDeclaration(statement)) {
      types.set(statement.name?.text ?? '', 'class');
    } else if (typescript.isEnumDeclaration(statement)) {
      types.set(statement.name.text, 'enum');
    }
  }
  return types;
}
