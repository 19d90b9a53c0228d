/** `display(value)`: shows a value now, in the middle of a cell; live also while the cell runs synchronously. */
import { randomUUID } from 'node:crypto';
import type { MimeBundle } from '../../src/core/display.js';
import { imageTypeOf } from './image.js';
import { finish, render, type Rendered } from './render.js';
import { inspectText } from './text.js';

/** Sends display messages for the cell that runs. */
export type Publish = (type: 'display_data' | 'update_display_data' | 'clear_output', content: object) => void;

export interface DisplayOptions {
  /** A name under which the output can be replaced later. */
  readonly id?: string;
  /** Replace what was shown under `id`, wherever that was. */
  readonly update?: boolean;
}

export interface ImageOptions extends DisplayOptions {
  /** Size on the page, in CSS pixels; the image's own unless given. */
  readonly width?: number;
  readonly height?: number;
  /** What front ends without pictures show. */
  readonly alt?: string;
}

export interface JsonOptions extends DisplayOptions {
  /** Shows the tree unfolded. */
  readonly expanded?: boolean;
}

export interface Display {
  /**
   * Shows a value: at once, unless the value's own display method is asynchronous; a cell ends when all are shown.
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
  /** Shows a value as JSON, a tree to unfold. Throws a TypeError where it contains itself. */
  json(value: unknown, options?: JsonOptions): void;
  /** Shows data by media type: `display.mime({ 'image/svg+xml': '<svg .../>' })`. */
  mime(bundle: MimeBundle, options?: DisplayOptions): void;
  /** Empties the cell's output; with `wait`, only when the next output comes. */
  clear(wait?: boolean): void;
}

/** What `display` has promised to show. */
export interface Displays {
  readonly display: Display;
  /** Resolves when everything is shown, and rejects with the first error of a value's display method. */
  settle(): Promise<void>;
}

export function createDisplays(publish: Publish): Displays {
  let pending: Promise<void>[] = [];
  const show = ({ data, metadata }: Rendered, { id, update = false }: DisplayOptions = {}) => {
    if (update && id === undefined) {
      throw new TypeError('display(value, { update: true }) needs the id of the output to replace');
    }
    publish(update ? 'update_display_data' : 'display_data', {
      data,
      metadata,
      transient: { display_id: id ?? randomUUID() },
    });
  };
  const display = (value: unknown, options?: DisplayOptions): void => {
    const rendered = render(value);
    if (rendered instanceof Promise) pending.push(rendered.then((each) => show(each, options)));
    else show(rendered, options);
  };
  const text = (type: string) => (content: string, options?: DisplayOptions) =>
    show(finish({ [type]: content, 'text/plain': content }), options);
  const image =
    (type: 'image/png' | 'image/jpeg') =>
    (content: Uint8Array | string, { width, height, alt, ...options }: ImageOptions = {}) => {
      const bytes = typeof content === 'string' ? Buffer.from(content, 'base64') : content;
      const actual = imageTypeOf(bytes);
      if (actual !== type) throw new TypeError(`these bytes are ${actual ?? 'no image'}, not ${type}`);
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
    async settle() {
      const waiting = pending;
      pending = [];
      await Promise.all(waiting);
    },
  };
}
