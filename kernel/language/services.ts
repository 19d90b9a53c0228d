/** What completions, help and fixes work with: TypeScript's language service on the cells' program. */
import type ts from 'typescript';
import type { OpenCell } from './program.js';
import type { TypeScript } from './typescript.js';

/** What completions, help and fixes work with. */
export interface Services {
  readonly typescript: TypeScript;
  readonly service: ts.LanguageService;
  readonly format: ts.FormatCodeSettings;
  /** Modules of the preloaded packages, with their global if there is one; completions and fixes don't name these modules. */
  readonly hidden: ReadonlyMap<string, string | undefined>;
}

/** A cell that is open in the program. */
export type CellProgram = OpenCell;

/** Display parts as one text. */
export const textOfParts = (parts: readonly ts.SymbolDisplayPart[] | undefined): string =>
  (parts ?? []).map(({ text }) => text).join('');

/** Types without the paths of their modules: `typeof import("apolab/src/training/index")` becomes `typeof training`, `import("...").Model` `Model`. */
export function readableTypes(text: string): string {
  return text
    .replace(/typeof import\("[^"]*?([^"/]+)(?:\/index)?"\)/g, 'typeof $1')
    .replace(/import\("[^"]*"\)\./g, '');
}
