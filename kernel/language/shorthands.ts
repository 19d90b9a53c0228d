/**
 * `{ name }` with the `name` of an earlier cell. The converter replaces such names by `exports.name`, if the type checker says that
 * they are variables of earlier cells; but the checker takes the one in `{ name }` as the new property, and it would stay and be
 * undefined when the cell runs. So it is written in full, `{ name: exports.name }`, before the converter reads it.
 */
import type ts from '@tslab/typescript-for-tslab';

/** A transformer that runs before the converter's own; `isEarlier` recognizes the declarations of earlier cells. */
export function expandShorthands(
  typescript: typeof ts,
  checker: ts.TypeChecker,
  isEarlier: (file: ts.SourceFile) => boolean,
): ts.TransformerFactory<ts.SourceFile> {
  const { factory } = typescript;
  const means = (node: ts.ShorthandPropertyAssignment) =>
    checker.getShorthandAssignmentValueSymbol(node)?.declarations ?? [];

  return (context) => {
    const visit = (node: ts.Node): ts.Node => {
      const visited = typescript.visitEachChild(node, visit, context);
      if (!typescript.isShorthandPropertyAssignment(node)) return visited;
      if (!means(node).some((declaration) => isEarlier(declaration.getSourceFile()))) return visited;
      const { objectAssignmentInitializer: initializer } = visited as ts.ShorthandPropertyAssignment;
      const name = typescript.setTextRange(factory.createIdentifier(node.name.text), node.name);
      const value = factory.createPropertyAccessExpression(factory.createIdentifier('exports'), name);
      // `({ name = 1 } = given)` assigns, with a default.
      const target = initializer === undefined ? value : factory.createAssignment(value, initializer);
      return typescript.setTextRange(factory.createPropertyAssignment(node.name, target), node);
    };
    return (file) => typescript.visitEachChild(file, visit, context);
  };
}
