/** Whether code can run, needs more lines, or has an error that more lines can't fix (the console's Enter key). */
import type ts from '@tslab/typescript-for-tslab';
import type { Compiler } from './compiler.js';
import type { Completeness } from './language.js';

/** Unterminated template literals (1160) and comments (1010): errors that the next line may fix. */
const fixableCodes = new Set([1160, 1010]);

/**
 * Whether a cell is complete.
 *
 * @example
 * isComplete(compiler, 'function f() {'); // { status: 'incomplete', indent: '  ' }
 */
export function isComplete(compiler: Pick<Compiler, 'typescript' | 'isCompleteCode'>, code: string): Completeness {
  const { typescript } = compiler;
  const file = typescript.createSourceFile('cell.ts', code, typescript.ScriptTarget.Latest);
  const { parseDiagnostics } = file as ts.SourceFile & { parseDiagnostics: readonly ts.DiagnosticWithLocation[] };
  if (parseDiagnostics.length === 0) return { status: 'complete' };
  if (parseDiagnostics.some(({ code: error }) => fixableCodes.has(error))) return { status: 'incomplete', indent: '' };
  // More lines don't fix an error before the end.
  if (parseDiagnostics.some(({ start }) => start < code.trimEnd().length)) return { status: 'invalid' };
  const { completed, indent } = compiler.isCompleteCode(code);
  return completed ? { status: 'invalid' } : { status: 'incomplete', indent: indent ?? '' };
}
