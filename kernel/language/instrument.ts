/**
 * What the kernel adds to a cell's JavaScript before it runs, as a TypeScript transformer:
 * - `await x` becomes `await __cell__.wait(x)` and `for await (.. of xs)` iterates `__cell__.each(xs)`, so that both can be
 *   interrupted;
 * - `import(x)` becomes `__cell__.import(x)`, for packages that only an import can load, and `import.meta` `__cell__.meta`;
 * - before each top-level statement `__cell__.at = n` notes its index, so that an interrupted loop and a thrown value without a
 *   stack have a line.
 * Nothing is added inside loops, which would make them slower.
 */
import type ts from '@tslab/typescript-for-tslab';
import type { Position } from './positions.js';

/** The transformer of one cell, and what it has found in the cell's code. */
export interface Instrumentation {
  readonly transformer: ts.TransformerFactory<ts.SourceFile>;
  /** The start of each top-level statement, in the text that was transformed. */
  readonly statements: Position[];
  /** Whether there is an `await` or `for await` outside all functions. */
  awaits: boolean;
  /** Every identifier in the code. */
  readonly names: Set<string>;
}

/** The parameter of a compiled cell that holds its runtime (cellRuntime.ts). */
export const cellName = '__cell__';

/** An instrumentation for one cell; it is filled when the transformer runs. */
export function createInstrumentation(typescript: typeof ts): Instrumentation {
  const { factory } = typescript;
  const result: Instrumentation = {
    transformer: (context) => (file) => {
      const marked = file.statements.flatMap((statement) => {
        const visited = addRuntimeCalls(typescript, context, result, statement);
        if (!runs(typescript, statement)) return [visited];
        const start = file.getLineAndCharacterOfPosition(mappedStart(typescript, statement, file));
        const index = result.statements.push({ line: start.line, column: start.character }) - 1;
        const at = factory.createPropertyAccessExpression(factory.createIdentifier(cellName), 'at');
        const mark = factory.createAssignment(at, factory.createNumericLiteral(index));
        return [factory.createExpressionStatement(mark), keepNameless(typescript, visited)];
      });
      return factory.updateSourceFile(file, marked);
    },
    statements: [],
    awaits: false,
    names: new Set(),
  };
  return result;
}

function addRuntimeCalls(
  typescript: typeof ts,
  context: ts.TransformationContext,
  result: Instrumentation,
  statement: ts.Statement,
): ts.Statement {
  const { factory } = typescript;
  const member = (name: string) => factory.createPropertyAccessExpression(factory.createIdentifier(cellName), name);
  const call = (name: string, argument: ts.Expression) =>
    factory.createCallExpression(member(name), undefined, [argument]);
  const visit = (node: ts.Node, nested: boolean): ts.Node => {
    if (typescript.isIdentifier(node)) result.names.add(node.text);
    const inside = nested || typescript.isFunctionLike(node);
    const visited = typescript.visitEachChild(node, (child) => visit(child, inside), context);
    if (typescript.isAwaitExpression(visited)) {
      result.awaits ||= !nested;
      return factory.updateAwaitExpression(visited, call('wait', visited.expression));
    }
    if (typescript.isForOfStatement(visited) && visited.awaitModifier !== undefined) {
      result.awaits ||= !nested;
      const { awaitModifier, initializer, expression, statement: body } = visited;
      return factory.updateForOfStatement(visited, awaitModifier, initializer, call('each', expression), body);
    }
    if (typescript.isCallExpression(visited) && visited.expression.kind === typescript.SyntaxKind.ImportKeyword) {
      return factory.updateCallExpression(visited, member('import'), undefined, visited.arguments);
    }
    if (typescript.isMetaProperty(visited) && visited.keywordToken === typescript.SyntaxKind.ImportKeyword) {
      return member('meta');
    }
    return visited;
  };
  return visit(statement, false) as ts.Statement;
}

/** Imports, exports and function declarations do not run in a cell's order, and a directive must stay first. */
function runs(typescript: typeof ts, statement: ts.Statement): boolean {
  return !(
    typescript.isImportDeclaration(statement) ||
    typescript.isExportDeclaration(statement) ||
    typescript.isFunctionDeclaration(statement) ||
    (typescript.isExpressionStatement(statement) && typescript.isStringLiteral(statement.expression))
  );
}

/** A function takes the name of the constant it is assigned to; a last expression's constant is the converter's (see below). */
function keepNameless(typescript: typeof ts, statement: ts.Statement): ts.Statement {
  const { factory } = typescript;
  if (!typescript.isVariableStatement(statement)) return statement;
  const { declarationList, modifiers } = statement;
  const [first] = declarationList.declarations;
  const value = first?.initializer;
  if (first?.name.kind !== typescript.SyntaxKind.Identifier || value === undefined) return statement;
  const named =
    typescript.isArrowFunction(value) || typescript.isFunctionExpression(value) || typescript.isClassExpression(value);
  if (!named || !first.name.text.startsWith('tsLastExpr')) return statement;
  const nameless = factory.createParenthesizedExpression(factory.createComma(factory.createNumericLiteral(0), value));
  const declaration = factory.updateVariableDeclaration(first, first.name, undefined, undefined, nameless);
  return factory.updateVariableStatement(
    statement,
    modifiers,
    factory.updateVariableDeclarationList(declarationList, [declaration]),
  );
}

/** The converter writes the last expression as `export const tsLastExpr = ...`; only the part after `=` was typed. */
function mappedStart(typescript: typeof ts, statement: ts.Statement, file: ts.SourceFile): number {
  if (typescript.isVariableStatement(statement) && statement.modifiers !== undefined) {
    const value = statement.declarationList.declarations[0]?.initializer;
    if (value !== undefined) return value.getStart(file);
  }
  return statement.getStart(file);
}
