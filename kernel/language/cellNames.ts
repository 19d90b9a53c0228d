/** The names that a cell declares at its top, as TypeScript reads it. */
import type ts from 'typescript';
import { bindingNames, isBlockScoped, varDeclarations } from './rewrite/bindings.js';

/** What a name is; later cells declare it accordingly. */
export type NameKind =
  /** A variable that may be assigned. */
  | 'variable'
  | 'constant'
  | 'function'
  | 'import'
  /** Classes, enums, namespaces, types, and names with two meanings. */
  | 'other';

/** A name that a cell declares. */
export interface CellName {
  readonly name: string;
  readonly kind: NameKind;
  /** Its first declaration; for a function also its overloads. */
  readonly nodes: readonly ts.Node[];
  /** The import of this name alone, as the cell wrote it. */
  readonly importText?: string;
  /** Whether the cell exports it under this name itself. */
  readonly isExported: boolean;
  /** Whether nothing of it exists when the cell runs: types, and what is only declared. */
  readonly isTypeOnly: boolean;
}

/** The names of a cell by name; of a name with two meanings, such as a type and a constant, the kind is `other`. */
export function cellNames(typescript: typeof ts, file: ts.SourceFile): Map<string, CellName> {
  const found = new Map<string, CellName>();
  const add = (cellName: CellName) => {
    const known = found.get(cellName.name);
    if (known === undefined) {
      found.set(cellName.name, cellName);
      return;
    }
    found.set(cellName.name, {
      ...known,
      kind: known.kind === cellName.kind ? known.kind : 'other',
      nodes: [...known.nodes, ...cellName.nodes],
      isExported: known.isExported || cellName.isExported,
      isTypeOnly: known.isTypeOnly && cellName.isTypeOnly,
    });
  };
  for (const statement of file.statements) namesOf(typescript, statement).forEach(add);
  const exported = exportedNames(typescript, file);
  return new Map([...found].map(([name, each]) => [name, exported.has(name) ? { ...each, isExported: true } : each]));
}

/** The names in `export { a, b as c };`. */
function exportedNames(typescript: typeof ts, file: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  for (const statement of file.statements) {
    if (!typescript.isExportDeclaration(statement)) continue;
    const { exportClause } = statement;
    if (exportClause === undefined || !typescript.isNamedExports(exportClause)) continue;
    for (const element of exportClause.elements) names.add(element.name.text);
  }
  return names;
}

function namesOf(typescript: typeof ts, statement: ts.Statement): CellName[] {
  const { SyntaxKind } = typescript;
  const modifiers = typescript.canHaveModifiers(statement) ? (statement.modifiers ?? []) : [];
  const has = (kind: ts.SyntaxKind) => modifiers.some((modifier) => modifier.kind === kind);
  const isAmbient = has(SyntaxKind.DeclareKeyword);
  const common = {
    isExported: has(SyntaxKind.ExportKeyword) && !has(SyntaxKind.DefaultKeyword),
    isTypeOnly: isAmbient,
  };
  const one = (name: ts.Node | undefined, kind: NameKind, isTypeOnly = isAmbient): CellName[] =>
    name !== undefined && typescript.isIdentifier(name)
      ? [{ ...common, name: name.text, kind, nodes: [statement], isTypeOnly }]
      : [];
  if (typescript.isVariableStatement(statement) && isBlockScoped(typescript, statement.declarationList)) {
    const { Const, Using } = typescript.NodeFlags;
    const isLet = (statement.declarationList.flags & (Const | Using)) === 0;
    const kind = isLet ? 'variable' : 'constant';
    return statement.declarationList.declarations.flatMap((declaration) =>
      bindingNames(typescript, declaration.name).map((name) => ({ ...common, name, kind, nodes: [declaration] })),
    );
  }
  if (typescript.isFunctionDeclaration(statement)) return one(statement.name, 'function');
  if (typescript.isClassDeclaration(statement) || typescript.isEnumDeclaration(statement)) {
    return one(statement.name, 'other');
  }
  if (typescript.isInterfaceDeclaration(statement) || typescript.isTypeAliasDeclaration(statement)) {
    return one(statement.name, 'other', true);
  }
  if (typescript.isModuleDeclaration(statement)) {
    const isGlobal = (statement.flags & typescript.NodeFlags.GlobalAugmentation) !== 0;
    return isGlobal ? [] : one(statement.name, 'other');
  }
  if (typescript.isImportEqualsDeclaration(statement)) {
    const isModule = typescript.isExternalModuleReference(statement.moduleReference);
    const importText = isModule ? { importText: statement.getText() } : {};
    return one(statement.name, isModule ? 'import' : 'other').map((each) => ({ ...each, ...importText }));
  }
  if (typescript.isImportDeclaration(statement)) return imports(typescript, statement);
  if (typescript.isExportDeclaration(statement)) return reExports(typescript, statement);
  return varDeclarations(typescript, statement).flatMap((declaration) =>
    bindingNames(typescript, declaration.name).map((name): CellName => ({
      ...common,
      name,
      kind: 'variable',
      nodes: [declaration],
    })),
  );
}

function imports(typescript: typeof ts, statement: ts.ImportDeclaration): CellName[] {
  const { importClause: clause } = statement;
  if (clause === undefined) return [];
  const from = statement
    .getText()
    .slice(statement.moduleSpecifier.getStart() - statement.getStart())
    .replace(/;?$/, ';');
  const isType = clause.phaseModifier === typescript.SyntaxKind.TypeKeyword;
  const keyword = isType ? 'import type' : 'import';
  const one = (name: string, binding: string, isTypeOnly: boolean): CellName => ({
    name,
    kind: 'import',
    nodes: [statement],
    importText: `${keyword} ${binding} from ${from}`,
    isExported: false,
    isTypeOnly: isType || isTypeOnly,
  });
  const found = clause.name === undefined ? [] : [one(clause.name.text, clause.name.text, false)];
  const { namedBindings } = clause;
  if (namedBindings === undefined) return found;
  if (typescript.isNamespaceImport(namedBindings)) {
    const { text } = namedBindings.name;
    return [...found, one(text, `* as ${text}`, false)];
  }
  return [
    ...found,
    ...namedBindings.elements.map((element) => one(element.name.text, `{ ${element.getText()} }`, element.isTypeOnly)),
  ];
}

/** `export { a as b } from 'm'` gives the cell's session the name `b`. */
function reExports(typescript: typeof ts, statement: ts.ExportDeclaration): CellName[] {
  const { exportClause: clause, moduleSpecifier } = statement;
  if (clause === undefined || moduleSpecifier === undefined) return [];
  const common = { kind: 'import', nodes: [statement], isExported: true } as const;
  if (typescript.isNamespaceExport(clause)) {
    const { text } = clause.name;
    const importText = `import * as ${text} from ${moduleSpecifier.getText()};`;
    return [{ ...common, name: text, importText, isTypeOnly: statement.isTypeOnly }];
  }
  return clause.elements.map((element) => ({
    ...common,
    name: element.name.text,
    importText: `import { ${element.getText()} } from ${moduleSpecifier.getText()};`,
    isTypeOnly: statement.isTypeOnly || element.isTypeOnly,
  }));
}
