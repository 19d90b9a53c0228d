/** Whether code can run, needs more lines, or has an error that more lines can't fix (the console's Enter key). */
import type ts from 'typescript';
import type { Completeness } from './language.js';
import type { ParsedFile } from './typescript.js';

/** Unterminated template literals (1160) and comments (1010): errors that the next line may fix. */
const fixableCodes = new Set([1160, 1010]);
const indentation = '  ';

/**
 * Whether a cell is complete.
 *
 * @example
 * isComplete(loadTypescript(), 'function f() {'); // { status: 'incomplete', indent: '  ' }
 */
export function isComplete(typescript: typeof ts, code: string): Completeness {
  const file = parse(typescript, code);
  const { parseDiagnostics } = file;
  if (parseDiagnostics.length === 0) return { status: 'complete' };
  if (parseDiagnostics.some(({ code: error }) => fixableCodes.has(error))) return { status: 'incomplete', indent: '' };
  // More lines don't fix an error before the end.
  if (parseDiagnostics.some(({ start }) => start < code.trimEnd().length)) return { status: 'invalid' };
  // Two empty lines ask for the error, and more lines help only if something is expected.
  const expects = parseDiagnostics.some(({ messageText }) =>
    typescript.flattenDiagnosticMessageText(messageText, '\n').endsWith(' expected.'),
  );
  if (!expects || /(?:^|\n)\s*\n\s*$/.test(code)) return { status: 'invalid' };
  return { status: 'incomplete', indent: indentation.repeat(openBrackets(typescript, code)) };
}

/** JSX is complete where TypeScript alone is not. */
function parse(typescript: typeof ts, code: string): ParsedFile {
  const files = ['cell.ts', ...(code.includes('<') ? ['cell.tsx'] : [])].map(
    (name) => typescript.createSourceFile(name, code, typescript.ScriptTarget.Latest) as ParsedFile,
  );
  return files.find(({ parseDiagnostics }) => parseDiagnostics.length === 0) ?? files[0]!;
}

/** How many brackets are open at the end. */
function openBrackets(typescript: typeof ts, code: string): number {
  const { SyntaxKind } = typescript;
  const opening = [SyntaxKind.OpenBraceToken, SyntaxKind.OpenParenToken, SyntaxKind.OpenBracketToken];
  const closing = [SyntaxKind.CloseBraceToken, SyntaxKind.CloseParenToken, SyntaxKind.CloseBracketToken];
  const scanner = typescript.createScanner(typescript.ScriptTarget.Latest, true, undefined, code);
  let open = 0;
  for (let token = scanner.scan(); token !== SyntaxKind.EndOfFileToken; token = scanner.scan()) {
    if (opening.some((kind) => kind === token)) open += 1;
    if (closing.some((kind) => kind === token)) open -= 1;
  }
  return Math.max(0, open);
}
