/**
 * Positions in the JavaScript that runs, mapped back to what was typed.
 *
 * A cell is compiled twice (TypeScript to ES module, ES module to a function body), each time with a source map; a position is
 * mapped back through both. Lines and columns are counted from 0 here and shown from 1.
 */
import { SourceMap, type SourceMapPayload } from 'node:module';

/** Line and column, counted from 0. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A script that user code runs in: a cell, or a file that a cell imports. */
export interface Script {
  /** The name in stack frames. */
  readonly name: string;
  /** What the user wrote. */
  readonly source: string;
  /** The typed position of a running one. */
  original(position: Position): Position;
}

/** The maps of one compilation, the last step first. */
export interface Maps {
  readonly steps: readonly SourceMapPayload[];
  /** Lines that the converter put before the source. */
  readonly prefixLines: number;
}

/**
 * A function from the running position to the typed one.
 *
 * @example
 * const original = createPositionMap({ steps: [toCommonJs, toModule], prefixLines: 1 });
 * original({ line: 3, column: 8 }); // { line: 4, column: 8 }: an interface above took a line and left no JavaScript
 */
export function createPositionMap({ steps, prefixLines }: Maps): (position: Position) => Position {
  // Most cells never throw: a map is parsed when it is first needed.
  let maps: SourceMap[] | undefined;
  return (position) => {
    maps ??= steps.map((step) => new SourceMap(step));
    let { line, column } = position;
    for (const map of maps) {
      const entry = map.findEntry(line, column);
      if (!('originalLine' in entry)) continue;
      line = entry.originalLine;
      column = entry.originalColumn;
    }
    return { line: Math.max(0, line - prefixLines), column };
  };
}

/** The scripts that have run, by the file name that the engine has for them. */
export class Scripts {
  readonly #byFile = new Map<string, Script>();

  add(file: string, script: Script): void {
    this.#byFile.set(file, script);
  }

  get(file: string): Script | undefined {
    return this.#byFile.get(file);
  }
}

/** The source line at a position with one line before and after it, and a caret under the column. */
export function codeFrame(source: string, { line, column }: Position, length = 1): string[] {
  const lines = source.split('\n');
  const last = Math.min(lines.length, line + 2);
  const width = String(last).length;
  const result: string[] = [];
  for (let index = Math.max(0, line - 1); index < last; index++) {
    const text = lines[index] ?? '';
    result.push(`${index === line ? '>' : ' '} ${String(index + 1).padStart(width)} | ${text}`);
    if (index === line) {
      // Tabs are kept, so that the caret is under the column for every width of a tab.
      const indent = text.slice(0, column).replace(/[^\t]/g, ' ');
      const carets = '^'.repeat(Math.max(1, Math.min(length, text.length - column)));
      result.push(`  ${' '.repeat(width)} | ${indent}${carets}`);
    }
  }
  return result;
}
