/** The files that TypeScript reads: those on disk, and the globals' declarations; changes are looked for when a cell comes. */
import { statSync } from 'node:fs';
import path from 'node:path';
import type ts from '@tslab/typescript-for-tslab';
import { withoutImportAttributes } from './cellSource.js';

/** Declarations that every cell has: a file that exists only here; its imports are resolved from its folder. */
export interface GlobalDeclarations {
  readonly file: string;
  readonly text: string;
  /**
   * Names of the modules that are declared in the file, and in the files that it refers to: they are not looked for on disk. The
   * value is the global that has a module's exports, if there is one.
   */
  readonly modules: ReadonlyMap<string, string | undefined>;
  /** The files with the code of modules that are part of the kernel's package, by their names. */
  readonly code: ReadonlyMap<string, string>;
}

/** Whether a file is of a package or the kernel's own declarations, which don't change while the kernel runs. */
const isFixed = (file: string, globals: GlobalDeclarations) =>
  file === globals.file || file.includes('/node_modules/') || file.startsWith(`${path.dirname(globals.file)}/dist/`);

/** Notices changed files. */
export interface FileChanges {
  /** Replaces TypeScript's own watch, which polls or notices changes only when the event loop turns. */
  watch(file: string, callback: ts.FileWatcherCallback): ts.FileWatcher;
  /** Calls the watchers of every file that has changed since the last call. */
  report(): void;
}

/** No files watched yet. */
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
        // A file that was removed has changed too: it reads as undefined.
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

/** Adds the globals' file to the converter's system, and resolves imports anew for each cell. */
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
      // "UMD globals" of packages (plotly.js has one) don't exist in Node, and would hide the kernel's global of that name.
      if (file.endsWith('.d.ts')) return text?.replace(/^export as namespace \w+;/m, '');
      return text === undefined || isFixed(file, globals) ? text : withoutImportAttributes(text);
    },
    fileExists: (file: string) => file === globals.file || fileExists(file),
  });
  const cache = typescript.createModuleResolutionCache(system.getCurrentDirectory(), (name) => name);
  // TypeScript remembers what it did not find until a watcher of a folder reports a change; there are no such watchers here.
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
  // Without this, every file counts as changed because imports are resolved here, and each cell costs a walk over all declarations.
  // The user's files are resolved again, because a file that an import did not find may exist now.
  host.hasInvalidatedResolutions = (file) => !isFixed(file, globals) && !/__(?:tslab|prev)__\.(?:d\.)?ts$/.test(file);
  return host;
}
