/** TypeScript's errors of an open cell, and of the user's files that it imports. */
import type ts from 'typescript';
import type { CellText } from './cellText.js';
import type { CellDiagnostic } from './diagnosticError.js';
import type { OpenCell } from './program.js';
import { quickFixes } from './quickFixes.js';
import { readableTypes, type Services } from './services.js';
import type { ParsedFile } from './typescript.js';

/** TypeScript's numbers of errors that the kernel treats specially. */
const codes = {
  /** `Cannot assign to 'x' because it is an import`: an earlier cell's constant is declared as one. */
  importAssigned: 2632,
  /** `Property 'x' does not exist on type 'Promise<..>'`. */
  missingProperty: 2339,
} as const;

/** The errors of a cell; without `checksTypes` only those of syntax. */
export function cellDiagnostics(
  services: Services,
  cell: OpenCell,
  { syntax }: CellText,
  checksTypes: boolean,
  ownFiles: readonly ts.SourceFile[],
): CellDiagnostic[] {
  const { program, file } = cell;
  // JavaScript has no types to complain about; TypeScript would refuse its own declarations in front of it.
  const syntactic = syntax === 'js' ? (file as ParsedFile).parseDiagnostics : program.getSyntacticDiagnostics(file);
  const inCell = [...syntactic, ...(checksTypes && syntax !== 'js' ? program.getSemanticDiagnostics(file) : [])];
  const inFiles = ownFiles.flatMap((each) => [
    ...program.getSyntacticDiagnostics(each),
    ...(checksTypes ? program.getSemanticDiagnostics(each) : []),
  ]);
  return [...inCell, ...inFiles].map((diagnostic) => describe(services, cell, diagnostic));
}

function describe(services: Services, cell: OpenCell, diagnostic: ts.Diagnostic): CellDiagnostic {
  const elsewhere = diagnostic.file === cell.file ? undefined : diagnostic.file?.fileName;
  const isHere = elsewhere === undefined;
  return {
    code: diagnostic.code,
    text: readableTypes(textOf(services, diagnostic)),
    file: elsewhere,
    start: (diagnostic.start ?? 0) - (isHere ? cell.offset : 0),
    length: diagnostic.length ?? 1,
    fixes: isHere ? quickFixes(services, cell, diagnostic) : [],
  };
}

function textOf({ typescript }: Services, { messageText, code, relatedInformation }: ts.Diagnostic): string {
  const text = typescript.flattenDiagnosticMessageText(messageText, '\n');
  if (code === codes.importAssigned) return text.replace('it is an import', 'it is a constant');
  const hint = relatedInformation?.find((each) => isAwaitHint(each.code));
  if (hint === undefined) return text;
  return `${text}\n  ${typescript.flattenDiagnosticMessageText(hint.messageText, '\n')}`;
}

/** `Did you forget to use 'await'?` */
const isAwaitHint = (code: number) => code === 2773;
