/** Errors as a person reads them: what, where in the cell with its source line, and a stack of cells and user files. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import type { Diagnostic } from 'tslab/dist/converter.js';
import type { Compiled } from './compiler.js';
import type { CellError } from './language.js';
import { codeFrame, type Position, type Script, type Scripts } from './positions.js';
import { readableTypes } from './services.js';

interface Frame {
  /** As it is printed after `at`. */
  readonly text: string;
  readonly script: Script | undefined;
  readonly position: Position;
}

const red = (text: string) => `\u001b[31m${text}\u001b[39m`;
const place = (name: string, { line, column }: Position) => `${name}:${line + 1}:${column + 1}`;
/** The folder of the running kernel: its frames are never the user's concern. */
const kernelFolder = fileURLToPath(new URL('..', import.meta.url));

/** Shown of a long stack: how packages came to throw, and every line of the user's. */
const framesOfOthers = 10;
const framesInAll = 20;

/** Turns thrown values and diagnostics into `CellError`s. */
export interface ErrorDescriber {
  thrown(value: unknown, where?: { readonly script: Script; readonly position: Position }): CellError;
  diagnostics(compiled: Pick<Compiled, 'diagnostics' | 'fixes'>, script: Script): CellError;
}

/**
 * Makes every error's stack show typed positions, from now on and for the whole process (so `console.log(error)` does too),
 * and returns the describer that uses what it learns.
 */
export function createErrorDescriber(scripts: Scripts): ErrorDescriber {
  const framesOf = new WeakMap<object, readonly Frame[]>();
  // TensorFlow.js alone puts more than V8's ten frames above the line of the cell that it was called from.
  Error.stackTraceLimit = 50;

  Error.prepareStackTrace = (error, sites) => {
    const all = sites.map((site): Frame & { file: string } => {
      const name = site.getFileName() ?? '';
      const file = name.startsWith('file://') ? fileURLToPath(name) : name;
      const script = scripts.get(file);
      // eslint-disable-next-line @typescript-eslint/no-base-to-string -- a CallSite prints itself as V8's own stacks do
      const printed = site.toString();
      const running = { line: (site.getLineNumber() ?? 1) - 1, column: (site.getColumnNumber() ?? 1) - 1 };
      if (script === undefined) return { file, script, text: printed, position: running };
      const position = script.original(running);
      // Functions of earlier cells are called as members of the object that holds all variables, a Proxy.
      const text = printed.replace(/^Proxy\./, '').replace(place(name, running), place(script.name, position));
      return { file, script, text, position };
    });
    // Below the cell that was run there is only the kernel.
    const lastOfUser = all.findLastIndex(({ script }) => script !== undefined);
    const relevant =
      lastOfUser < 0
        ? all
        : all
            .slice(0, lastOfUser + 1)
            .filter(({ file }) => !file.startsWith('node:') && !file.startsWith(kernelFolder));
    const shown = relevant
      .filter(({ script }, index) => script !== undefined || index < framesOfOthers)
      .slice(0, framesInAll);
    framesOf.set(error, shown);
    return [headline(error), ...shown.map(({ text }) => `    at ${text}`)].join('\n');
  };

  const describeError = (error: Error): string[] => {
    // Reading the stack is what makes the engine call prepareStackTrace.
    const stack = typeof error.stack === 'string' ? error.stack : headline(error);
    const frames = framesOf.get(error)?.filter(({ script }) => script !== undefined) ?? [];
    const [first] = frames;
    const source =
      first?.script === undefined
        ? []
        : [place(first.script.name, first.position), ...codeFrame(first.script.source, first.position)];
    const lines = /^ {4}at [^]*/m.exec(stack)?.[0].split('\n') ?? [];
    const cause = error.cause instanceof Error ? ['Caused by:', ...describeError(error.cause)] : [];
    return [red(headline(error)), ...source, ...lines, ...cause];
  };

  return {
    thrown(value, where) {
      const located = where === undefined ? [] : [place(where.script.name, where.position), ...frameAt(where)];
      if (!(value instanceof Error)) {
        const text = typeof value === 'string' ? value : inspect(value);
        return { name: 'Thrown', message: text, traceback: [`${red('Thrown')}: ${text}`, ...located] };
      }
      const hasFrames = typeof value.stack === 'string' && (framesOf.get(value) ?? []).some(({ script }) => script);
      return {
        name: value.name,
        message: value.message,
        traceback: hasFrames || where === undefined ? describeError(value) : [red(headline(value)), ...located],
      };
    },

    diagnostics({ diagnostics, fixes }, script) {
      // After a syntax error the rest is guesswork, most of all what it makes of the converter's own line behind the cell.
      const syntax = diagnostics.filter(isSyntax);
      const lines = script.source.split('\n').length;
      const inside = syntax.filter(({ fileName, start }) => fileName !== undefined || start.line < lines);
      const groups = groupByPlace(syntax.length === 0 ? diagnostics : inside.length > 0 ? inside : syntax.slice(0, 1));
      const described = groups.map(({ first, text }) => {
        const source = first.fileName === undefined ? script.source : readFileSync(first.fileName, 'utf8');
        const position = within(source, { line: first.start.line, column: first.start.character });
        const length = first.start.line === first.end.line ? first.end.character - first.start.character : 1;
        const where = place(first.fileName ?? script.name, position);
        const cures = (first.fileName === undefined ? fixes.get(first.start.offset) : undefined) ?? [];
        return {
          first,
          text,
          where,
          frame: [...codeFrame(source, position, length), ...cures.map((cure) => `  fix: ${cure}`)],
        };
      });
      const [head] = described;
      if (head === undefined) throw new Error('diagnostics() needs at least one diagnostic');
      return {
        name: nameOf(head.first),
        message: `${head.text} (TS${head.first.code}, ${head.where})`,
        traceback: described.flatMap(({ first, text, where, frame }) => [
          `${red(nameOf(first))}: ${text} (TS${first.code})`,
          where,
          ...frame,
        ]),
      };
    },
  };
}

/** TypeScript numbers its syntax errors from 1000 to 1999. */
const isSyntax = ({ code }: Diagnostic) => code < 2000;
const nameOf = (diagnostic: Diagnostic) => (isSyntax(diagnostic) ? 'SyntaxError' : 'TypeScriptError');
const frameAt = ({ script, position }: { script: Script; position: Position }) => codeFrame(script.source, position);

function headline(error: Error): string {
  const name = typeof error.name === 'string' && error.name !== '' ? error.name : 'Error';
  return error.message === '' ? name : `${name}: ${error.message}`;
}

/** The converter flattens a message and its explanations to neighbours at one place. */
function groupByPlace(diagnostics: readonly Diagnostic[]): { first: Diagnostic; text: string }[] {
  const groups: { first: Diagnostic; text: string }[] = [];
  for (const diagnostic of diagnostics) {
    const last = groups.at(-1);
    const { start, end } = diagnostic;
    if (last?.first.start.offset === start.offset && last.first.end.offset === end.offset) {
      last.text += `\n  ${readableTypes(diagnostic.messageText)}`;
    } else {
      groups.push({ first: diagnostic, text: readableTypes(diagnostic.messageText) + awaitHint(diagnostic) });
    }
  }
  return groups;
}

/** TypeScript says so only in its related information, which the converter drops. */
function awaitHint({ messageText }: Diagnostic): string {
  const used = /does not exist on type 'Promise<|^Type 'Promise<.*must have a '\[Symbol\.iterator\]/.test(messageText);
  return used ? "\n  Did you forget 'await'?" : '';
}

/** What the converter adds around a cell is no place in it: an error there is shown at the cell's nearest end. */
function within(source: string, { line, column }: Position): Position {
  if (line < 0) return { line: 0, column: 0 };
  const lines = source.trimEnd().split('\n');
  const last = lines.length - 1;
  return line > last ? { line: last, column: lines[last]!.length } : { line, column: Math.max(0, column) };
}
