/**
 * TypeScript's language service on the program that the converter made for a cell.
 *
 * A separate language service would keep a second copy of every declaration; TypeScript's own parts, which its declarations leave
 * out, work on any program.
 */
import type ts from '@tslab/typescript-for-tslab';
import type { TypeScript } from './program.js';

/** A cell in its program. Offsets into `file` are `offset` larger than those into the cell's code. */
export interface CellProgram {
  readonly program: ts.Program;
  readonly file: ts.SourceFile;
  readonly offset: number;
}

/** What completions, help and fixes work with. */
export interface Services {
  readonly typescript: ServiceParts;
  readonly host: ts.LanguageServiceHost;
  readonly formatContext: object;
  readonly cancellation: ts.CancellationToken;
  /** Modules of the preloaded packages, with their global if there is one; completions and fixes don't name these modules. */
  readonly hidden: ReadonlyMap<string, string | undefined>;
}

/** TypeScript with the parts that make up its language service. */
export type ServiceParts = TypeScript & {
  readonly Completions: {
    getCompletionsAtPosition(
      host: ts.LanguageServiceHost,
      program: ts.Program,
      log: (message: string) => void,
      file: ts.SourceFile,
      position: number,
      preferences: ts.UserPreferences,
      trigger: undefined,
      kind: ts.CompletionTriggerKind,
      cancellation: ts.CancellationToken,
      formatContext: object,
      includeSymbol: boolean,
    ): ts.CompletionInfo | undefined;
  };
  readonly SymbolDisplay: {
    getSymbolDisplayPartsDocumentationAndSymbolKind(
      checker: ts.TypeChecker,
      symbol: ts.Symbol,
      file: ts.SourceFile,
      container: ts.Node | undefined,
      location: ts.Node,
    ): SymbolDescription;
  };
  readonly SignatureHelp: {
    getSignatureHelpItems(
      program: ts.Program,
      file: ts.SourceFile,
      position: number,
      reason: undefined,
      cancellation: ts.CancellationToken,
    ): ts.SignatureHelpItems | undefined;
  };
  readonly codefix: {
    getFixes(context: object): readonly ts.CodeFixAction[];
  };
  readonly formatting: {
    getFormatContext(settings: ts.FormatCodeSettings, host: ts.LanguageServiceHost): object;
  };
  getDefaultFormatCodeSettings(newLine: string): ts.FormatCodeSettings;
  createCacheableExportInfoMap(host: object): object;
  getTouchingPropertyName(file: ts.SourceFile, position: number): ts.Node;
  getQuickInfoAtPosition(
    file: ts.SourceFile,
    checker: ts.TypeChecker,
    cancellation: ts.CancellationToken,
    position: number,
  ): ts.QuickInfo | undefined;
};

/** A symbol's type and documentation. */
export interface SymbolDescription {
  readonly symbolKind: string;
  readonly displayParts: readonly ts.SymbolDisplayPart[];
  readonly documentation: readonly ts.SymbolDisplayPart[];
  readonly tags: readonly ts.JSDocTagInfo[] | undefined;
}

/** What services depend on. */
export interface ServiceOptions extends Pick<Services, 'hidden'> {
  readonly typescript: TypeScript;
  /** The notebook's folder. */
  readonly folder: string;
  /** The program that is current when a service runs. */
  readonly program: () => ts.Program;
}

/** Services on the current program. */
export function createServices({ folder, program, hidden, ...options }: ServiceOptions): Services {
  const typescript = options.typescript as ServiceParts;
  const { sys } = typescript;
  const exportInfo = typescript.createCacheableExportInfoMap({
    getCurrentProgram: program,
    getPackageJsonAutoImportProvider: () => undefined,
    getGlobalTypingsCacheLocation: () => undefined,
  });
  const host = {
    getCompilationSettings: () => program().getCompilerOptions(),
    getCurrentDirectory: () => folder,
    getProgram: program,
    getScriptFileNames: () => [],
    getScriptVersion: () => '',
    getScriptSnapshot: () => undefined,
    getDefaultLibFileName: typescript.getDefaultLibFilePath,
    getCachedExportInfoMap: () => exportInfo,
    useCaseSensitiveFileNames: () => sys.useCaseSensitiveFileNames,
    fileExists: (file: string) => sys.fileExists(file),
    readFile: (file: string) => sys.readFile(file),
    readDirectory: (...question: Parameters<typeof sys.readDirectory>) => sys.readDirectory(...question),
    directoryExists: (name: string) => sys.directoryExists(name),
    getDirectories: (name: string) => sys.getDirectories(name),
  };
  return {
    typescript,
    host,
    formatContext: typescript.formatting.getFormatContext(typescript.getDefaultFormatCodeSettings('\n'), host),
    cancellation: { isCancellationRequested: () => false, throwIfCancellationRequested: () => undefined },
    hidden,
  };
}

/** Display parts as one text. */
export const textOfParts = (parts: readonly ts.SymbolDisplayPart[] | undefined): string =>
  (parts ?? []).map(({ text }) => text).join('');

/** Types without the paths of their modules: `typeof import("apolab/src/training/index")` becomes `typeof training`, `import("...").Model` `Model`. */
export function readableTypes(text: string): string {
  return text
    .replace(/typeof import\("[^"]*?([^"/]+)(?:\/index)?"\)/g, 'typeof $1')
    .replace(/import\("[^"]*"\)\./g, '');
}
