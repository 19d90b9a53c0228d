/** Stacks of errors with typed positions: cells and user files, without the kernel's own frames. */
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { scopeName } from './rewrite/names.js';
import { codeFrame, type Position, type Script, type Scripts } from './positions.js';

/** One line of a stack. */
export interface Frame {
  /** The text after `at`. */
  readonly text: string;
  /** The cell or user file, if it is one. */
  readonly script: Script | undefined;
  readonly position: Position;
}

/** The frames that are shown of each error whose stack was read. */
export type FramesOf = Pick<WeakMap<object, readonly Frame[]>, 'get'>;

/** The folder of the running kernel; its frames are left out. */
const kernelFolder = fileURLToPath(new URL('..', import.meta.url));

/** How many of the first frames are shown if they are not the user's: they tell how a package came to throw. */
const framesOfOthers = 10;
const framesInAll = 20;
/** How many errors of an AggregateError are shown. */
const mostErrors = 5;

/** Text in red, for a terminal or a notebook. */
export const red = (text: string) => `\u001b[31m${text}\u001b[39m`;

/** A place as stacks write it: `cell-1.ts:2:5`. */
export const place = (name: string, { line, column }: Position) => `${name}:${line + 1}:${column + 1}`;

const inScope = new RegExp(
  `\\(0 ?, ${scopeName}\\.([\\p{ID_Continue}$]+)\\)|\\b${scopeName}\\.([\\p{ID_Continue}$]+)`,
  'gu',
);

/**
 * Takes the session's object out of an error's message: V8 writes the code that failed, `__names__.f is not a function`.
 *
 * @example
 * const error = new TypeError('__names__.f is not a function');
 * withoutScopeName(error);
 * error.message; // 'f is not a function'
 */
export function withoutScopeName(error: unknown): void {
  if (!(error instanceof Error) || typeof error.message !== 'string' || !error.message.includes(scopeName)) return;
  error.message = error.message.replace(inScope, (_all, called?: string, read?: string) => called ?? read ?? '');
}

/** The first line of an error's text: `TypeError: x is not a function`. */
export function headline(error: Error): string {
  const name = typeof error.name === 'string' && error.name !== '' ? error.name : 'Error';
  return error.message === '' ? name : `${name}: ${error.message}`;
}

/**
 * Makes every error's stack show typed positions, from now on and for the whole process (so `console.log(error)` does too), and
 * returns the frames that it keeps.
 */
export function installStackTraces(scripts: Scripts): FramesOf {
  const framesOf = new WeakMap<object, readonly Frame[]>();
  // TensorFlow.js alone has more than V8's ten frames above the line of the cell that called it.
  Error.stackTraceLimit = 50;
  Error.prepareStackTrace = (error, sites) => {
    withoutScopeName(error);
    const shown = shownFrames(sites.map((site) => frameOf(site, scripts)));
    framesOf.set(error, shown);
    return [headline(error), ...shown.map(({ text }) => `    at ${text}`)].join('\n');
  };
  return framesOf;
}

interface FileFrame extends Frame {
  readonly file: string;
}

function frameOf(site: NodeJS.CallSite, scripts: Scripts): FileFrame {
  const name = site.getFileName() ?? '';
  const file = name.startsWith('file://') ? fileURLToPath(name) : name;
  const script = scripts.get(file);
  // A call site prints itself as V8's own stacks do; Node's types don't declare it.
  const printable: { toString(): string } = site;
  const printed = printable.toString();
  const running = { line: (site.getLineNumber() ?? 1) - 1, column: (site.getColumnNumber() ?? 1) - 1 };
  if (script === undefined) return { file, script, text: printed, position: running };
  const position = script.original(running);
  const text = printed.replace(place(name, running), place(script.name, position));
  return { file, script, text, position };
}

function shownFrames(all: readonly FileFrame[]): readonly FileFrame[] {
  // Below the cell that was run there is only the kernel.
  const lastOfUser = all.findLastIndex(({ script }) => script !== undefined);
  const relevant =
    lastOfUser < 0
      ? all
      : all.slice(0, lastOfUser + 1).filter(({ file }) => !file.startsWith('node:') && !file.startsWith(kernelFolder));
  return relevant.filter(({ script }, index) => script !== undefined || index < framesOfOthers).slice(0, framesInAll);
}

/** An error's lines: headline, place and source line of the user's first frame, stack, and the same for its causes. */
export function describeError(error: Error, framesOf: FramesOf, seen: ReadonlySet<unknown> = new Set()): string[] {
  // Reading the stack makes the engine call prepareStackTrace.
  const stack = typeof error.stack === 'string' ? error.stack : headline(error);
  const frames = framesOf.get(error)?.filter(({ script }) => script !== undefined) ?? [];
  const [first] = frames;
  const source =
    first?.script === undefined
      ? []
      : [place(first.script.name, first.position), ...codeFrame(first.script.source, first.position)];
  const lines = /^ {4}at [^]*/m.exec(stack)?.[0].split('\n') ?? [];
  return [red(headline(error)), ...source, ...lines, ...causes(error, framesOf, seen)];
}

/** The lines of what an error was caused by, and of the errors that it is made of; `seen` ends a chain that leads back to itself. */
export function causes(error: Error, framesOf: FramesOf, seen: ReadonlySet<unknown> = new Set()): string[] {
  const inner = new Set([...seen, error]);
  const describe = (title: string, value: unknown) => {
    if (value === undefined || inner.has(value)) return [];
    return [title, ...(value instanceof Error ? describeError(value, framesOf, inner) : [red(inspect(value))])];
  };
  const members: unknown = 'errors' in error ? error.errors : undefined;
  const all = Array.isArray(members) ? members : [];
  return [
    ...describe('Caused by:', error.cause),
    ...all.slice(0, mostErrors).flatMap((each, index) => describe(`Error ${index + 1} of ${all.length}:`, each)),
    ...(all.length > mostErrors ? [`and ${all.length - mostErrors} more`] : []),
  ];
}
