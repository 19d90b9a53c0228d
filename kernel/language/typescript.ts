/** TypeScript's JavaScript interface, loaded when the first cell needs it, with the few parts that its declarations leave out. */
import { createRequire } from 'node:module';
import type ts from 'typescript';

/** TypeScript with what the kernel uses beyond its public declarations. */
export type TypeScript = typeof ts & {
  readonly SymbolDisplay: {
    getSymbolDisplayPartsDocumentationAndSymbolKind(
      checker: ts.TypeChecker,
      symbol: ts.Symbol,
      file: ts.SourceFile,
      container: ts.Node | undefined,
      location: ts.Node,
    ): SymbolDescription;
  };
  getTouchingPropertyName(file: ts.SourceFile, position: number): ts.Node;
};

/** A symbol's type and documentation. */
export interface SymbolDescription {
  readonly symbolKind: string;
  readonly displayParts: readonly ts.SymbolDisplayPart[];
  readonly documentation: readonly ts.SymbolDisplayPart[];
  readonly tags: readonly ts.JSDocTagInfo[] | undefined;
}

/** A parsed file's own errors. */
export type ParsedFile = ts.SourceFile & { readonly parseDiagnostics: readonly ts.DiagnosticWithLocation[] };

const require = createRequire(import.meta.url);

/** Loads TypeScript, which takes 0.2 s the first time. */
export const loadTypescript = (): TypeScript => require('typescript') as TypeScript;
