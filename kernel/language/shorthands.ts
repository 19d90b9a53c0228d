/**
 * `{ name }`, where `name` is of an earlier cell. The converter reads such names as `exports.name`, but asks the type checker
 * what each identifier means, and of the one in `{ name }` that is the new property; it would stay, and mean nothing when the
 * cell runs. Written in full, as `{ name: exports.name }`, it is right before the converter looks.
 */
import type ts from '@tslab/typescript-for-tslab';

/** A transformer for the code that comes before the converter's own; `isEarlier` tells the declarations of earlier cells. */
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
      // `({ name = 1 } = given)` assigns, with a value for where there is none.
      const target = initializer === undefined ? value : factory.createAssignment(value, initializer);
      return typescript.setTextRange(factory.createPropertyAssignment(node.name, target), node);
    };
    return (file) => typescript.visitEachChild(file, visit, context);
  };
}
