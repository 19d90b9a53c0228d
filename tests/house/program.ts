/** The program as TypeScript sees it, with some files changed in memory: for tests of what must not compile. */
import path from 'node:path';
import ts from 'typescript';
import { packageRoot } from '../../src/core/packageRoot.js';

const { options, fileNames } = ts.getParsedCommandLineOfConfigFile(
  path.join(packageRoot, 'tsconfig.json'),
  { noEmit: true, incremental: false },
  { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined },
)!;
const host = ts.createCompilerHost(options);
const parsed = new Map<string, ts.SourceFile>();
let last: ts.Program | undefined;

/** Paths from the project's root, and the text that stands there instead of the file's own. */
export type Changes = Readonly<Record<string, string>>;

/** The messages of the compiler about `files`, each a path from the project's root, if `changes` were made. */
export function errorsIn(files: readonly string[], changes: Changes): string[] {
  const changed = new Map(Object.entries(changes).map(([file, text]) => [path.join(packageRoot, file), text]));
  const changedHost: ts.CompilerHost = {
    ...host,
    fileExists: (file) => changed.has(file) || host.fileExists(file),
    readFile: (file) => changed.get(file) ?? host.readFile(file),
    getSourceFile: (file, languageVersion) => {
      const text = changed.get(file);
      if (text !== undefined) return ts.createSourceFile(file, text, languageVersion, true);
      const source = parsed.get(file) ?? host.getSourceFile(file, languageVersion);
      if (source !== undefined) parsed.set(file, source);
      return source;
    },
  };
  const roots = [...new Set([...fileNames, ...changed.keys()])];
  const program = ts.createProgram(roots, { ...options, incremental: false }, changedHost, last);
  last = program;
  return files.flatMap((file) => {
    const source = program.getSourceFile(path.join(packageRoot, file));
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'),
    );
  });
}

/** `text` without the property `row` of the object literal that the variable `table` holds. */
export function withoutRow(text: string, table: string, row: string): string {
  const property = rowsOf(text, table).find(({ name }) => name?.getText().replaceAll(/['"]/g, '') === row);
  if (property === undefined) throw new Error(`The table ${table} has no row ${row}.`);
  const end = text.indexOf(',', property.getEnd() - 1) + 1;
  return text.slice(0, property.getFullStart()) + text.slice(Math.max(end, property.getEnd()));
}

/** `text` with one more row at the end of the object literal that the variable `table` holds. */
export function withRow(text: string, table: string, row: string): string {
  const end = rowsOf(text, table).at(-1)!.getEnd();
  return `${text.slice(0, end)},\n${row}${text.slice(end)}`;
}

function rowsOf(text: string, table: string): ts.NodeArray<ts.ObjectLiteralElementLike> {
  const source = ts.createSourceFile('table.ts', text, ts.ScriptTarget.ES2022, true);
  let found: ts.ObjectLiteralExpression | undefined;
  const look = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.name.getText() === table) found ??= objectIn(node.initializer);
    ts.forEachChild(node, look);
  };
  look(source);
  if (found === undefined) throw new Error(`There is no table ${table}.`);
  return found.properties;
}

/** The object literal behind `as const` and `satisfies`. */
function objectIn(node: ts.Expression | undefined): ts.ObjectLiteralExpression | undefined {
  if (node === undefined) return undefined;
  if (ts.isObjectLiteralExpression(node)) return node;
  return ts.isAsExpression(node) || ts.isSatisfiesExpression(node) ? objectIn(node.expression) : undefined;
}
