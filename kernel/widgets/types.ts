/** The types of controls as cells use them. */
import type { Events } from '../comms/listeners.js';
import type { Displayable } from '../../src/core/display.js';
import type { Bytes } from '../messages/bytes.js';

/** Something on the page that stays connected to the kernel: a cell's last expression or `display(...)` shows it. */
export interface Widget extends Displayable {
  /** Its comm's id. */
  readonly id: string;
  readonly closed: boolean;
  /** Removes it from every page. */
  close(): void;
}

/**
 * A control with a value. As an iterable it yields each new value until it is closed.
 *
 * @example
 * for await (const beta of slider) console.log(beta);
 */
export interface Control<T> extends Widget, Events<T> {
  /** Setting it changes the control on every page; throws a RangeError if the control can't have that value. */
  value: T;
  /** Pages show it, but the user can't change it. */
  disabled: boolean;
  /**
   * Calls `handler` with each new value, set by a page or a cell; returns a function that removes it. While an asynchronous
   * handler runs, the page holds back further changes of the control, and then sends the last one.
   *
   * @example
   * const slider = widgets.slider({ label: 'power', max: 5, value: 2 });
   * const powers = (power: number) => charts.figure([{ y: [1, 2, 3, 4].map((each) => each ** power) }]);
   * const view = live(powers(slider.value));
   * slider.onChange((power) => view.update(powers(power)));
   * display(slider);
   */
  onChange(handler: (value: T) => unknown): () => void;
}

/** A button. `await button.next()` waits for a click and gives the number of clicks so far. */
export interface Button extends Widget, Events<number> {
  readonly clicks: number;
  disabled: boolean;
  /** Calls `handler` with each click's number, counted from 1; returns a function that removes it. */
  onClick(handler: (clicks: number) => unknown): () => void;
}

/** Widgets beside or below each other. Closing the container does not close them. */
export interface Container extends Widget {
  children: readonly Widget[];
}

/** A control whose page side is the user's own JavaScript module. As an iterable it yields the changes. */
export interface CustomControl<State extends object> extends Widget, Events<Partial<State>> {
  /** The current state, also on the page. Bytes that the page has set are Uint8Arrays. */
  readonly state: Readonly<State>;
  /** Changes parts of the state, and sends them to every page. */
  set(changes: Partial<State>): void;
  /** Calls `handler` with each change, made by a page or a cell; returns a function that removes it. */
  onChange(handler: (changes: Partial<State>) => unknown): () => void;
  /** Sends a message to the module: its `model.on('msg:custom', (content, buffers) => ...)`. */
  send(content: unknown, buffers?: readonly Bytes[]): void;
  /** Calls `handler` with what the module sends by `model.send(content, callbacks, buffers)`; returns a function that removes it. */
  onMessage(handler: (content: unknown, buffers: readonly Uint8Array[]) => unknown): () => void;
}

/** Options of every labelled control. */
export interface LabelledOptions {
  /** Shown before the control, or on the button. */
  readonly label?: string;
  readonly disabled?: boolean;
}

/** Options of a slider. */
export interface SliderOptions extends LabelledOptions {
  /** 0 by default. */
  readonly min?: number;
  /** 100 by default. */
  readonly max?: number;
  /** 1 by default. */
  readonly step?: number;
  /** `min` by default. */
  readonly value?: number;
  /** False: a value is sent only when the handle is released. True by default. */
  readonly continuous?: boolean;
}

/** Options of a dropdown. */
export interface DropdownOptions<T> extends LabelledOptions {
  /** The choices, or an object from labels to choices. */
  readonly options: readonly T[] | Readonly<Record<string, T>>;
  /** The first one by default. */
  readonly value?: T;
}

/** Options of a checkbox; its value is false by default. */
export interface CheckboxOptions extends LabelledOptions {
  readonly value?: boolean;
}

/** Options of a line of text. */
export interface TextOptions extends LabelledOptions {
  readonly value?: string;
  readonly placeholder?: string;
  /** False: a value is sent on Enter or when the field is left, and not at every key. True by default. */
  readonly continuous?: boolean;
}

/** Options of a control with its own page side. */
export interface CustomOptions<State extends object> {
  /** The text of an ECMAScript module: `export default { render({ model, el }) { ... } }`, as anywidget describes it. */
  readonly esm: string;
  readonly css?: string;
  /** What the page and the kernel share: JSON and, anywhere in it, bytes (typed arrays, ArrayBuffers). */
  readonly state?: State;
}

/** Controls, for JupyterLab and every page that shows ipywidgets. A reloaded or second page shows their current state. */
export interface Widgets {
  /**
   * A number between `min` and `max`.
   *
   * @example
   * const beta = widgets.slider({ label: 'beta', min: 0, max: 1, step: 0.05, value: 0.1 });
   * beta.onChange((value) => console.log(value));
   * beta
   */
  slider(options?: SliderOptions): Control<number>;
  /**
   * One of several choices, of any type.
   *
   * @example
   * widgets.dropdown({ label: 'objective', options: ['apo_zero', 'apo_down'] });
   * widgets.dropdown({ options: { small: 1e-5, large: 1e-3 } }).value; // 0.00001
   */
  dropdown<const T>(options: DropdownOptions<T>): Control<T>;
  /**
   * A button.
   *
   * @example
   * const go = widgets.button({ label: 'Train' });
   * display(go);
   * await go.next();
   */
  button(options?: LabelledOptions): Button;
  /** Yes or no: `widgets.checkbox({ label: 'shuffle', value: true })`. */
  checkbox(options?: CheckboxOptions): Control<boolean>;
  /** A line of text: `widgets.text({ label: 'prompt', placeholder: 'Ask something' })`. */
  text(options?: TextOptions): Control<string>;
  /** Widgets side by side: `widgets.row([beta, go])`. */
  row(children: readonly Widget[]): Container;
  /** Widgets below each other. */
  column(children: readonly Widget[]): Container;
  /**
   * A control with its own page side, shown if PyPI's `anywidget` is installed beside JupyterLab
   * (`pip install anywidget`).
   *
   * @example
   * const counter = widgets.custom({
   *   state: { count: 0 },
   *   esm: `export default { render({ model, el }) {
   *     const button = document.createElement('button');
   *     const show = () => (button.textContent = model.get('count'));
   *     button.onclick = () => { model.set('count', model.get('count') + 1); model.save_changes(); };
   *     model.on('change:count', show);
   *     show();
   *     el.append(button);
   *   } }`,
   * });
   * counter.onChange(({ count }) => console.log(count));
   */
  custom<State extends object>(options: CustomOptions<State>): CustomControl<State>;
}
