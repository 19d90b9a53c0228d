/**
 * The notebook's tsconfig.json, found as TypeScript finds it: in the notebook's folder or above. It chooses how strictly cells are
 * checked and what names in imports stand for. The kernel chooses how cells are compiled and run.
 */
import path from 'node:path';
import type ts from 'typescript';

/** Options that a project may choose. Unused variables, for example, are not among them: the next cell may use them. */
const chosenByProject = [
  'strict',
  'alwaysStrict',
  'noImplicitAny',
  'noImplicitThis',
  'noImplicitReturns',
  'noImplicitOverride',
  'noFallthroughCasesInSwitch',
  'noUncheckedIndexedAccess',
  'noPropertyAccessFromIndexSignature',
  'exactOptionalPropertyTypes',
  'strictNullChecks',
  'strictFunctionTypes',
  'strictBindCallApply',
  'strictPropertyInitialization',
  'useUnknownInCatchVariables',
  'useDefineForClassFields',
  'experimentalDecorators',
  'emitDecoratorMetadata',
  'allowUnreachableCode',
  'checkJs',
  'lib',
  'jsx',
  'jsxFactory',
  'jsxFragmentFactory',
  'jsxImportSource',
  'paths',
  'baseUrl',
  'pathsBasePath',
  'customConditions',
] as const satisfies readonly (keyof ts.CompilerOptions)[];

/** Options for cells. */
export interface ProjectConfig {
  readonly options: ts.CompilerOptions;
  /** Messages about errors in the file. */
  readonly problems: readonly string[];
}

/** Options of the project that `folder` belongs to; none if there is no tsconfig.json. */
export function readProjectConfig(typescript: typeof ts, folder: string): ProjectConfig {
  const file = typescript.findConfigFile(folder, (name) => typescript.sys.fileExists(name));
  if (file === undefined) return { options: {}, problems: [] };
  const read: { config?: unknown; error?: ts.Diagnostic } = typescript.readConfigFile(file, (name) =>
    typescript.sys.readFile(name),
  );
  // Not its files: a notebook's cells are the only roots.
  const host = { ...typescript.sys, readDirectory: () => [] };
  const parsed = typescript.parseJsonConfigFileContent(read.config ?? {}, host, path.dirname(file), undefined, file);
  const noInputs = 18003;
  const wrong = [...(read.error === undefined ? [] : [read.error]), ...parsed.errors].filter(
    ({ code }) => code !== noInputs,
  );
  const chosen = chosenByProject.filter((name) => parsed.options[name] !== undefined);
  return {
    options: Object.fromEntries(chosen.map((name) => [name, parsed.options[name]])),
    problems: wrong.map(({ messageText }) => `${file}: ${typescript.flattenDiagnosticMessageText(messageText, '\n')}`),
  };
}
