/** A cell's compile errors as one error: what is wrong, its place with the source line, and fixes. */
import { readFileSync } from 'node:fs';
import type { Diagnostic } from 'tslab/dist/converter.js';
import type { Compiled } from './compiled.js';
import type { CellError } from './language.js';
import { codeFrame, type Position, type Script } from './positions.js';
import { readableTypes } from './services.js';
import { place, red } from './stackTraces.js';

/** The error of a cell that does not compile; throws an Error if there is no diagnostic. */
export function diagnosticError(
  { diagnostics, fixes }: Pick<Compiled, 'diagnostics' | 'fixes'>,
  script: Script,
): CellError {
  const described = groupByPlace(relevantOf(diagnostics, script)).map(({ first, text }) => {
    const source = first.fileName === undefined ? script.source : readFileSync(first.fileName, 'utf8');
    const position = within(source, { line: first.start.line, column: first.start.character });
    const length = first.start.line === first.end.line ? first.end.character - first.start.character : 1;
    const fixesHere = (first.fileName === undefined ? fixes.get(first.start.offset) : undefined) ?? [];
    return {
      first,
      text,
      at: place(first.fileName ?? script.name, position),
      frame: [...codeFrame(source, position, length), ...fixesHere.map((fix) => `  fix: ${fix}`)],
    };
  });
  const [head] = described;
  if (head === undefined) throw new Error('diagnosticError() needs at least one diagnostic');
  return {
    name: nameOf(head.first),
    message: `${head.text} (TS${head.first.code}, ${head.at})`,
    traceback: described.flatMap(({ first, text, at, frame }) => [
      `${red(nameOf(first))}: ${text} (TS${first.code})`,
      at,
      ...frame,
    ]),
  };
}

/**
 * After a syntax error only syntax errors are shown, because the others follow from it; and none behind the cell's last line, in
 * the converter's own code, unless there is no other.
 */
function relevantOf(diagnostics: readonly Diagnostic[], script: Script): readonly Diagnostic[] {
  const syntax = diagnostics.filter(isSyntax);
  if (syntax.length === 0) return diagnostics;
  const lines = script.source.split('\n').length;
  const inside = syntax.filter(({ fileName, start }) => fileName !== undefined || start.line < lines);
  return inside.length > 0 ? inside : syntax.slice(0, 1);
}

/** TypeScript numbers its syntax errors from 1000 to 1999. */
const isSyntax = ({ code }: Diagnostic) => code < 2000;
const nameOf = (diagnostic: Diagnostic) => (isSyntax(diagnostic) ? 'SyntaxError' : 'TypeScriptError');

/** Joins a message and its explanations: the converter gives them as separate diagnostics at one place. */
function groupByPlace(diagnostics: readonly Diagnostic[]): { first: Diagnostic; text: string }[] {
  const groups: { first: Diagnostic; text: string }[] = [];
  for (const diagnostic of diagnostics) {
    const last = groups.at(-1);
    const { start, end } = diagnostic;
    if (last?.first.start.offset === start.offset && last.first.end.offset === end.offset) {
      last.text += `\n  ${readableTypes(diagnostic.messageText)}`;
    } else {
      groups.push({ first: diagnostic, text: readableTypes(diagnostic.messageText) + awaitHint(diagnostic) });
    }
  }
  return groups;
}

/** TypeScript gives this hint only in its related information, which the converter drops. */
function awaitHint({ messageText }: Diagnostic): string {
  const used = /does not exist on type 'Promise<|^Type 'Promise<.*must have a '\[Symbol\.iterator\]/.test(messageText);
  return used ? "\n  Did you forget 'await'?" : '';
}

/** A position inside the cell: an error in what the converter adds around it is shown at the cell's nearest end. */
function within(source: string, { line, column }: Position): Position {
  if (line < 0) return { line: 0, column: 0 };
  const lines = source.trimEnd().split('\n');
  const last = lines.length - 1;
  return line > last ? { line: last, column: lines[last]!.length } : { line, column: Math.max(0, column) };
}
