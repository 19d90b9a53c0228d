/** Which names a cell assigns. */
import type ts from 'typescript';

/** Every name that stands on the left of an assignment, is counted up or down, or takes the items of a loop, in any scope. */
export function assignedNames(typescript: typeof ts, file: ts.SourceFile): Set<string> {
  const { FirstAssignment, LastAssignment, PlusPlusToken, MinusMinusToken } = typescript.SyntaxKind;
  const found = new Set<string>();
  const collect = (target: ts.Node): void => {
    if (typescript.isIdentifier(target)) found.add(target.text);
    else typescript.forEachChild(target, collect);
  };
  const visit = (node: ts.Node): void => {
    if (typescript.isBinaryExpression(node)) {
      const { kind } = node.operatorToken;
      if (kind >= FirstAssignment && kind <= LastAssignment) collect(node.left);
    } else if (typescript.isPrefixUnaryExpression(node) || typescript.isPostfixUnaryExpression(node)) {
      if (node.operator === PlusPlusToken || node.operator === MinusMinusToken) collect(node.operand);
    } else if (typescript.isForInStatement(node) || typescript.isForOfStatement(node)) {
      if (!typescript.isVariableDeclarationList(node.initializer)) collect(node.initializer);
    }
    typescript.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
