/**
 * Rolls the declarations of a package and of all its dependencies into one file.
 *
 * TensorFlow.js alone declares its types in 600 files, and every cell's program visits every file. In a rolled file each of them
 * is a block, `declare module 'its/name' { ... }`, so nothing is renamed or lost: types keep their identity, `declare module` and
 * `declare global` still add to the same modules, and a cell may also import the package by name.
 */
import ts from 'typescript';
import { aliasBlock, block, blocksOf, isAugmentation, specifiersOf, type NameOf } from './blocks.js';
import { flattened } from './flatten.js';

/** A package that becomes one file. */
export interface RolledPackage {
  readonly name: string;
  /** The names that cells and other packages import it by, with the files that declare them. */
  readonly roots: Readonly<Record<string, string>>;
  /** Classes whose type parameters are known to be covariant: marked so, TypeScript need not compute it again in each cell. */
  readonly covariant: readonly string[];
  /** Whether the roots' `export *` are written out (flatten.ts). */
  readonly flattens: boolean;
}

/** What to roll, and how files are named. */
export interface RollOptions {
  /** A program with all roots in it. */
  readonly program: ts.Program;
  /** In this order; files that an earlier package includes are not repeated in a later one. */
  readonly packages: readonly RolledPackage[];
  /** Whether a file is not rolled: the language's own and Node's. */
  readonly stays: (file: string) => boolean;
  /** The module name of a file that is only imported by path: `@tensorflow/tfjs-core/dist/ops/add`. */
  readonly pathName: (file: string) => string;
  /** The file that an import means; by default as TypeScript finds it on disk. */
  readonly resolve?: (specifier: string, from: string) => string | undefined;
}

/**
 * The rolled files' texts by the packages' names, each a `declare module` block per original file; throws an Error if a root is not
 * in the program.
 */
export function roll({ program, packages, stays, pathName, ...given }: RollOptions): Map<string, string> {
  const options = program.getCompilerOptions();
  const onDisk = (specifier: string, from: string) =>
    ts.resolveModuleName(specifier, from, options, ts.sys).resolvedModule?.resolvedFileName;
  const findFile = given.resolve ?? onDisk;
  const resolve = (specifier: string, from: string): ts.SourceFile | undefined => {
    const found = findFile(specifier, from);
    const file = found === undefined ? undefined : program.getSourceFile(found);
    return file === undefined || stays(file.fileName) ? undefined : file;
  };

  /** Whether a file, or one that it imports, adds to other modules' types: only then does `import 'x'` matter. */
  const leadsToAugmentation = (file: ts.SourceFile, seen: Set<ts.SourceFile>): boolean => {
    if (seen.has(file)) return false;
    seen.add(file);
    return (
      file.statements.some(isAugmentation) ||
      specifiersOf(file).some(({ specifier }) => {
        const next = resolve(specifier, file.fileName);
        return next !== undefined && leadsToAugmentation(next, seen);
      })
    );
  };

  const names = new Map<ts.SourceFile, string>();
  const taken = new Set<string>();
  const nameOf: NameOf = (specifier, from) => {
    const target = resolve(specifier, from);
    return (target === undefined ? undefined : names.get(target)) ?? specifier;
  };

  /** Names a file and all that it imports, in the order of the imports. */
  const visit = (file: ts.SourceFile, wanted: string, files: ts.SourceFile[], aliases: Map<string, ts.SourceFile>) => {
    const known = names.get(file);
    if (known !== undefined) {
      if (isBare(wanted) && !taken.has(wanted)) aliases.set(wanted, file);
      return;
    }
    // Two versions of a package have the same paths.
    const name = taken.has(wanted) ? `${wanted}#${taken.size}` : wanted;
    taken.add(name);
    names.set(file, name);
    files.push(file);
    for (const { specifier, bindsNothing } of specifiersOf(file)) {
      const target = resolve(specifier, file.fileName);
      if (target === undefined || (bindsNothing && !leadsToAugmentation(target, new Set()))) continue;
      visit(target, isBare(specifier) ? specifier : pathName(target.fileName), files, aliases);
    }
  };

  const plans = packages.map(({ name, roots, covariant, flattens }) => {
    const files: ts.SourceFile[] = [];
    const aliases = new Map<string, ts.SourceFile>();
    for (const [root, file] of Object.entries(roots)) {
      const source = program.getSourceFile(file);
      if (source === undefined) throw new Error(`the declarations of '${root}' are not in the program: ${file}`);
      visit(source, root, files, aliases);
    }
    const written = new Set(flattens ? Object.values(roots) : []);
    return { name, covariant, files, aliases, written };
  });
  // From here on every file has its name.
  const checker = program.getTypeChecker();
  const flattenedBlock = (file: ts.SourceFile): string | undefined => {
    const text = flattened({ checker, file, nameOf: (each) => names.get(each) });
    return text === undefined ? undefined : block(names.get(file)!, text);
  };
  return new Map(
    plans.map(({ name, covariant, files, aliases, written }) => {
      const blocks = files.flatMap((file) => {
        const flat = written.has(file.fileName) ? flattenedBlock(file) : undefined;
        return flat ?? blocksOf(file, names.get(file)!, nameOf, covariant);
      });
      const second = [...aliases].map(([alias, file]) => aliasBlock(alias, names.get(file)!, file));
      return [name, `${[...blocks, ...second].join('\n')}\n`];
    }),
  );
}

const isBare = (specifier: string) => !/^[./]/.test(specifier);
