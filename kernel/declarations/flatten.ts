/**
 * A package's main module without its `export *`.
 *
 * TypeScript follows all of a module's exports to their declarations before it looks up the first one: 700 for TensorFlow.js, again
 * in each cell. Written out, a value is declared in the module that exports it, with a reference to its type, and the reference is
 * followed only if a cell names it. Classes, types and namespaces have to keep their identity, and are re-exported.
 */
import ts from 'typescript';

/** The module, and how other files are named. */
export interface FlattenOptions {
  readonly checker: ts.TypeChecker;
  readonly file: ts.SourceFile;
  /** The module name of a rolled file; `undefined` for other files. */
  readonly nameOf: (file: ts.SourceFile) => string | undefined;
}

/** The statements of a module with the same exports as `file`; `undefined` if one of them can't be written out. */
export function flattened({ checker, file, nameOf }: FlattenOptions): string | undefined {
  const module = checker.getSymbolAtLocation(file);
  if (module === undefined) return undefined;
  const lines = checker.getExportsOfModule(module).map((symbol) => exportOf(symbol, { checker, file, nameOf }));
  return lines.includes(undefined) ? undefined : lines.join('\n');
}

function exportOf(symbol: ts.Symbol, { checker, file, nameOf }: FlattenOptions): string | undefined {
  const { name } = symbol;
  const follow = (each: ts.Symbol) =>
    (each.flags & ts.SymbolFlags.Alias) === 0 ? each : checker.getAliasedSymbol(each);
  const meant = follow(symbol);
  const declaration = meant.declarations?.[0];
  if (declaration === undefined) return undefined;
  if (declaration.getSourceFile() === file) {
    return ts.isVariableDeclaration(declaration) ? `export const ${declaration.getText()};` : undefined;
  }
  const from = nameOf(declaration.getSourceFile());
  if (from === undefined) return undefined;
  if (ts.isSourceFile(declaration)) return `export * as ${name} from '${from}';`;
  const home = checker.getSymbolAtLocation(declaration.getSourceFile());
  const there = home === undefined ? undefined : checker.tryGetMemberInModuleExports(meant.name, home);
  if (there === undefined || follow(there) !== meant) return undefined;
  const isMore = (meant.flags & (ts.SymbolFlags.Type | ts.SymbolFlags.Namespace | ts.SymbolFlags.Enum)) !== 0;
  const original = meant.name === name ? name : `${meant.name} as ${name}`;
  return isMore || name === 'default'
    ? `export { ${original} } from '${from}';`
    : `export const ${name}: typeof import('${from}').${meant.name};`;
}
