/** `display(value)`: shows a value in the middle of a cell. Clients show it at once, even while the cell runs synchronously. */
import { randomUUID } from 'node:crypto';
import type { MimeBundle } from '../../src/core/display.js';
import { imageTypeOf } from './image.js';
import { finish, placeholderOf, render, type Rendered } from './render.js';
import { inspectText } from './text.js';

/** Sends display messages for the cell that runs. */
export type Publish = (type: 'display_data' | 'update_display_data' | 'clear_output', content: object) => void;

/** Options of `display` and its methods. */
export interface DisplayOptions {
  /** A name for the output, by which it can be replaced later. */
  readonly id?: string;
  /** Replaces the output with this `id`, in any cell. Throws a TypeError without an `id`. */
  readonly update?: boolean;
}

/** Options of images. */
export interface ImageOptions extends DisplayOptions {
  /** Size on the page, in CSS pixels; by default the image's own. */
  readonly width?: number;
  readonly height?: number;
  /** Text for front ends that don't show images. */
  readonly alt?: string;
}

/** Options of JSON. */
export interface JsonOptions extends DisplayOptions {
  /** Shows the tree expanded. */
  readonly expanded?: boolean;
}

/** The global `display`. */
export interface Display {
  /**
   * Shows a value at once. Two kinds of values take longer: a value with an asynchronous display method of its own is shown
   * when that is done; a tensor on a backend that reads only asynchronously is shown by its shape first, and the values replace
   * it. A cell ends when all values are shown.
   *
   * @example
   * display(tf.zeros([2, 2]));
   * display('10 %', { id: 'state' });
   * display('20 %', { id: 'state', update: true });
   */
  (value: unknown, options?: DisplayOptions): void;
  /** Shows HTML. */
  html(text: string, options?: DisplayOptions): void;
  /** Shows Markdown. */
  markdown(text: string, options?: DisplayOptions): void;
  /** Shows LaTeX: `display.latex('$e^{i \\pi} = -1$')`. */
  latex(text: string, options?: DisplayOptions): void;
  /** Shows an SVG drawing. */
  svg(text: string, options?: DisplayOptions): void;
  /** Shows a PNG image: its bytes, or base64. Throws a TypeError for bytes of another kind. */
  png(image: Uint8Array | string, options?: ImageOptions): void;
  /** Shows a JPEG image: its bytes, or base64. Throws a TypeError for bytes of another kind. */
  jpeg(image: Uint8Array | string, options?: ImageOptions): void;
  /** Shows a value as JSON, a tree that can be expanded. Throws a TypeError if it contains itself. */
  json(value: unknown, options?: JsonOptions): void;
  /** Shows data by media type: `display.mime({ 'image/svg+xml': '<svg .../>' })`. */
  mime(bundle: MimeBundle, options?: DisplayOptions): void;
  /** Clears the cell's output; with `wait`, only when the next output comes. */
  clear(wait?: boolean): void;
}

/** `display`, and what it still has to show. */
export interface Displays {
  readonly display: Display;
  /** Makes `settle` wait for something else that is still to be shown. */
  readonly keep: (shown: Promise<void>) => void;
  /** Resolves when everything is shown. Rejects with the first error of a value's own display method. */
  readonly settle: () => Promise<void>;
  /** Resolves when all tensors are shown; unlike `settle` it runs no code of a cell, so it is safe after an interrupt. */
  readonly settleReads: () => Promise<void>;
}

/** The `display` of one kernel, which sends its messages by `publish`. */
export function createDisplays(publish: Publish): Displays {
  let pending: Promise<void>[] = [];
  let reads: Promise<void>[] = [];
  /** The unfinished read of each id. Showing anything else there removes it, so that a slow read replaces no newer output. */
  const readOf = new Map<string, Promise<Rendered>>();
  const show = ({ data, metadata }: Rendered, options: DisplayOptions = {}) => {
    const { id, update = false } = checked(options);
    if (id !== undefined) readOf.delete(id);
    publish(update ? 'update_display_data' : 'display_data', {
      data,
      metadata,
      transient: { display_id: id ?? randomUUID() },
    });
  };
  /** Keeps the order of outputs: the placeholder is shown now, and the value replaces it when it is read. */
  const showInPlace = async (placeholder: Rendered, read: Promise<Rendered>, options: DisplayOptions) => {
    const { id = randomUUID(), update = false } = options;
    if (!update) show(placeholder, { id });
    readOf.set(id, read);
    const rendered = await read;
    if (readOf.get(id) === read) show(rendered, { id, update: true });
  };
  const display = (value: unknown, options: DisplayOptions = {}): void => {
    checked(options);
    const rendered = render(value);
    const placeholder = rendered instanceof Promise ? placeholderOf(value) : undefined;
    if (!(rendered instanceof Promise)) show(rendered, options);
    else if (placeholder === undefined) pending.push(rendered.then((each) => show(each, options)));
    else reads.push(showInPlace(placeholder, rendered, options));
  };
  const text = (type: string) => (content: string, options?: DisplayOptions) =>
    show(finish({ [type]: content, 'text/plain': content }), options);
  const image =
    (type: 'image/png' | 'image/jpeg') =>
    (content: Uint8Array | string, { width, height, alt, ...options }: ImageOptions = {}) => {
      const bytes = typeof content === 'string' ? Buffer.from(content, 'base64') : content;
      const actual = imageTypeOf(bytes);
      if (actual !== type) throw new TypeError(`these bytes are ${actual ?? 'of an unknown type'}, not ${type}`);
      const { data } = finish({ [type]: bytes, 'text/plain': alt ?? `${type}, ${bytes.length} bytes` });
      const size = { ...(width === undefined ? {} : { width }), ...(height === undefined ? {} : { height }) };
      const settings = { ...size, ...(alt === undefined ? {} : { alt }) };
      show({ data, metadata: Object.keys(settings).length === 0 ? {} : { [type]: settings } }, options);
    };
  return {
    display: Object.assign(display, {
      html: text('text/html'),
      markdown: text('text/markdown'),
      latex: text('text/latex'),
      svg: (content: string, options?: DisplayOptions) =>
        show(finish({ 'image/svg+xml': content, 'text/plain': 'SVG drawing' }), options),
      png: image('image/png'),
      jpeg: image('image/jpeg'),
      json: (value: unknown, { expanded, ...options }: JsonOptions = {}) => {
        const { data } = finish({ 'application/json': value, 'text/plain': inspectText(value) });
        show({ data, metadata: expanded === undefined ? {} : { 'application/json': { expanded } } }, options);
      },
      mime: (bundle: MimeBundle, options?: DisplayOptions) => show(finish(bundle), options),
      clear: (wait = false) => publish('clear_output', { wait }),
    }),
    keep: (shown) => void pending.push(shown),
    async settle() {
      const waiting = [...reads, ...pending];
      [reads, pending] = [[], []];
      await Promise.all(waiting);
    },
    async settleReads() {
      const waiting = reads;
      reads = [];
      await Promise.all(waiting);
    },
  };
}

function checked(options: DisplayOptions): DisplayOptions {
  if (options.update === true && options.id === undefined) {
    throw new TypeError('display(value, { update: true }) needs the id of the output to replace');
  }
  return options;
}
