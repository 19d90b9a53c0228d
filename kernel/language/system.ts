/** The files that TypeScript sees: those on disk, the globals' declarations, and changes at the moment when a cell comes. */
import { statSync } from 'node:fs';
import path from 'node:path';
import type ts from '@tslab/typescript-for-tslab';

import { withoutImportAttributes } from './cellSource.js';

/** Declarations that every cell sees: a file that exists only here, and in whose folder its imports are resolved. */
export interface GlobalDeclarations {
  readonly file: string;
  readonly text: string;
  /**
   * Names of the modules that are declared in there, in whatever it refers to too: they are not looked for on disk. With the
   * global through which a cell has a module already.
   */
  readonly modules: ReadonlyMap<string, string | undefined>;
}

/** Packages and the kernel's own declarations don't change while it runs. */
const isFixed = (file: string, globals: GlobalDeclarations) =>
  file === globals.file || file.includes('/node_modules/') || file.startsWith(`${path.dirname(globals.file)}/dist/`);

export interface FileChanges {
  /** In place of TypeScript's own watch, which polls or needs a turn of the event loop to notice. */
  watch(file: string, callback: ts.FileWatcherCallback): ts.FileWatcher;
  /** Tells the watchers of every file that has changed since it was last looked at. */
  report(): void;
}

export function createFileChanges(globals: GlobalDeclarations, changed: ts.FileWatcherEventKind): FileChanges {
  const watched = new Map<string, { callback: ts.FileWatcherCallback; version: string }>();
  return {
    watch(file, callback) {
      if (!isFixed(file, globals)) watched.set(file, { callback, version: versionOf(file) });
      return { close: () => void watched.delete(file) };
    },
    report() {
      for (const [file, entry] of watched) {
        const version = versionOf(file);
        if (version === entry.version) continue;
        entry.version = version;
        // A file that is gone has changed too: it reads as undefined.
        entry.callback(file, changed);
      }
    },
  };
}

function versionOf(file: string): string {
  const status = statSync(file, { throwIfNoEntry: false });
  return status === undefined ? 'missing' : `${status.mtimeMs} ${status.size}`;
}

type WatchHost = ts.WatchCompilerHostOfFilesAndCompilerOptions<ts.EmitAndSemanticDiagnosticsBuilderProgram>;

/** Puts the globals' file in the converter's system, and resolves imports afresh for each cell. */
export function addToHost(
  typescript: typeof ts,
  host: WatchHost,
  system: ts.System,
  globals: GlobalDeclarations,
): WatchHost {
  const readFile = system.readFile.bind(system);
  const fileExists = system.fileExists.bind(system);
  Object.assign(system, {
    readFile(file: string, encoding?: string) {
      if (file === globals.file) return globals.text;
      const text = readFile(file, encoding);
      // "UMD globals" of packages (plotly.js has one) don't exist in Node, and would hide the kernel's own of that name.
      if (file.endsWith('.d.ts')) return text?.replace(/^export as namespace \w+;/m, '');
      return text === undefined || isFixed(file, globals) ? text : withoutImportAttributes(text);
    },
    fileExists: (file: string) => file === globals.file || fileExists(file),
  });
  const cache = typescript.createModuleResolutionCache(system.getCurrentDirectory(), (name) => name);
  // TypeScript remembers what it did not find, and waits to be told by watchers of folders, which we don't have.
  host.resolveModuleNameLiterals = (literals, from, redirected, options, file) =>
    literals.map((literal) =>
      globals.modules.has(literal.text)
        ? { resolvedModule: undefined }
        : typescript.resolveModuleName(
            literal.text,
            from,
            options,
            system,
            isFixed(from, globals) ? cache : undefined,
            redirected,
            typescript.getModeForUsageLocation(file, literal),
          ),
    );
  // Without this, own resolution counts as changed for every file, and each cell costs a walk over all declarations. Imported
  // files are asked again, because what one of them did not find may be there now.
  host.hasInvalidatedResolutions = (file) => !isFixed(file, globals) && !/__(?:tslab|prev)__\.(?:d\.)?ts$/.test(file);
  return host;
}
