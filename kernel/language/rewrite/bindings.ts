/** Which names a piece of JavaScript declares. */
import type ts from 'typescript';

type TypeScript = typeof ts;

/** All names of `a` or `{ a, b: [c] }`. */
export function bindingNames(typescript: TypeScript, name: ts.BindingName): string[] {
  if (typescript.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) =>
    typescript.isOmittedExpression(element) ? [] : bindingNames(typescript, element.name),
  );
}

/** Whether a list is `let`, `const` or `using`: it belongs to its block, and not to the function around it. */
export const isBlockScoped = (typescript: TypeScript, list: ts.VariableDeclarationList) =>
  (list.flags & typescript.NodeFlags.BlockScoped) !== 0;

/** The identifiers that `var` declares in a node for the function around it. */
export function varDeclarations(typescript: TypeScript, node: ts.Node): ts.VariableDeclaration[] {
  const found: ts.VariableDeclaration[] = [];
  const visit = (each: ts.Node): void => {
    if (
      typescript.isFunctionLike(each) ||
      typescript.isClassStaticBlockDeclaration(each) ||
      typescript.isModuleDeclaration(each)
    )
      return;
    if (typescript.isVariableDeclarationList(each) && !isBlockScoped(typescript, each))
      found.push(...each.declarations);
    typescript.forEachChild(each, visit);
  };
  if (typescript.isFunctionLike(node)) typescript.forEachChild(node, visit);
  else visit(node);
  return found;
}

/** The names that `var` declares in a node for the function around it. */
export const varNames = (typescript: TypeScript, node: ts.Node): string[] =>
  varDeclarations(typescript, node).flatMap(({ name }) => bindingNames(typescript, name));

/**
 * Whether a list is what TypeScript makes of a `using` at the cell's top: a constant in a `try` block, which is a variable of the
 * session all the same.
 */
export function isUsingAtTop(typescript: TypeScript, list: ts.VariableDeclarationList): boolean {
  const block = list.parent.parent;
  const value = list.declarations[0]?.initializer;
  return (
    typescript.isBlock(block) &&
    typescript.isTryStatement(block.parent) &&
    typescript.isSourceFile(block.parent.parent) &&
    value !== undefined &&
    typescript.isCallExpression(value) &&
    typescript.isIdentifier(value.expression) &&
    value.expression.text === '__addDisposableResource'
  );
}

/** The names that a block's own statements declare in it. */
export function lexicalNames(typescript: TypeScript, statements: readonly ts.Statement[]): string[] {
  return statements.flatMap((statement) => {
    if (typescript.isFunctionDeclaration(statement) || typescript.isClassDeclaration(statement)) {
      return statement.name === undefined ? [] : [statement.name.text];
    }
    if (!typescript.isVariableStatement(statement)) return [];
    const { declarationList } = statement;
    if (!isBlockScoped(typescript, declarationList) || isUsingAtTop(typescript, declarationList)) return [];
    return declarationList.declarations.flatMap(({ name }) => bindingNames(typescript, name));
  });
}

/** Whether an identifier stands for a variable's value, and is not a member's, label's or declaration's name. */
export function isReference(typescript: TypeScript, node: ts.Identifier): boolean {
  const { parent } = node;
  if (typescript.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (typescript.isVariableDeclaration(parent) || typescript.isParameter(parent)) return parent.initializer === node;
  if (typescript.isBindingElement(parent)) return parent.initializer === node;
  if (typescript.isPropertyAssignment(parent)) return parent.initializer === node;
  if (typescript.isPropertyDeclaration(parent)) return parent.initializer === node;
  if (typescript.isArrowFunction(parent)) return parent.body === node;
  return !(
    typescript.isFunctionLike(parent) ||
    typescript.isClassLike(parent) ||
    typescript.isShorthandPropertyAssignment(parent) ||
    typescript.isLabeledStatement(parent) ||
    typescript.isBreakOrContinueStatement(parent) ||
    typescript.isMetaProperty(parent) ||
    typescript.isImportClause(parent) ||
    typescript.isImportSpecifier(parent) ||
    typescript.isExportSpecifier(parent) ||
    typescript.isNamespaceImport(parent) ||
    typescript.isNamespaceExport(parent) ||
    typescript.isImportAttribute(parent)
  );
}
