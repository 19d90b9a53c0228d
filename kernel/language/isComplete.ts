/** Whether code can run, needs more lines, or can't become right by more lines (the console's Enter key). */
import type ts from '@tslab/typescript-for-tslab';
import type { Compiler } from './compiler.js';
import type { Completeness } from './language.js';

/** Unterminated template literal, comment and JSX-free regular expression: errors that the next line may cure. */
const curableCodes = new Set([1160, 1010]);

/**
 * @example
 * isComplete(compiler, 'function f() {'); // { status: 'incomplete', indent: '  ' }
 */
export function isComplete(compiler: Pick<Compiler, 'typescript' | 'isCompleteCode'>, code: string): Completeness {
  const { typescript } = compiler;
  const file = typescript.createSourceFile('cell.ts', code, typescript.ScriptTarget.Latest);
  const { parseDiagnostics } = file as ts.SourceFile & { parseDiagnostics: readonly ts.DiagnosticWithLocation[] };
  if (parseDiagnostics.length === 0) return { status: 'complete' };
  if (parseDiagnostics.some(({ code: error }) => curableCodes.has(error))) return { status: 'incomplete', indent: '' };
  // No further line cures what is wrong before the end.
  if (parseDiagnostics.some(({ start }) => start < code.trimEnd().length)) return { status: 'invalid' };
  const { completed, indent } = compiler.isCompleteCode(code);
  return completed ? { status: 'invalid' } : { status: 'incomplete', indent: indent ?? '' };
}
