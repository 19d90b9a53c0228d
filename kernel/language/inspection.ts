/** Help on the name at a position in a cell: its type, its documentation, and for a call the signature. */
import type ts from 'typescript';
import type { Inspection } from './language.js';
import { readableTypes, textOfParts, type CellProgram, type Services } from './services.js';

/** Help on the name at the position, or, inside a call's parentheses, on the called function; `undefined` if there is none. */
export function inspectCell(services: Services, cell: CellProgram, position: number): Inspection | undefined {
  const { service } = services;
  const { file, offset } = cell;
  const meant = describeAliased(services, cell, position);
  if (meant !== undefined) return meant;
  const info = service.getQuickInfoAtPosition(file.fileName, position + offset);
  if (info !== undefined) return describe(textOfParts(info.displayParts), info.documentation, info.tags);
  const help = service.getSignatureHelpItems(file.fileName, position + offset, undefined);
  const item = help?.items[help.selectedItemIndex];
  return item === undefined ? undefined : describe(signatureOf(item), item.documentation, item.tags);
}

/** Help on the declaration behind an alias: packages export names that they declare, and document, elsewhere. */
function describeAliased(
  { typescript }: Services,
  { program, file, offset }: CellProgram,
  position: number,
): Inspection | undefined {
  const checker = program.getTypeChecker();
  const node = typescript.getTouchingPropertyName(file, position + offset);
  const symbol = checker.getSymbolAtLocation(node);
  if (symbol === undefined || (symbol.flags & typescript.SymbolFlags.Alias) === 0) return undefined;
  const aliased = checker.getAliasedSymbol(symbol);
  if (checker.isUnknownSymbol(aliased)) return undefined;
  const { displayParts, documentation, tags } =
    typescript.SymbolDisplay.getSymbolDisplayPartsDocumentationAndSymbolKind(checker, aliased, file, node, node);
  return describe(textOfParts(displayParts), documentation, tags);
}

function signatureOf(item: ts.SignatureHelpItem): string {
  const parameters = item.parameters.map(({ displayParts }) => textOfParts(displayParts));
  return (
    textOfParts(item.prefixDisplayParts) +
    parameters.join(textOfParts(item.separatorDisplayParts)) +
    textOfParts(item.suffixDisplayParts)
  );
}

function describe(
  types: string,
  documentation: readonly ts.SymbolDisplayPart[] | undefined,
  tags: readonly ts.JSDocTagInfo[] | undefined,
): Inspection {
  const signature = readableTypes(types);
  const text = textOfParts(documentation);
  const notes = (tags ?? [])
    .filter(({ name }) => name !== 'doc')
    .map(({ name, text: parts }) => ({ name, text: textOfParts(parts) }));
  const plain = [signature, text, notes.map((note) => `@${note.name} ${note.text}`.trimEnd()).join('\n')];
  const markdown = [`\`\`\`typescript\n${signature}\n\`\`\``, text, notes.map(asMarkdown).join('\n\n')];
  const joined = (parts: readonly string[]) => parts.filter((part) => part !== '').join('\n\n');
  return { plain: joined(plain), markdown: joined(markdown) };
}

/** A documentation tag as Markdown; an example becomes a block of code. */
function asMarkdown({ name, text }: { name: string; text: string }): string {
  if (name === 'example' && !text.includes('```')) return `*@${name}*\n\n\`\`\`typescript\n${text}\n\`\`\``;
  return `*@${name}* ${text}`.trimEnd();
}
