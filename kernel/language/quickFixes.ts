/** TypeScript's own fixes of an error: a sentence, and the line after the fix. */
import type ts from 'typescript';
import type { CellProgram, Services } from './services.js';

/** Fixes shown per error. */
const mostFixes = 2;
const longestLine = 120;
/** TypeScript's message has these already, or the fix would be a function that only throws. */
const unhelpful = new Set(['spelling', 'fixMissingFunctionDeclaration', 'disableJsDiagnostics']);

/** "Cannot find module" and "no declaration file": an installation fixes them. */
const moduleNotFound = new Set([2307, 7016]);

/** Lines to show below an error; empty if TypeScript has no fix. */
export function quickFixes(services: Services, cell: CellProgram, diagnostic: ts.Diagnostic): string[] {
  if (moduleNotFound.has(diagnostic.code)) return installation(cell.file, diagnostic);
  const { service, format } = services;
  const { file } = cell;
  const { code, start = 0, length = 0 } = diagnostic;
  const lines = service
    .getCodeFixesAtPosition(file.fileName, start, start + length, [code], format, {})
    .filter(({ fixName }) => !unhelpful.has(fixName))
    .flatMap((fix) => asLine(cell, fix) ?? [])
    .flatMap((line) => withoutHidden(line, services.hidden));
  return preferred([...new Set(lines)]).slice(0, mostFixes);
}

/** The magic that installs a package, by the package's part of the specifier. */
function installation({ text }: ts.SourceFile, { code, start = 0, length = 0 }: ts.Diagnostic): string[] {
  const specifier = text.slice(start, start + length).replace(/['"`]/g, '');
  const name = /^(?:@[\w.-]+\/)?[\w-][\w.-]*(?=\/|$)/.exec(specifier)?.[0];
  if (name === undefined || specifier.startsWith('node:')) return [];
  const typesOnly = code === 7016 ? `@types/${name.replace('@', '').replace('/', '__')}` : name;
  return [`%npm install ${typesOnly}`];
}

/** Of the two names of a Node module only the one with `node:`, which can't be mistaken for a package. */
function preferred(lines: readonly string[]): string[] {
  const withPrefix = (line: string) => line.replace(/from "(?!node:)/, 'from "node:');
  return lines.filter((line) => withPrefix(line) === line || !lines.includes(withPrefix(line)));
}

/** A name of a preloaded package is not imported: its global has it. */
function withoutHidden(line: string, hidden: Services['hidden']): string[] {
  const [, name, source] = /^import (?:\{ )?([\w$]+)(?: \})? from "([^"]+)"/.exec(line) ?? [];
  if (name === undefined || source === undefined || !hidden.has(source)) return [line];
  const global = hidden.get(source);
  return global === undefined ? [] : [`${global}.${name}`];
}

/** A fix with one change as a line; `undefined` for larger ones. */
function asLine({ file, offset }: CellProgram, { description, changes }: ts.CodeFixAction): string | undefined {
  const [inFile, ...others] = changes;
  const [change, ...more] = inFile?.textChanges ?? [];
  if (change === undefined || others.length + more.length > 0 || inFile?.fileName !== file.fileName) return undefined;
  const { text } = file;
  const end = change.span.start + change.span.length;
  const [before = ''] = text.slice(0, change.span.start).split('\n').slice(-1);
  const [after = ''] = text.slice(end).split('\n');
  const added = (before + change.newText + after).split('\n').map((each) => each.trim());
  // An import may be put between those that declare names of earlier cells.
  const imported = added.find((line) => line.startsWith('import ') && !text.includes(line));
  if (imported !== undefined) return imported;
  // Any other change in front of the cell is one of an earlier cell's name.
  if (change.span.start < offset) return undefined;
  const line = added.join(' ').replace(/\s+/g, ' ').trim();
  return line.length > longestLine ? description : `${description}: ${line}`;
}
