/**
 * What a cell has found out about variables: `assert(typeof data === 'string')` makes `data` a string for later cells too. Only
 * assertions count. What an assignment tells is forgotten at the cell's end, because any cell may be run again.
 */
import type ts from 'typescript';
import type { CheckedCell } from './sessionNames.js';
import { writeType } from './writtenTypes.js';

/** For each variable of a cell's probe: the narrowed type as text, or `undefined` if there is none. */
export function narrowedTypes(cell: CheckedCell, assigned: ReadonlySet<string>): Map<string, string | undefined> {
  const { checker } = cell;
  const found = new Map<string, string | undefined>();
  for (const variable of probed(cell)) {
    const symbol = checker.getSymbolAtLocation(variable);
    const declaration = symbol?.valueDeclaration;
    if (symbol === undefined || declaration === undefined) continue;
    const declared = checker.getTypeOfSymbolAtLocation(symbol, declaration);
    const type = checker.getTypeAtLocation(variable);
    const isNarrow = type !== declared && !assigned.has(variable.text) && !isEmpty(cell, type);
    found.set(variable.text, isNarrow && !tellsNothing(cell, declaration, type) ? writeType(cell, type) : undefined);
  }
  return found;
}

/** The variables in the line that names them all. */
function probed({ typescript, file }: CheckedCell): ts.Identifier[] {
  const probe = file.statements.findLast((statement) => typescript.isExpressionStatement(statement));
  if (probe === undefined || !typescript.isArrayLiteralExpression(probe.expression)) return [];
  return probe.expression.elements.filter((element) => typescript.isIdentifier(element));
}

/** The end of a cell that always throws is not reached. */
const isEmpty = ({ typescript }: CheckedCell, type: ts.Type) => (type.flags & typescript.TypeFlags.Never) !== 0;

/** Whether the variable's first value alone gives it the type. */
function tellsNothing({ typescript, checker }: CheckedCell, declaration: ts.Declaration, type: ts.Type): boolean {
  if (!typescript.isVariableDeclaration(declaration)) return true;
  if ((typescript.getCombinedModifierFlags(declaration) & typescript.ModifierFlags.Ambient) !== 0) return false;
  const { initializer } = declaration;
  return initializer === undefined || checker.isTypeAssignableTo(checker.getTypeAtLocation(initializer), type);
}
