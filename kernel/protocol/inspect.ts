import type { Language } from '../language/language.js';
import { read, type Handler } from './context.js';
import { codePointsToUnits } from './cursor.js';

/** A name, with the members that lead to it: `world.makeTask`. */
const dottedName = /[\p{ID_Continue}$.]+/u;
const page = new RegExp(`^\\s*(\\?{0,2})\\s*(${dottedName.source})(\\?{0,2})\\s*$`, 'u');

export const inspect: Handler = (content, context) => {
  const code = read.text(content, 'code');
  const position = codePointsToUnits(code, read.number(content, 'cursor_pos', Infinity));
  const found = inspectAround(context.language(), code, position, read.number(content, 'detail_level', 0));
  return {
    status: 'ok',
    found: found !== undefined,
    data: found === undefined ? {} : { 'text/plain': found },
    metadata: {},
  };
};

/**
 * What stands at the cursor, or just before it: clients send the position behind a word as often as the one inside. From detail
 * level 1 on with its source, where a cell or a file beside the notebook has it.
 */
export function inspectAround(language: Language, code: string, position: number, detail = 0): string | undefined {
  const help = language.inspect(code, position) ?? (position > 0 ? language.inspect(code, position - 1) : undefined);
  if (detail < 1) return help;
  const source = language.source(nameAround(code, position));
  const parts = [help, source === undefined ? undefined : `Source (${source.place}):\n${source.text}`];
  return parts.filter((part) => part !== undefined).join('\n\n') || undefined;
}

/** The dotted name that ends with the word at the position: within `world.makeTask`, `world` or the whole. */
function nameAround(code: string, position: number): string {
  const before = new RegExp(`${dottedName.source}$`, 'u').exec(code.slice(0, position))?.[0] ?? '';
  const after = /^[\p{ID_Continue}$]+/u.exec(code.slice(position))?.[0] ?? '';
  return before + after;
}

/** The name that a cell asks about in IPython's way, `name?` or `?name`, and how much of it: two marks are detail level 1. */
export function questionOf(code: string): { readonly name: string; readonly detail: number } | undefined {
  const [, before = '', name = '', after = ''] = page.exec(code) ?? [];
  const marks = Math.max(before.length, after.length);
  return marks === 0 ? undefined : { name, detail: marks - 1 };
}
