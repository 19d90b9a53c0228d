/** value -> MIME bundle, through an ordered table: the first renderer that knows the value draws it. */
import { inspect } from 'node:util';
import { displaySymbol, withoutAsyncIds, type Displayable, type MimeBundle } from './bundle.js';
import { isFigure, renderFigure } from './figure.js';
import { isFrame, isRecords, renderFrame, renderRecords } from './table.js';
import { isTensor, renderTensor } from './tensor.js';

export interface Rendered {
  readonly data: MimeBundle;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface Renderer {
  readonly name: string;
  readonly matches: (value: unknown) => boolean;
  readonly render: (value: never) => MimeBundle | Promise<MimeBundle>;
}

/** Ties a renderer to the type that its test establishes. */
const renderer = <T>(
  name: string,
  matches: (value: unknown) => value is T,
  render: (value: T) => MimeBundle | Promise<MimeBundle>,
): Renderer => ({ name, matches, render });

/** A value's own method goes first; `inspect`, which knows everything, last. */
export const renderers: readonly Renderer[] = [
  renderer('own', isDisplayable, renderOwn),
  renderer('tensor', isTensor, renderTensor),
  renderer('frame', isFrame, renderFrame),
  renderer('figure', isFigure, renderFigure),
  renderer('records', isRecords, renderRecords),
  renderer(
    'error',
    (value): value is Error => value instanceof Error,
    (error) => ({ 'text/plain': error.stack ?? String(error) }),
  ),
  { name: 'inspect', matches: () => true, render: (value) => ({ 'text/plain': inspectText(value) }) },
];

/**
 * The picture of any value; a promise only where the value's own method is asynchronous.
 *
 * @example
 * render(3); // { data: { 'text/plain': '3' }, metadata: {} }
 */
export function render(value: unknown): Rendered | Promise<Rendered> {
  const { render: draw } = renderers.find(({ matches }) => matches(value))!;
  const bundle = draw(value as never);
  const finish = (data: MimeBundle): Rendered => ({ data, metadata: {} });
  return bundle instanceof Promise ? bundle.then(finish) : finish(bundle);
}

function isDisplayable(value: unknown): value is Displayable {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as Partial<Displayable>)[displaySymbol] === 'function'
  );
}

function renderOwn(value: Displayable): MimeBundle | Promise<MimeBundle> {
  const check = (bundle: unknown): MimeBundle => {
    if (typeof bundle === 'object' && bundle !== null) return bundle as MimeBundle;
    throw new TypeError(
      `[Symbol.for('Jupyter.display')]() must return an object from media types to data, like { 'text/html': '<b>x</b>' }; it returned ${inspect(bundle)}`,
    );
  };
  const bundle = value[displaySymbol]();
  return bundle instanceof Promise ? bundle.then(check) : check(bundle);
}

/** Bounded: a million numbers or a book of text would freeze the client. */
function inspectText(value: unknown): string {
  return withoutAsyncIds(inspect(value, { depth: 4, maxArrayLength: 100, maxStringLength: 10_000, breakLength: 100 }));
}
