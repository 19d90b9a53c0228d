/** Texts of files, on disk and in memory. Those of packages are read once, because a program asks for them again for every cell. */
import { statSync } from 'node:fs';
import path from 'node:path';
import type ts from 'typescript';
import type { GlobalDeclarations } from './globalDeclarations.js';
import type { VirtualFiles } from './virtualFiles.js';

/** Reads files. */
export class FileTexts {
  readonly #typescript: typeof ts;
  readonly #globals: string;
  readonly #virtual: VirtualFiles;
  readonly #found = new Set<string>();
  readonly #descriptions = new Map<string, string>();
  readonly #snapshots = new Map<string, { readonly version: string; readonly snapshot: ts.IScriptSnapshot }>();

  constructor(typescript: typeof ts, globals: Pick<GlobalDeclarations, 'file'>, virtual: VirtualFiles) {
    this.#typescript = typescript;
    this.#globals = globals.file;
    this.#virtual = virtual;
  }

  /** Whether a file is of a package or the kernel's own, which don't change while the kernel runs. */
  isFixed(file: string): boolean {
    if (file === this.#globals || file.includes('/node_modules/')) return true;
    return file.startsWith(`${path.posix.dirname(this.#globals)}/dist/`);
  }

  version(file: string): string {
    const known = this.#virtual.version(file) ?? (this.isFixed(file) ? '1' : undefined);
    if (known !== undefined) return known;
    const status = statSync(file, { throwIfNoEntry: false });
    return status === undefined ? 'missing' : `${status.mtimeMs} ${status.size}`;
  }

  exists(file: string): boolean {
    if (this.#virtual.has(file) || this.#found.has(file)) return true;
    const exists = this.#typescript.sys.fileExists(file);
    if (exists && this.isFixed(file)) this.#found.add(file);
    return exists;
  }

  read(file: string, encoding?: string): string | undefined {
    const known = this.#virtual.text(file) ?? this.#descriptions.get(file);
    const text = known ?? this.#typescript.sys.readFile(file, encoding);
    if (text !== undefined && file.endsWith('/package.json') && this.isFixed(file)) this.#descriptions.set(file, text);
    // "UMD globals" of packages (plotly.js has one) don't exist in Node, and would hide the kernel's global of that name.
    return file.endsWith('.d.ts') ? text?.replace(/^export as namespace \w+;/m, '') : text;
  }

  snapshot(file: string): ts.IScriptSnapshot | undefined {
    const version = this.version(file);
    const known = this.#snapshots.get(file);
    if (known?.version === version) return known.snapshot;
    const text = this.read(file);
    if (text === undefined) return undefined;
    const snapshot = this.#typescript.ScriptSnapshot.fromString(text);
    this.#snapshots.set(file, { version, snapshot });
    return snapshot;
  }
}
