import type { Inspection, Language } from '../language/language.js';
import { inspectMagic, languageCode } from '../magics/edit.js';
import { read } from '../messages/content.js';
import type { Handler } from './context.js';
import { codePointsToUnits } from './cursor.js';

/** A name, with the members that lead to it: `world.makeTask`. */
const dottedName = /[\p{ID_Continue}$.]+/u;
const page = new RegExp(`^\\s*(\\?{0,2})\\s*(${dottedName.source})(\\?{0,2})\\s*$`, 'u');

/** inspect_request: type, documentation and, from detail level 1 on, the source of what is at the cursor. */
export const inspect: Handler = (content, context) => {
  const code = read.text(content, 'code');
  const position = codePointsToUnits(code, read.number(content, 'cursor_pos', Infinity));
  const typescript = languageCode(code);
  const detail = read.number(content, 'detail_level', 0);
  const magic = inspectMagic(code, position);
  const found =
    magic ?? (typescript === undefined ? undefined : inspectAround(context.language(), typescript, position, detail));
  return {
    status: 'ok',
    found: found !== undefined,
    data: found === undefined ? {} : { 'text/plain': found.plain, 'text/markdown': found.markdown },
    metadata: {},
  };
};

/**
 * Help on the name at the position or just before it: clients often send the position behind a word. From detail level 1 on it
 * has the source too, if a cell or a file beside the notebook has it. `undefined` if nothing is known.
 */
export function inspectAround(language: Language, code: string, position: number, detail = 0): Inspection | undefined {
  const help = language.inspect(code, position) ?? (position > 0 ? language.inspect(code, position - 1) : undefined);
  const source = detail < 1 ? undefined : language.source(nameAround(code, position));
  if (source === undefined) return help;
  const join = (...parts: (string | undefined)[]) => parts.filter((part) => part !== undefined).join('\n\n');
  return {
    plain: join(help?.plain, `Source (${source.place}):\n${source.text}`),
    markdown: join(help?.markdown, `Source (${source.place}):`, `\`\`\`typescript\n${source.text}\n\`\`\``),
  };
}

/** The dotted name that ends with the word at the position: within `world.makeTask`, `world` or the whole. */
function nameAround(code: string, position: number): string {
  const before = new RegExp(`${dottedName.source}$`, 'u').exec(code.slice(0, position))?.[0] ?? '';
  const after = /^[\p{ID_Continue}$]+/u.exec(code.slice(position))?.[0] ?? '';
  return before + after;
}

/** The name in a cell that asks for help as in IPython, `name?` or `?name`, and the detail level: 1 for two marks. */
export function questionOf(code: string): { readonly name: string; readonly detail: number } | undefined {
  const [, before = '', name = '', after = ''] = page.exec(code) ?? [];
  const marks = Math.max(before.length, after.length);
  return marks === 0 ? undefined : { name, detail: marks - 1 };
}
