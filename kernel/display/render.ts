/** value -> MIME bundle, through an ordered table: the first renderer that knows the value draws it. */
import { jupyterDisplay, type Displayable, type MimeBundle } from '../../src/core/display.js';
import { isFigure, renderFigure, withPicture } from './figure.js';
import { isImage, renderImage, toBase64 } from './image.js';
import { plainJson } from './json.js';
import { isPair, isPairs, renderPair, renderPairs } from './pair.js';
import { isFrame, isRecords, renderFrame, renderRecords } from './table.js';
import { isTensor, renderTensor } from './tensor.js';
import { inspectText, reasonOf } from './text.js';
import { isVega, renderVega } from './vega.js';

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

/** A value's own method goes first. What no renderer knows is text. */
export const renderers: readonly Renderer[] = [
  renderer('own', isDisplayable, renderOwn),
  renderer('tensor', isTensor, renderTensor),
  renderer('frame', isFrame, renderFrame),
  // Before figures: a Vega chart may have `data` and `layout` too.
  renderer('chart', isVega, renderVega),
  renderer('figure', isFigure, renderFigure),
  renderer('image', isImage, renderImage),
  // Before records, which any array of objects is.
  renderer('pair', isPair, renderPair),
  renderer('pairs', isPairs, renderPairs),
  renderer('records', isRecords, renderRecords),
];

/**
 * The picture of any value; a promise only where the value's own method is asynchronous, and where what draws it is still to
 * be read. Throws only what that method
 * throws, and where it returns what is no bundle.
 *
 * @example
 * render(3); // { data: { 'text/plain': '3' }, metadata: {} }
 */
export function render(value: unknown): Rendered | Promise<Rendered> {
  const found = findRenderer(value);
  if (found?.name !== 'own') return draw(value, found);
  const bundle = found.render(value as never);
  return bundle instanceof Promise ? bundle.then(finish) : finish(bundle);
}

/** A value may answer no question at all (a revoked Proxy, a getter that throws): then it is nothing that is known. */
function findRenderer(value: unknown): Renderer | undefined {
  return renderers.find(({ matches }) => {
    try {
      return matches(value);
    } catch {
      return false;
    }
  });
}

function draw(value: unknown, found: Renderer | undefined): Rendered | Promise<Rendered> {
  if (found === undefined) return finish({ 'text/plain': inspectText(value) });
  const failed = (error: unknown): Rendered => {
    const note = `(It can't be drawn as ${found.name}: ${reasonOf(error)})`;
    return finish({ 'text/plain': `${inspectText(value)}\n${note}` });
  };
  try {
    const bundle = found.render(value as never);
    return bundle instanceof Promise ? bundle.then(finish).catch(failed) : finish(bundle);
  } catch (error) {
    return failed(error);
  }
}

/** Data as the wire carries it, whatever a display method put in, and a picture for those who can't draw a figure. */
export function finish(bundle: MimeBundle): Rendered {
  const data = Object.entries(bundle).map(([type, content]) => {
    if (content instanceof Uint8Array) return [type, toBase64(content)];
    return [type, type.endsWith('json') ? plainJson(content, type) : content];
  });
  return { data: withPicture(Object.fromEntries(data) as MimeBundle), metadata: {} };
}

type Shown = Displayable<MimeBundle | Promise<MimeBundle>>;

/** `in`, because a Proxy may answer anything to a question for a property. */
function isDisplayable(value: unknown): value is Shown {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    jupyterDisplay in value &&
    typeof (value as Partial<Shown>)[jupyterDisplay] === 'function'
  );
}

function renderOwn(value: Shown): MimeBundle | Promise<MimeBundle> {
  const check = (bundle: unknown): MimeBundle => {
    if (typeof bundle === 'object' && bundle !== null) return bundle as MimeBundle;
    throw new TypeError(
      `[Symbol.for('Jupyter.display')]() must return an object from media types to data, like { 'text/html': '<b>x</b>' }; it returned ${inspectText(bundle)}`,
    );
  };
  const bundle = value[jupyterDisplay]();
  return bundle instanceof Promise ? bundle.then(check) : check(bundle);
}
