/** Makes a checked cell's names declarations for later cells. */
import type ts from 'typescript';
import type { CellName } from './cellNames.js';
import type { SessionName } from './sessionTypes.js';
import { writeFunction, writeType, type TypeWriter } from './writtenTypes.js';

/** A cell that was checked. */
export interface CheckedCell extends TypeWriter {
  readonly file: ts.SourceFile;
  readonly names: ReadonlyMap<string, CellName>;
  /** How other cells import this one. */
  readonly specifier: string;
  /** Names that exist when the cell runs; an import may turn out to be a type. */
  readonly hasValue: (name: string) => boolean;
}

/** The declarations of a cell's names. */
export function sessionNames(cell: CheckedCell): SessionName[] {
  const { checker, file } = cell;
  const module = checker.getSymbolAtLocation(file);
  const exported = new Map(
    module === undefined ? [] : checker.getExportsOfModule(module).map((symbol) => [symbol.name, symbol]),
  );
  return [...cell.names.values()].map((each) => {
    const symbol = exported.get(each.name);
    const declaration = symbol === undefined ? fallback(cell, each) : declarationOf(cell, each, symbol);
    return {
      name: each.name,
      declaration: documented(cell, each, declaration),
      reference: fallback(cell, each),
      type: symbol === undefined ? 'any' : shownType(cell, each, symbol),
      isVariable: (each.kind === 'variable' || each.kind === 'constant') && !each.isTypeOnly,
      hasValue: cell.hasValue(each.name),
    };
  });
}

function declarationOf(cell: CheckedCell, each: CellName, symbol: ts.Symbol): string {
  const { checker, file } = cell;
  const { name, kind } = each;
  if (kind === 'import') return each.importText ?? fallback(cell, each);
  if (kind === 'other' || each.isTypeOnly) return fallback(cell, each);
  const type = checker.getTypeOfSymbolAtLocation(symbol, file);
  if (kind === 'function') return writeFunction(cell, name, type) ?? fallback(cell, each);
  if (kind === 'variable') {
    return `declare let ${name}: ${writeType(cell, type) ?? typeOf(cell, name)};`;
  }
  if (!isFresh(type)) {
    const text = writeType(cell, type);
    return text === undefined ? fallback(cell, each) : `declare const ${name}: ${text};`;
  }
  // `const a = 1; let b = a` makes b a number: only a literal as the value, and not as the type, keeps that.
  const literal = literalText(cell, type);
  return literal === undefined ? fallback(cell, each) : `declare const ${name} = ${literal};`;
}

const typeOf = ({ specifier }: CheckedCell, name: string) => `typeof import(${JSON.stringify(specifier)}).${name}`;

/** Refers to the cell itself: all meanings of the name, and types that can't be written. A variable stays assignable. */
const fallback = (cell: CheckedCell, { name, kind, isTypeOnly }: CellName) =>
  kind === 'variable'
    ? `declare let ${name}: ${typeOf(cell, name)};`
    : `import { ${isTypeOnly ? 'type ' : ''}${name} } from ${JSON.stringify(cell.specifier)};`;

type Freshness = ts.Type & { readonly freshType?: ts.Type };

/** Whether a literal type widens when it is assigned to a variable; true for a union if one of its members does. */
function isFresh(type: ts.Type): boolean {
  if (type.isUnion()) return type.types.some(isFresh);
  return (type as Freshness).freshType === type;
}

function literalText({ typescript, checker }: CheckedCell, type: ts.Type): string | undefined {
  if ((type.flags & typescript.TypeFlags.EnumLiteral) !== 0) return undefined;
  if (type.isStringLiteral()) return JSON.stringify(type.value);
  if (type.isNumberLiteral()) return Number.isFinite(type.value) ? String(type.value) : undefined;
  const { BooleanLiteral, BigIntLiteral } = typescript.TypeFlags;
  if ((type.flags & (BooleanLiteral | BigIntLiteral)) === 0) return undefined;
  return type.isUnion() ? undefined : checker.typeToString(type);
}

/** The documentation comment stays with the name. */
function documented({ typescript }: CheckedCell, { nodes, kind }: CellName, declaration: string): string {
  if (kind === 'import' || kind === 'other') return declaration;
  const comments = nodes.flatMap((node) => {
    // The comment of `const a = 1` belongs to the statement.
    const owner = typescript.isVariableDeclaration(node) ? node.parent.parent : node;
    return typescript.getJSDocCommentsAndTags(owner).filter((each) => typescript.isJSDoc(each));
  });
  const last = comments.at(-1);
  return last === undefined ? declaration : `${last.getText()}\n${declaration}`;
}

function shownType({ typescript, checker, file }: CheckedCell, { nodes, kind }: CellName, symbol: ts.Symbol): string {
  const [node] = nodes;
  if (kind === 'other' && node !== undefined) {
    if (typescript.isClassDeclaration(node)) return 'class';
    if (typescript.isEnumDeclaration(node)) return 'enum';
    if (typescript.isModuleDeclaration(node)) return 'namespace';
    return 'type';
  }
  const isAlias = (symbol.flags & typescript.SymbolFlags.Alias) !== 0;
  const meant = isAlias ? checker.getAliasedSymbol(symbol) : symbol;
  return checker.typeToString(checker.getTypeOfSymbolAtLocation(meant, file));
}
