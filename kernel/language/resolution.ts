/** Where imports and references of types lead. */
import { createRequire, isBuiltin } from 'node:module';
import path from 'node:path';
import type ts from 'typescript';
import type { FilesOptions } from './globalDeclarations.js';
import type { FileTexts } from './fileTexts.js';
import { nodeTypesPackage } from './library.js';
import type { VirtualFiles } from './virtualFiles.js';

/** The part of a host that resolves. */
export interface Resolution extends Required<
  Pick<ts.LanguageServiceHost, 'resolveModuleNameLiterals' | 'resolveTypeReferenceDirectiveReferences'>
> {
  /** With it, TypeScript reads the description of a package once, and not for every program. */
  readonly getModuleResolutionCache: () => ts.ModuleResolutionCache;
}

const require = createRequire(import.meta.url);
/** Our own copies of packages that are there in every folder. */
const ownPackages = ['tslab'];
/** The folder of an installed package of ours. */
const packageFolder = (name: string) => path.dirname(require.resolve(`${name}/package.json`));

/** Resolves for the cells of a folder. */
export function createResolution(
  { typescript, globals, folder, settings }: FilesOptions,
  texts: FileTexts,
  virtual: VirtualFiles,
): Resolution {
  const { sys } = typescript;
  const cache = typescript.createModuleResolutionCache(folder, (name) => name, settings);
  const nodeTypes = path.join(packageFolder(nodeTypesPackage()), 'index.d.ts');
  const host: ts.ModuleResolutionHost = {
    ...sys,
    fileExists: (file) => texts.exists(file),
    readFile: (file) => texts.read(file),
  };
  const resolve = (
    literal: ts.StringLiteralLike,
    from: string,
    redirected: ts.ResolvedProjectReference | undefined,
    options: ts.CompilerOptions,
    file: ts.SourceFile,
  ): ts.ResolvedModuleWithFailedLookupLocations => {
    const { text } = literal;
    // Node's own modules come before packages of the same name, here as when the cell runs.
    if (globals.modules.has(text) || isBuiltin(text)) return { resolvedModule: undefined };
    const cell = virtual.find(path.resolve(path.dirname(from), text));
    if (cell !== undefined) return { resolvedModule: { resolvedFileName: cell, extension: path.extname(cell) } };
    const mode = typescript.getModeForUsageLocation(file, literal, options);
    const known = texts.isFixed(from) ? cache : undefined;
    const found = typescript.resolveModuleName(text, from, options, host, known, redirected, mode);
    if (found.resolvedModule !== undefined || !ownPackages.includes(text)) return found;
    return typescript.resolveModuleName(text, globals.file, options, sys, cache, redirected, mode);
  };

  return {
    getModuleResolutionCache: () => cache,
    resolveModuleNameLiterals: (literals, from, redirected, options, file) =>
      literals.map((literal) => resolve(literal, from, redirected, options, file)),
    // A folder's own @types/node may be of any version; the running Node's types are ours.
    resolveTypeReferenceDirectiveReferences: (references, from, redirected, options) =>
      references.map((reference: string | ts.FileReference) => {
        const name = typeof reference === 'string' ? reference : reference.fileName;
        if (name === 'node') return { resolvedTypeReferenceDirective: { primary: true, resolvedFileName: nodeTypes } };
        return typescript.resolveTypeReferenceDirective(name, from, options, sys, redirected);
      }),
  };
}
