/** Completions at a place in a cell: members, keys, string literals, paths, and names that an import would bring. */
import { isBuiltin } from 'node:module';
import type ts from 'typescript';
import type { Completion, CompletionItem } from './language.js';
import { readableTypes, textOfParts, type CellProgram, type Services } from './services.js';

/** How many items get a signature and documentation; making them takes time. */
const describedItems = 60;
/** How many characters must be typed before names of modules that are not imported are searched. */
const shortestImport = 3;

/** JupyterLab's words for TypeScript's kinds; they choose the colour. */
const kinds: Readonly<Record<string, string>> = {
  method: 'function',
  'local function': 'function',
  constructor: 'function',
  getter: 'property',
  setter: 'property',
  alias: 'module',
  'external module name': 'module',
  var: 'instance',
  let: 'instance',
  const: 'instance',
  'local var': 'instance',
  parameter: 'param',
  directory: 'path',
  script: 'path',
  interface: 'type',
  string: 'value',
};

/** Whether the name at a position is a member (`a.b`), and so not a variable's name. */
export const isMemberAt = (code: string, position: number) => /\.\s*[\w$]*$/.test(code.slice(0, position));

/** Names that the kernel puts in front of a cell. */
const isInternal = (name: string) => /^__(?:narrow|neutral|cell)__$/.test(name);

type Entry = ts.CompletionEntry & { readonly symbol?: ts.Symbol };

/** Completions at a position in a cell's code, best first. */
export function completeCell(services: Services, cell: CellProgram, code: string, position: number): Completion {
  const { typescript, service, format, hidden } = services;
  const { file, offset } = cell;
  const typed = /[\w$]*$/.exec(code.slice(0, position))?.[0] ?? '';
  const info = service.getCompletionsAtPosition(
    file.fileName,
    position + offset,
    {
      includeCompletionsWithInsertText: true,
      includeCompletionsForModuleExports: !isMemberAt(code, position) && typed.length >= shortestImport,
      includeCompletionsForImportStatements: true,
      allowIncompleteCompletions: true,
      includeSymbol: true,
      triggerKind: typescript.CompletionTriggerKind.Invoked,
    },
    format,
  );
  const span = spanOf(info, typed, position, offset);
  const entries = (info?.entries as readonly Entry[] | undefined) ?? [];
  const fitting = entries.filter(
    (entry) => fits(entry, span, offset) && !hidden.has(entry.source ?? '') && !isInternal(entry.name),
  );
  const ranked = rank(fitting, code.slice(span.start, position));
  const location = typescript.getTouchingPropertyName(file, position + offset);
  const items = ranked.map((entry, index): CompletionItem => {
    const described = index < describedItems ? describe(services, cell, entry, location) : undefined;
    const { kind = entry.kind, signature = '', documentation = '' } = described ?? {};
    return { text: entry.name, kind: kinds[kind] ?? kind, signature, documentation, ...insertion(entry) };
  });
  return { ...span, items };
}

/** The range that is replaced: the word, or the content of the string literal at the cursor. */
function spanOf(info: ts.CompletionInfo | undefined, typed: string, position: number, offset: number) {
  const common = info?.optionalReplacementSpan ?? info?.entries.find((entry) => entry.replacementSpan)?.replacementSpan;
  if (common === undefined) return { start: position - typed.length, end: position };
  return { start: common.start - offset, end: common.start - offset + common.length };
}

/** A reply has one range for all items: entries with another one (`a.b` to become `a?.b`) are left out. */
function fits(
  { replacementSpan: own }: Entry,
  { start, end }: { start: number; end: number },
  offset: number,
): boolean {
  return own === undefined || (own.start - offset === start && own.length === end - start);
}

/** The names that start with the typed text; if there is none, ignoring case; if there is none, those that contain it. In TypeScript's order. */
function rank(entries: readonly Entry[], typed: string): Entry[] {
  const lower = typed.toLowerCase();
  const classes: ((name: string) => boolean)[] = [
    (name) => name.startsWith(typed),
    (name) => name.toLowerCase().startsWith(lower),
    (name) => name.toLowerCase().includes(lower),
  ];
  const sorted = [...entries].sort((a, b) => compare(a.sortText, b.sortText) || compare(a.name, b.name));
  const found = classes.map((isIn) => sorted.filter(({ name }) => isIn(name))).find((some) => some.length > 0) ?? [];
  // Each name once, in its first meaning: `fs` and `node:fs` both have `readFileSync`.
  return [...new Map([...found].reverse().map((entry) => [entry.name, entry])).values()].reverse();
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function describe(
  { typescript }: Services,
  { program, file }: CellProgram,
  { symbol }: Entry,
  location: ts.Node,
): Omit<CompletionItem, 'text'> | undefined {
  if (symbol === undefined) return undefined;
  const checker = program.getTypeChecker();
  // Exported names of packages are aliases; the documentation is at what they stand for.
  const isAlias = (symbol.flags & typescript.SymbolFlags.Alias) !== 0;
  const meant = isAlias ? checker.getAliasedSymbol(symbol) : symbol;
  const { displayParts, documentation, symbolKind } =
    typescript.SymbolDisplay.getSymbolDisplayPartsDocumentationAndSymbolKind(checker, meant, file, location, location);
  // Many packages export their functions as constants.
  const isVariable = (meant.flags & typescript.SymbolFlags.Variable) !== 0;
  const isCalled = isVariable && checker.getTypeOfSymbolAtLocation(meant, location).getCallSignatures().length > 0;
  return {
    kind: isCalled ? 'function' : symbolKind,
    signature: readableTypes(textOfParts(displayParts)),
    documentation: textOfParts(documentation),
  };
}

/** A name of another module is inserted with its import, as an expression: a reply can't change another line. */
function insertion({ name, source, insertText }: Entry): { insertText?: string } {
  if (source !== undefined) {
    const specifier = isBuiltin(source) && !source.includes(':') ? `node:${source}` : source;
    return { insertText: `(await import('${specifier}')).${name}` };
  }
  return insertText === undefined ? {} : { insertText };
}
