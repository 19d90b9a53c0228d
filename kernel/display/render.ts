/** Turns any value into a MIME bundle, by an ordered table: the first renderer that matches is used. */
import type { MimeBundle } from '../../src/core/display.js';
import { figureRenderer, withPicture } from './figure.js';
import { imageRenderer, toBase64 } from './image.js';
import { plainJson } from './json.js';
import { ownRenderer } from './own.js';
import { historyRenderer } from './history.js';
import { heldPairsRenderer } from './heldPairs.js';
import { pairRenderer, pairsRenderer } from './pair.js';
import type { RenderedTypes, Renderer } from './renderer.js';
import { frameRenderer, recordsRenderer } from './table.js';
import { tensorRenderer } from './tensor.js';
import { inspectText, reasonOf } from './text.js';
import { vegaRenderer } from './vega.js';

/** What a display message carries: a value in several MIME types, and metadata by MIME type. */
export interface Rendered {
  readonly data: MimeBundle;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/**
 * The renderers, in the order in which they are tried. A value that none matches is shown as text.
 *
 * A new renderer is one file, which exports it and adds its type to `RenderedTypes`, and one row here. Without the row this
 * table does not compile.
 */
export const renderers: { readonly [Name in keyof RenderedTypes]: Renderer<RenderedTypes[Name]> } = {
  own: ownRenderer,
  tensor: tensorRenderer,
  frame: frameRenderer,
  // Before figures: a Vega chart may have `data` and `layout` too.
  chart: vegaRenderer,
  figure: figureRenderer,
  image: imageRenderer,
  // Before records: every array of objects matches those.
  pair: pairRenderer,
  pairs: pairsRenderer,
  history: historyRenderer,
  records: recordsRenderer,
  heldPairs: heldPairsRenderer,
};

type RendererName = keyof RenderedTypes;
type AnyRenderer = Renderer<unknown>;

/**
 * A value as the wire carries it. A promise if the value's own display method is asynchronous, if its backend can read tensors
 * only asynchronously, or if the drawing of pairs is not loaded yet. If a renderer fails, the value is shown as text, with the
 * reason.
 *
 * @throws what the value's own display method throws, and a TypeError if that returns something else than an object.
 *
 * @example
 * render(3); // { data: { 'text/plain': '3' }, metadata: {} }
 */
export function render(value: unknown): Rendered | Promise<Rendered> {
  const name = rendererOf(value);
  if (name === undefined) return finish({ 'text/plain': inspectText(value) });
  const failed = (error: unknown): Rendered => {
    if (name === 'own') throw error;
    return finish({ 'text/plain': `${inspectText(value)}\n(It can't be drawn as ${name}: ${reasonOf(error)})` });
  };
  try {
    const bundle = (renderers[name] as AnyRenderer).render(value);
    return bundle instanceof Promise ? bundle.then(finish).catch(failed) : finish(bundle);
  } catch (error) {
    return failed(error);
  }
}

/** What is shown while `render` still reads the value; undefined if its renderer has no placeholder. */
export function placeholderOf(value: unknown): Rendered | undefined {
  const name = rendererOf(value);
  const bundle = name === undefined ? undefined : (renderers[name] as AnyRenderer).placeholder?.(value);
  return bundle === undefined ? undefined : finish(bundle);
}

function rendererOf(value: unknown): RendererName | undefined {
  return (Object.keys(renderers) as RendererName[]).find((name) => {
    try {
      return renderers[name].matches(value);
    } catch {
      return false;
    }
  });
}

/** Data as the wire carries it: bytes as base64, JSON without typed arrays and maps. A figure gets a picture. */
export function finish(bundle: MimeBundle): Rendered {
  const data = Object.entries(bundle).map(([type, content]) => {
    if (content instanceof Uint8Array) return [type, toBase64(content)];
    return [type, type.endsWith('json') ? plainJson(content, type) : content];
  });
  return { data: withPicture(Object.fromEntries(data) as MimeBundle), metadata: {} };
}
