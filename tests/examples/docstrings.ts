/** The examples of docstrings in src/ and kernel/, and what the names in them are. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { kernelNames, lazyNames } from '../../kernel/globals.js';
import { packageRoot } from '../../src/core/packageRoot.js';
import { given } from './given.js';

/** One example. */
export interface Example {
  /** Its file from the project's root, and the line of its tag. */
  readonly name: string;
  readonly code: string;
  /** The file that has the docstring. */
  readonly source: string;
  /** The file's row in `notRun`, if it has one. */
  readonly declared: Readonly<Record<string, string>> | undefined;
}

/**
 * Files whose examples are checked and not run: they take as given, under these names and types, what only a session of the
 * language engine makes, or state a value in words.
 */
export const notRun: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'kernel/language/positions.ts': { toCommonJs: 'string', toModule: 'string' },
};

const sources = ['src', 'kernel'].flatMap((room) =>
  readdirSync(path.join(packageRoot, room), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .toSorted()
    .map((name) => path.join(packageRoot, room, name)),
);

/** Every example, in the order of the files. The next tag of the docstring, or its end, ends an example. */
export const examples: readonly Example[] = sources.flatMap((source) => {
  const text = readFileSync(source, 'utf8');
  return [...text.matchAll(/@example\n((?: *\*(?!\/| @).*\n)+)/g)].map(({ 1: lines, index }) => ({
    name: `${path.relative(packageRoot, source)}:${text.slice(0, index).split('\n').length}`,
    code: lines!.replaceAll(/^ *\* ?/gm, '').trimEnd(),
    source,
    declared: notRun[path.relative(packageRoot, source)],
  }));
});

/** The names that a file exports: an example may use those of every file without an import. */
function exportsOf(source: string): string[] {
  const file = ts.createSourceFile(source, readFileSync(source, 'utf8'), ts.ScriptTarget.ES2022);
  const isExported = (statement: ts.Statement) =>
    ts.canHaveModifiers(statement) &&
    ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
  return file.statements.filter(isExported).flatMap((statement) => {
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
    const { name } = statement as ts.DeclarationStatement;
    return name !== undefined && ts.isIdentifier(name) ? [name.text] : [];
  });
}

const places = new Map<string, string[]>();
for (const source of sources) {
  for (const name of exportsOf(source)) places.set(name, [...(places.get(name) ?? []), source]);
}

/** Names that no example imports: globals of cells, and what examples take as given. */
const known = new Set<string>([...lazyNames, ...kernelNames, ...Object.keys(given)]);

/**
 * The file of each exported name that an example uses without being a global or given: its own file goes before those, another one
 * after them, the nearest first.
 */
export function importsOf({ code, source }: Example): ReadonlyMap<string, string> {
  const distance = (place: string) =>
    place === source ? 0 : path.relative(path.dirname(source), place).split(path.sep).length;
  const words = wordsOf(code).filter((word) => !isDeclared(word, code));
  const nearest = words.flatMap((word): [string, string][] => {
    const [place] = places.get(word)?.toSorted((a, b) => distance(a) - distance(b)) ?? [];
    return place === undefined || (place !== source && known.has(word)) ? [] : [[word, place]];
  });
  return new Map(nearest);
}

/** The words of a code. */
export const wordsOf = (code: string): string[] => [...new Set(code.match(/[A-Za-z_$][\w$]*/g))];

/** Whether the code declares the name itself, alone or in a pattern. */
export const isDeclared = (name: string, code: string): boolean =>
  new RegExp(`(?:const|let|function|class) (?:${name}\\b|[[{][^=]*\\b${name}\\b[^=]*[\\]}] =)`).test(code);
