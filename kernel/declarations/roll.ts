/**
 * Rolls the declarations of a package and of all that it needs into one file.
 *
 * TensorFlow.js alone declares its types in 600 files, and every cell's program visits every file. In a rolled file each of
 * them is a block, `declare module 'its/name' { ... }`, so nothing is renamed or lost: types keep their identity, `declare
 * module` and `declare global` go on adding to what they add to, and a cell may import the package by name too.
 */
import ts from 'typescript';
import { flattened } from './flatten.js';

export interface RolledPackage {
  readonly name: string;
  /** The names that cells and other packages import it by, with the files that declare them. */
  readonly roots: Readonly<Record<string, string>>;
  /** Classes whose type parameters are known to be covariant; telling TypeScript spares it the comparison, in each cell anew. */
  readonly covariant: readonly string[];
  /** Whether the roots' `export *` are written out (flatten.ts). */
  readonly flattens: boolean;
}

export interface RollOptions {
  /** A program with all roots in it. */
  readonly program: ts.Program;
  /** What an earlier package needs, a later one doesn't repeat. */
  readonly packages: readonly RolledPackage[];
  /** Files that stay where they are: the language's own and Node's. */
  readonly stays: (file: string) => boolean;
  /** The name of a file that nobody imports by a package's name: `@tensorflow/tfjs-core/dist/ops/add`. */
  readonly pathName: (file: string) => string;
  /** The file that an import means; as TypeScript finds it on disk, unless given. */
  readonly resolve?: (specifier: string, from: string) => string | undefined;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The rolled files' texts by the packages' names; throws where a root is not in the program.
 *
 * @example
 * const box = { name: 'box', roots: { box: '/x/node_modules/box/index.d.ts' }, covariant: [], flattens: false };
 * roll({ program, packages: [box], stays, pathName }).get('box'); // "declare module 'box/size' {...}\ndeclare module 'box' {...}\n"
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

  /** `import 'x'` matters only where something behind it adds to types elsewhere. */
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

  /** Names a file and all that it needs, in the order in which they are met. */
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
  // Only now does every file have its name.
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

const block = (name: string, body: string) => `declare module '${name}' {\n${body.trim()}\n}`;
const isBare = (specifier: string) => !/^[./]/.test(specifier);
const isAugmentation = (statement: ts.Statement): statement is ts.ModuleDeclaration =>
  ts.isModuleDeclaration(statement) &&
  (ts.isStringLiteral(statement.name) || (statement.flags & ts.NodeFlags.GlobalAugmentation) !== 0);

interface Specifier {
  readonly specifier: string;
  readonly node: ts.StringLiteral;
  readonly bindsNothing: boolean;
}

/** All module names in a file: of imports, exports and `import('...')` types. */
function specifiersOf(file: ts.SourceFile): Specifier[] {
  const found: Specifier[] = [];
  const add = (node: ts.Node | undefined, bindsNothing = false) => {
    if (node !== undefined && ts.isStringLiteral(node)) found.push({ specifier: node.text, node, bindsNothing });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node.importClause === undefined);
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier);
    else if (ts.isExternalModuleReference(node)) add(node.expression);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

type NameOf = (specifier: string, from: string) => string;

/** The file's own block, and one for each module that it adds to. */
function blocksOf(file: ts.SourceFile, name: string, nameOf: NameOf, covariant: readonly string[]): string[] {
  const edits: Edit[] = [];
  for (const { node, specifier } of specifiersOf(file)) {
    edits.push({ start: node.getStart(file), end: node.end, text: `'${nameOf(specifier, file.fileName)}'` });
  }
  const augmentations: ts.ModuleDeclaration[] = [];
  for (const statement of file.statements) {
    if (isAugmentation(statement) && ts.isStringLiteral(statement.name)) {
      augmentations.push(statement);
      edits.push({ start: statement.getFullStart(), end: statement.end, text: '' });
      continue;
    }
    if (ts.isNamespaceExportDeclaration(statement)) {
      edits.push({ start: statement.getStart(file), end: statement.end, text: '' });
    }
    // What stands in a `declare module` block is declared already.
    const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
    for (const modifier of modifiers) {
      if (modifier.kind === ts.SyntaxKind.DeclareKeyword) {
        edits.push({ start: modifier.getStart(file), end: modifier.end, text: '' });
      }
    }
    edits.push(...covariantParameters(statement, file, covariant));
  }
  const head = file.statements[0]?.getStart(file) ?? 0;
  const body = edited(file, head, file.end, edits);
  // In a file without import or export everything is global; it stays outside of any module.
  const own = ts.isExternalModule(file) ? block(name, body) : edited(file, head, file.end, []);
  return [
    own,
    ...augmentations.map((augmentation) => {
      const target = nameOf((augmentation.name as ts.StringLiteral).text, file.fileName);
      const inner = augmentation.body as ts.ModuleBlock;
      const within = edits.filter(({ start, end }) => start > inner.pos && end < inner.end);
      const text = edited(file, inner.getStart(file) + 1, inner.end - 1, within);
      return block(target, [...importsFor(inner, file, nameOf), text].join('\n'));
    }),
  ];
}

/** The file's imports that an augmentation uses: it is to stand apart from them. */
function importsFor(inner: ts.ModuleBlock, file: ts.SourceFile, nameOf: NameOf): string[] {
  const used = new Set<string>();
  const declared = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) used.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(inner);
  for (const statement of inner.statements) {
    if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) declared.add(statement.name.text);
  }
  return file.statements.filter(ts.isImportDeclaration).flatMap(({ importClause, moduleSpecifier }) => {
    const from = nameOf((moduleSpecifier as ts.StringLiteral).text, file.fileName);
    const { name, namedBindings } = importClause ?? {};
    const isUsed = ({ text }: ts.Identifier) => used.has(text) && !declared.has(text);
    const lines: string[] = [];
    if (name !== undefined && isUsed(name)) lines.push(`import ${name.text} from '${from}';`);
    if (namedBindings !== undefined && ts.isNamespaceImport(namedBindings) && isUsed(namedBindings.name)) {
      lines.push(`import * as ${namedBindings.name.text} from '${from}';`);
    }
    if (namedBindings !== undefined && ts.isNamedImports(namedBindings)) {
      const kept = namedBindings.elements.filter((element) => isUsed(element.name));
      if (kept.length > 0)
        lines.push(`import { ${kept.map((each) => each.getText(file)).join(', ')} } from '${from}';`);
    }
    return lines;
  });
}

/** `class Tensor<R extends Rank>` becomes `class Tensor<out R extends Rank>` where `Tensor` is named. */
function covariantParameters(statement: ts.Statement, file: ts.SourceFile, covariant: readonly string[]): Edit[] {
  if (!ts.isClassDeclaration(statement) || !covariant.includes(statement.name?.text ?? '')) return [];
  return (statement.typeParameters ?? []).map((parameter) => {
    const start = parameter.getStart(file);
    return { start, end: start, text: 'out ' };
  });
}

/** A package's second name: everything of the first, its default too. */
function aliasBlock(alias: string, name: string, file: ts.SourceFile): string {
  const hasDefault = file.statements.some(
    (statement) =>
      ts.isExportAssignment(statement) ||
      (ts.canHaveModifiers(statement) &&
        ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword) === true),
  );
  const exported = [`export * from '${name}';`, ...(hasDefault ? [`export { default } from '${name}';`] : [])];
  return `declare module '${alias}' {\n${exported.join('\n')}\n}`;
}

function edited(file: ts.SourceFile, start: number, end: number, edits: readonly Edit[]): string {
  const sorted = [...edits].filter((edit) => edit.start >= start && edit.end <= end).sort((a, b) => a.start - b.start);
  const pieces: string[] = [];
  let position = start;
  for (const edit of sorted) {
    // An edit inside of one that was made already, say in an augmentation that was taken out.
    if (edit.start < position) continue;
    pieces.push(file.text.slice(position, edit.start), edit.text);
    position = edit.end;
  }
  return pieces.join('') + file.text.slice(position, end);
}
