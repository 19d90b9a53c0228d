/** `display(value)`: shows a value now, in the middle of a cell; live also while the cell runs synchronously. */
import { randomUUID } from 'node:crypto';
import { displaySymbol, type Displayable, type MimeBundle } from './bundle.js';
import { render, type Rendered } from './render.js';

/** Sends display messages for the cell that runs. */
export type Publish = (type: 'display_data' | 'update_display_data' | 'clear_output', content: object) => void;

export interface DisplayOptions {
  /** A name under which the output can be replaced later. */
  readonly id?: string;
  /** Replace what was shown under `id`, wherever that was. */
  readonly update?: boolean;
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
  const display = (value: unknown, { id, update = false }: DisplayOptions = {}): void => {
    if (update && id === undefined) {
      throw new TypeError('display(value, { update: true }) needs the id of the output to replace');
    }
    const show = ({ data, metadata }: Rendered) =>
      publish(update ? 'update_display_data' : 'display_data', {
        data,
        metadata,
        transient: { display_id: id ?? randomUUID() },
      });
    const rendered = render(value);
    if (rendered instanceof Promise) pending.push(rendered.then(show));
    else show(rendered);
  };
  const mime = (bundle: MimeBundle, options?: DisplayOptions) =>
    display({ [displaySymbol]: () => bundle } satisfies Displayable, options);
  return {
    display: Object.assign(display, {
      mime,
      html: (text: string, options?: DisplayOptions) => mime({ 'text/html': text, 'text/plain': text }, options),
      markdown: (text: string, options?: DisplayOptions) =>
        mime({ 'text/markdown': text, 'text/plain': text }, options),
      clear: (wait = false) => publish('clear_output', { wait }),
    }),
    async settle() {
      const waiting = pending;
      pending = [];
      await Promise.all(waiting);
    },
  };
}
