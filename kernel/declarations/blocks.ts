/** Declaration files as blocks, `declare module 'its/name' { ... }`. */
import ts from 'typescript';

/** The name in the rolled file of what an import in a file means. */
export type NameOf = (specifier: string, from: string) => string;

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A block of declarations. */
export const block = (name: string, body: string) => `declare module '${name}' {\n${body.trim()}\n}`;

/** Whether a statement adds to another module or to the globals. */
export const isAugmentation = (statement: ts.Statement): statement is ts.ModuleDeclaration =>
  ts.isModuleDeclaration(statement) &&
  (ts.isStringLiteral(statement.name) || (statement.flags & ts.NodeFlags.GlobalAugmentation) !== 0);

/** A module name in a file. */
export interface Specifier {
  readonly specifier: string;
  readonly node: ts.StringLiteral;
  readonly bindsNothing: boolean;
}

/** All module names in a file: of imports, exports and `import('...')` types. */
export function specifiersOf(file: ts.SourceFile): Specifier[] {
  const found: Specifier[] = [];
  const add = (node: ts.Node | undefined, bindsNothing = false) => {
    if (node !== undefined && ts.isStringLiteral(node)) found.push({ specifier: node.text, node, bindsNothing });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node.importClause === undefined);
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier);
    else if (ts.isExternalModuleReference(node)) add(node.expression);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** A file's own block, and one for each module that it adds to. */
export function blocksOf(file: ts.SourceFile, name: string, nameOf: NameOf, covariant: readonly string[]): string[] {
  const edits: Edit[] = [];
  for (const { node, specifier } of specifiersOf(file)) {
    edits.push({ start: node.getStart(file), end: node.end, text: `'${nameOf(specifier, file.fileName)}'` });
  }
  const augmentations: ts.ModuleDeclaration[] = [];
  for (const statement of file.statements) {
    if (isAugmentation(statement) && ts.isStringLiteral(statement.name)) {
      augmentations.push(statement);
      edits.push({ start: statement.getFullStart(), end: statement.end, text: '' });
      continue;
    }
    if (ts.isNamespaceExportDeclaration(statement)) {
      edits.push({ start: statement.getStart(file), end: statement.end, text: '' });
    }
    // Inside a `declare module` block everything is declared already.
    const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
    for (const modifier of modifiers) {
      if (modifier.kind === ts.SyntaxKind.DeclareKeyword) {
        edits.push({ start: modifier.getStart(file), end: modifier.end, text: '' });
      }
    }
    edits.push(...covariantParameters(statement, file, covariant));
  }
  const head = file.statements[0]?.getStart(file) ?? 0;
  const body = edited(file, head, file.end, edits);
  // In a file without import or export everything is global; it stays outside modules.
  const own = ts.isExternalModule(file) ? block(name, body) : edited(file, head, file.end, []);
  return [
    own,
    ...augmentations.map((augmentation) => {
      const target = nameOf((augmentation.name as ts.StringLiteral).text, file.fileName);
      const inner = augmentation.body as ts.ModuleBlock;
      const within = edits.filter(({ start, end }) => start > inner.pos && end < inner.end);
      const text = edited(file, inner.getStart(file) + 1, inner.end - 1, within);
      return block(target, [...importsFor(inner, file, nameOf), text].join('\n'));
    }),
  ];
}

/** The file's imports that an augmentation uses, to repeat in its own block. */
function importsFor(inner: ts.ModuleBlock, file: ts.SourceFile, nameOf: NameOf): string[] {
  const used = new Set<string>();
  const declared = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) used.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(inner);
  for (const statement of inner.statements) {
    if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) declared.add(statement.name.text);
  }
  return file.statements.filter(ts.isImportDeclaration).flatMap(({ importClause, moduleSpecifier }) => {
    const from = nameOf((moduleSpecifier as ts.StringLiteral).text, file.fileName);
    const { name, namedBindings } = importClause ?? {};
    const isUsed = ({ text }: ts.Identifier) => used.has(text) && !declared.has(text);
    const lines: string[] = [];
    if (name !== undefined && isUsed(name)) lines.push(`import ${name.text} from '${from}';`);
    if (namedBindings !== undefined && ts.isNamespaceImport(namedBindings) && isUsed(namedBindings.name)) {
      lines.push(`import * as ${namedBindings.name.text} from '${from}';`);
    }
    if (namedBindings !== undefined && ts.isNamedImports(namedBindings)) {
      const kept = namedBindings.elements.filter((element) => isUsed(element.name));
      if (kept.length > 0)
        lines.push(`import { ${kept.map((each) => each.getText(file)).join(', ')} } from '${from}';`);
    }
    return lines;
  });
}

/** For the classes named in `covariant`: `class Tensor<R extends Rank>` becomes `class Tensor<out R extends Rank>`. */
function covariantParameters(statement: ts.Statement, file: ts.SourceFile, covariant: readonly string[]): Edit[] {
  if (!ts.isClassDeclaration(statement) || !covariant.includes(statement.name?.text ?? '')) return [];
  return (statement.typeParameters ?? []).map((parameter) => {
    const start = parameter.getStart(file);
    return { start, end: start, text: 'out ' };
  });
}

/** A block for a package's second name: it exports everything of the first, its default too. */
export function aliasBlock(alias: string, name: string, file: ts.SourceFile): string {
  const hasDefault = file.statements.some(
    (statement) =>
      ts.isExportAssignment(statement) ||
      (ts.canHaveModifiers(statement) &&
        ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword) === true),
  );
  const exported = [`export * from '${name}';`, ...(hasDefault ? [`export { default } from '${name}';`] : [])];
  return `declare module '${alias}' {\n${exported.join('\n')}\n}`;
}

function edited(file: ts.SourceFile, start: number, end: number, edits: readonly Edit[]): string {
  const sorted = [...edits].filter((edit) => edit.start >= start && edit.end <= end).sort((a, b) => a.start - b.start);
  const pieces: string[] = [];
  let position = start;
  for (const edit of sorted) {
    // An edit inside an earlier one, for example in an augmentation that was removed.
    if (edit.start < position) continue;
    pieces.push(file.text.slice(position, edit.start), edit.text);
    position = edit.end;
  }
  return pieces.join('') + file.text.slice(position, end);
}
