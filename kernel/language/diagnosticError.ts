/** A cell's compile errors as one error: what is wrong, its place with the source line, and fixes. */
import { readFileSync } from 'node:fs';
import type { CellError } from './language.js';
import { codeFrame, type Position, type Script } from './positions.js';
import { place, red } from './stackTraces.js';

/** One of TypeScript's errors. */
export interface CellDiagnostic {
  /** TypeScript's number. */
  readonly code: number;
  /** With its explanations on further lines. */
  readonly text: string;
  /** The file on disk; `undefined` for the cell itself. */
  readonly file: string | undefined;
  /** In the cell's code or the file. */
  readonly start: number;
  readonly length: number;
  /** What would fix it, a line each. */
  readonly fixes: readonly string[];
}

/** The error of a cell that does not compile; throws an Error if there is no diagnostic. */
export function diagnosticError(diagnostics: readonly CellDiagnostic[], script: Script): CellError {
  const described = relevantOf(diagnostics, script).map((each) => {
    const source = each.file === undefined ? script.source : readFileSync(each.file, 'utf8');
    const position = positionIn(source, each.start);
    const end = positionIn(source, each.start + each.length);
    const length = position.line === end.line ? end.column - position.column : 1;
    return {
      ...each,
      at: place(each.file ?? script.name, position),
      frame: [...codeFrame(source, position, length), ...each.fixes.map((fix) => `  fix: ${fix}`)],
    };
  });
  const [head] = described;
  if (head === undefined) throw new Error('diagnosticError() needs at least one diagnostic');
  return {
    name: nameOf(head),
    message: `${head.text} (TS${head.code}, ${head.at})`,
    traceback: described.flatMap((each) => [
      `${red(nameOf(each))}: ${each.text} (TS${each.code})`,
      each.at,
      ...each.frame,
    ]),
  };
}

/**
 * After a syntax error only syntax errors are shown, because the others follow from it; and none behind the cell's last line unless
 * there is no other.
 */
function relevantOf(diagnostics: readonly CellDiagnostic[], script: Script): readonly CellDiagnostic[] {
  const syntax = diagnostics.filter(isSyntax);
  if (syntax.length === 0) return diagnostics;
  const inside = syntax.filter(({ file, start }) => file !== undefined || start < script.source.length);
  return inside.length > 0 ? inside : syntax.slice(0, 1);
}

/** TypeScript numbers its syntax errors from 1000 to 1999, and those of JSX from 17000 on. */
const isSyntax = ({ code }: CellDiagnostic) => code < 2000;
const nameOf = (diagnostic: CellDiagnostic) => (isSyntax(diagnostic) ? 'SyntaxError' : 'TypeScriptError');

/** An error in what the kernel adds around a cell is shown at the cell's nearest end. */
function positionIn(source: string, offset: number): Position {
  const lines = source.slice(0, Math.max(0, Math.min(offset, source.trimEnd().length))).split('\n');
  return { line: lines.length - 1, column: lines.at(-1)!.length };
}
