/** An editor's requests on a cell with magics: completions, help, and whether it is complete. */
import type { Completeness, Completion, Inspection, Language } from '../language/language.js';
import { parseCell, placed } from './parse.js';
import { findMagic, magicHelp, magicNames, magics } from './table.js';

/** Names of magics for a `%` at the top of a cell; `undefined` if the cursor is not in a magic's name. */
function completeMagic(code: string, position: number): Completion | undefined {
  const start = code.lastIndexOf('\n', position - 1) + 1;
  const typed = code.slice(start, position);
  if (!/^%%?\w*$/.test(typed)) return undefined;
  const above = code.slice(0, start);
  // Below code, a line that begins with % continues a division.
  if (
    parseCell(above)
      .code.replace(/\/\/.*/g, '')
      .trim() !== ''
  )
    return undefined;
  const end = position + /^\w*/.exec(code.slice(position))![0].length;
  const usages = magicNames.flatMap((name) => [
    ...('line' in magics[name] ? [`%${name}`] : []),
    ...('cell' in magics[name] && above.trim() === '' ? [`%%${name}`] : []),
  ]);
  const bare = typed.replace(/^%+/, '');
  // `%h` finds `%%html` too, as in IPython.
  const matches = usages.filter(
    (usage) =>
      usage.startsWith(typed) || (typed.startsWith('%') && !typed.startsWith('%%') && usage.startsWith(`%%${bare}`)),
  );
  const items = matches.map((text) => ({ text, kind: 'magic', signature: '', documentation: '' }));
  return { items, start, end };
}

/** Completions of magics' names, and of the code on and below their lines. */
export function completeCell(code: string, position: number, language: Pick<Language, 'complete'>): Completion {
  const magic = completeMagic(code, position);
  if (magic !== undefined) return magic;
  const typescript = languageCode(code);
  return typescript === undefined
    ? { items: [], start: position, end: position }
    : language.complete(typescript, position);
}

/** Help for the magic at the position, if there is one. */
export function inspectMagic(code: string, position: number): Inspection | undefined {
  const line = code.slice(0, position).split('\n').length - 1;
  const column = position - (code.lastIndexOf('\n', position - 1) + 1);
  const found = parseCell(code).magics.find((magic) => magic.line === line);
  if (found === undefined || findMagic(found.name) === undefined) return undefined;
  const end = found.name.length + (found.kind === 'cell' ? 2 : 1);
  if (column > end) return undefined;
  const plain = magicHelp(found.name);
  return { plain, markdown: `\`\`\`text\n${plain}\n\`\`\`` };
}

/** The cell's TypeScript, with magics blanked so that every position stays; `undefined` if it isn't TypeScript. */
export function languageCode(code: string): string | undefined {
  const { magics: lines, code: rest } = parseCell(code);
  const last = lines.at(-1);
  if (last === undefined) return code;
  if (last.kind === 'cell' && findMagic(last.name)?.takes !== 'typescript') return undefined;
  const blanked = rest.split('\n');
  const original = code.split('\n');
  for (const { kind, name, line, column } of lines) {
    const keeps = kind === 'line' && findMagic(name)?.takes === 'typescript';
    blanked[line] = keeps ? placed(original[line]!.slice(column), 0, column) : ' '.repeat(original[line]!.length);
  }
  return blanked.join('\n');
}

/** Whether a cell is complete. A cell magic takes lines until an empty one, as in IPython's console. */
export function isCellComplete(code: string, language: Pick<Language, 'isComplete'>): Completeness {
  const isCellMagic = parseCell(code).magics.at(-1)?.kind === 'cell';
  if (isCellMagic && !/\n\s*$/.test(code)) return { status: 'incomplete', indent: '' };
  const typescript = languageCode(code) ?? '';
  return typescript.trim() === '' ? { status: 'complete' } : language.isComplete(typescript);
}
