/** The text of a cell's file: declarations of earlier names, the cell's code, and exports of what it declares. */
import type ts from 'typescript';
import { assignedNames } from './assignedNames.js';
import { cellNames, type CellName } from './cellNames.js';
import type { ParsedFile, TypeScript } from './typescript.js';

/** How a cell's code is read. */
export type CellSyntax = 'ts' | 'tsx' | 'js';

/** A cell before it is checked. */
export interface CellText {
  readonly code: string;
  readonly syntax: CellSyntax;
  readonly names: ReadonlyMap<string, CellName>;
  /** The names that its code assigns, declarations apart. */
  readonly assigned: ReadonlySet<string>;
  /** Whether the cell adds to the global scope or to a module, for all later cells. */
  readonly augments: boolean;
  /** The last statement is an expression, whose value is the cell's. */
  readonly hasValue: boolean;
}

/** A cell's file. */
export interface CellFileText {
  readonly text: string;
  /** How many characters stand before the code. */
  readonly offset: number;
}

/** Reads a cell's code: as TypeScript, or with JSX if it has some. */
export function readCell(typescript: TypeScript, code: string, isJavaScript: boolean): CellText {
  const parse = (name: string) =>
    typescript.createSourceFile(name, code, typescript.ScriptTarget.Latest, true) as ParsedFile;
  let syntax: CellSyntax = isJavaScript ? 'js' : 'ts';
  let file = parse(`cell.${syntax}`);
  if (!isJavaScript && file.parseDiagnostics.length > 0 && code.includes('<')) {
    const withJsx = parse('cell.tsx');
    if (withJsx.parseDiagnostics.length === 0) {
      syntax = 'tsx';
      file = withJsx;
    }
  }
  return {
    code,
    syntax,
    names: cellNames(typescript, file),
    assigned: assignedNames(typescript, file),
    augments: file.statements.some((statement) => isAugmentation(typescript, statement)),
    hasValue: file.statements.at(-1)?.kind === typescript.SyntaxKind.ExpressionStatement,
  };
}

const isAugmentation = (typescript: TypeScript, statement: ts.Statement) =>
  typescript.isModuleDeclaration(statement) &&
  (typescript.isStringLiteral(statement.name) || (statement.flags & typescript.NodeFlags.GlobalAugmentation) !== 0);

const isVariable = (kind: CellName['kind']) => kind === 'variable' || kind === 'constant';

/** Comments at the top of a cell that TypeScript only reads at the top of a file. */
const pragma = /^\s*(?:\/\/\s*@ts-(?:no)?check\b.*|\/\/\/\s*<reference\b.*|\/\*\*?\s*@jsx[^]*?\*\/)/;

function pragmasOf(code: string): string {
  const comments = /^(?:\s*(?:\/\/[^\n]*|\/\*[^]*?\*\/))*/.exec(code)?.[0] ?? '';
  const lines = comments.match(/\/\/[^\n]*|\/\*[^]*?\*\//g) ?? [];
  return lines
    .filter((line) => pragma.test(line))
    .map((line) => `${line}\n`)
    .join('');
}

/**
 * The file of a cell; `declarations` are those of earlier names, and `mentioned` the variables among them. Its last line names all
 * variables once more, so that their types at the cell's end can be read (narrowing.ts).
 */
export function cellFileText(
  { code, names }: CellText,
  declarations: string,
  mentioned: readonly string[],
): CellFileText {
  // `export {}` makes it a module, whose names are its own.
  const before = `${pragmasOf(code)}export {};\n${declarations === '' ? '' : `${declarations}\n`}`;
  const exported = [...names.values()].filter(({ isExported }) => !isExported).map(({ name }) => name);
  const own = [...names.values()].filter(({ kind, isTypeOnly }) => isVariable(kind) && !isTypeOnly);
  const variables = [...own.map(({ name }) => name), ...mentioned];
  const probe = variables.length === 0 ? '' : ` [${variables.join(', ')}];`;
  // The export comes first: a bracket could continue the cell's last expression.
  const behind = `\nexport { ${exported.join(', ')} };${probe}`;
  return { text: before + code + behind, offset: before.length };
}
