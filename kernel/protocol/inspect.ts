import { inspectMagic, languageCode } from '../magics/edit.js';
import type { Language } from '../language/language.js';
import { read, type Handler } from './context.js';
import { codePointsToUnits } from './cursor.js';

export const inspect: Handler = (content, context) => {
  const code = read.text(content, 'code');
  const position = codePointsToUnits(code, read.number(content, 'cursor_pos', Infinity));
  const typescript = languageCode(code);
  const found =
    inspectMagic(code, position) ??
    (typescript === undefined ? undefined : inspectAround(context.language(), typescript, position));
  return {
    status: 'ok',
    found: found !== undefined,
    data: found === undefined ? {} : { 'text/plain': found },
    metadata: {},
  };
};

/** What stands at the cursor, or just before it: clients send the position behind a word as often as the one inside. */
export function inspectAround(language: Language, code: string, position: number): string | undefined {
  return language.inspect(code, position) ?? (position > 0 ? language.inspect(code, position - 1) : undefined);
}
