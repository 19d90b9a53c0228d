/**
 * What the kernel adds to a cell's JavaScript before it runs, as a TypeScript transformer:
 * `await x` becomes `await __cell__.wait(x)` and `for await (.. of xs)` iterates `__cell__.each(xs)`, so that they can be
 * interrupted; `import(x)` becomes `__cell__.import(x)`, for packages that only an import can load, and `import.meta` becomes
 * `__cell__.meta`; and before each top-level statement `__cell__.at = n` notes which one runs, so that an interrupted loop and a
 * thrown value without a stack have a line. Nothing is added inside loops: their speed is the user's.
 */
import type ts from '@tslab/typescript-for-tslab';
import type { Position } from './positions.js';

export interface Instrumentation {
  readonly transformer: ts.TransformerFactory<ts.SourceFile>;
  /** Where each top-level statement starts, in the text that was transformed. */
  readonly statements: Position[];
  /** Whether there is an `await` or `for await` outside of any function. */
  awaits: boolean;
  /** Every identifier in the code, whatever it stands for. */
  readonly names: Set<string>;
}

export const cellName = '__cell__';

export function createInstrumentation(typescript: typeof ts): Instrumentation {
  const { factory } = typescript;
  const result: Instrumentation = { transformer, statements: [], awaits: false, names: new Set() };
  const member = (name: string) => factory.createPropertyAccessExpression(factory.createIdentifier(cellName), name);
  const call = (name: string, argument: ts.Expression) =>
    factory.createCallExpression(member(name), undefined, [argument]);

  function transformer(context: ts.TransformationContext): ts.Transformer<ts.SourceFile> {
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
        const { awaitModifier, initializer, expression, statement } = visited;
        return factory.updateForOfStatement(visited, awaitModifier, initializer, call('each', expression), statement);
      }
      if (typescript.isCallExpression(visited) && visited.expression.kind === typescript.SyntaxKind.ImportKeyword) {
        return factory.updateCallExpression(visited, member('import'), undefined, visited.arguments);
      }
      if (typescript.isMetaProperty(visited) && visited.keywordToken === typescript.SyntaxKind.ImportKeyword) {
        return member('meta');
      }
      return visited;
    };

    return (file) => {
      const marked = file.statements.flatMap((statement) => {
        const visited = visit(statement, false) as ts.Statement;
        if (!runs(statement)) return [visited];
        const start = file.getLineAndCharacterOfPosition(mappedStart(statement, file));
        const index = result.statements.push({ line: start.line, column: start.character }) - 1;
        const mark = factory.createAssignment(member('at'), factory.createNumericLiteral(index));
        return [factory.createExpressionStatement(mark), keepNameless(visited)];
      });
      return factory.updateSourceFile(file, marked);
    };
  }

  /** Imports, exports and function declarations are no steps of a cell, and a directive must stay first. */
  function runs(statement: ts.Statement): boolean {
    return !(
      typescript.isImportDeclaration(statement) ||
      typescript.isExportDeclaration(statement) ||
      typescript.isFunctionDeclaration(statement) ||
      (typescript.isExpressionStatement(statement) && typescript.isStringLiteral(statement.expression))
    );
  }

  /** A function takes the name of the constant it is assigned to; that of a last expression is the converter's (see below). */
  function keepNameless(statement: ts.Statement): ts.Statement {
    if (!typescript.isVariableStatement(statement)) return statement;
    const { declarationList, modifiers } = statement;
    const [first] = declarationList.declarations;
    const value = first?.initializer;
    if (first?.name.kind !== typescript.SyntaxKind.Identifier || value === undefined) return statement;
    const named =
      typescript.isArrowFunction(value) ||
      typescript.isFunctionExpression(value) ||
      typescript.isClassExpression(value);
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
  function mappedStart(statement: ts.Statement, file: ts.SourceFile): number {
    if (typescript.isVariableStatement(statement) && statement.modifiers !== undefined) {
      const value = statement.declarationList.declarations[0]?.initializer;
      if (value !== undefined) return value.getStart(file);
    }
    return statement.getStart(file);
  }

  return result;
}
