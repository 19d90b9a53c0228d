/**
 * Magics in a cell's text. A cell magic is the first line of a cell; line magics are lines at its top, because a `%` there can't
 * continue an expression. Further down a line that begins with `%` is the rest of a division, as in TypeScript.
 */

/** A line with a magic. */
export interface MagicLine {
  readonly kind: 'line' | 'cell';
  readonly name: string;
  readonly argument: string;
  /** Counted from 0. */
  readonly line: number;
  /** The column, counted from 0, at which the argument begins. */
  readonly column: number;
}

/** A cell's magics and its code. */
export interface ParsedCell {
  readonly magics: readonly MagicLine[];
  /** The code, with magic lines emptied: every line and column stays. */
  readonly code: string;
}

const magicLine = /^(%%?)([A-Za-z_]\w*)(?:[ \t]+(.*)|\s*)$/;
const isSkipped = (line: string) => /^\s*(?:\/\/.*)?$/.test(line);

/**
 * Separates a cell's magics from its code.
 *
 * @example
 * parseCell('%who\n1 + 2'); // { magics: [{ kind: 'line', name: 'who', ... }], code: '\n1 + 2' }
 */
export function parseCell(code: string): ParsedCell {
  const original = code.split('\n');
  const lines = [...original];
  const magics: MagicLine[] = [];
  for (const [index, text] of original.entries()) {
    const [, sign, name = '', argument = ''] = magicLine.exec(text) ?? [];
    if (sign === undefined) {
      if (isSkipped(text)) continue;
      break;
    }
    const kind = sign === '%%' ? 'cell' : 'line';
    // Only the first line that is not blank can be a cell magic: it works on the rest of the cell.
    if (kind === 'cell' && original.slice(0, index).some((line) => line.trim() !== '')) break;
    lines[index] = '';
    const column = text.length - argument.length;
    magics.push({ kind, name, argument: argument.trimEnd(), line: index, column });
    if (kind === 'cell') break;
  }
  return { magics, code: lines.join('\n') };
}

/** Text behind `line` empty lines and `column` spaces, so that its positions are those of the cell. */
export const placed = (text: string, line: number, column: number) => '\n'.repeat(line) + ' '.repeat(column) + text;

/** The name in `%time?`, `?%time` and `%%time ?`. */
export function askedMagic(code: string): string | undefined {
  const [, before, after] = /^\s*(?:\?\s*%{1,2}(\w+)|%{1,2}(\w+)\s*\?{1,2})\s*$/.exec(code) ?? [];
  return before ?? after;
}
