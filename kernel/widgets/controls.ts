/** Controls as cells hold them: with a value, with clicks, or with other widgets inside. */
import { inspect } from 'node:util';
import type { Listeners } from '../comms/listeners.js';
import { reference, type Models } from './models.js';
import { classes, Enabled, ModelWidget, openControl, openWidget } from './modelWidget.js';
import type { ValueSpec } from './specs.js';
import type { Button, Container, Control, LabelledOptions, Widget } from './types.js';

/** A control with a value, drawn and stored as its spec says. */
export class ValueControl<T> extends Enabled implements Control<T> {
  readonly #values: Listeners<T>;
  readonly #spec: ValueSpec<T>;

  constructor(models: Models, spec: ValueSpec<T>, { label = '', disabled = false }: LabelledOptions) {
    super(openControl(models, { ...spec, state: { ...spec.state, description: label, disabled } }));
    this.#spec = spec;
    let last = this.value;
    this.#values = this.model.changes.select(() => {
      const { value } = this;
      if (Object.is(value, last)) return [];
      last = value;
      return [value];
    });
  }

  get value(): T {
    return this.#spec.read(this.model.state);
  }

  set value(value: T) {
    void this.model.set(this.#spec.write(value));
  }

  onChange(handler: (value: T) => unknown): () => void {
    return this.#values.add(handler);
  }

  next(): Promise<T> {
    return this.#values.next();
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    return this.#values[Symbol.asyncIterator]();
  }

  protected describe(): string {
    const { description } = this.model.state;
    return `${this.#spec.kind}${description === '' ? '' : ` '${String(description)}'`}: ${inspect(this.value)}`;
  }
}

/** A button that counts its clicks. */
export class ClickButton extends Enabled implements Button {
  readonly #clicks: Listeners<number>;
  #count = 0;

  constructor(models: Models, { label = '', disabled = false }: LabelledOptions) {
    super(openControl(models, { kind: 'Button', style: 'ButtonStyle', state: { description: label, disabled } }));
    this.#clicks = this.model.messages.select(({ content }) => {
      const isClick =
        typeof content === 'object' && content !== null && 'event' in content && content.event === 'click';
      return isClick ? [(this.#count += 1)] : [];
    });
  }

  get clicks(): number {
    return this.#count;
  }

  onClick(handler: (clicks: number) => unknown): () => void {
    return this.#clicks.add(handler);
  }

  next(): Promise<number> {
    return this.#clicks.next();
  }

  [Symbol.asyncIterator](): AsyncIterator<number> {
    return this.#clicks[Symbol.asyncIterator]();
  }

  protected describe(): string {
    return `Button '${String(this.model.state.description)}': ${this.#count} clicks`;
  }
}

/** A row or a column of widgets. */
export class Box extends ModelWidget implements Container {
  readonly #kind: 'HBox' | 'VBox';
  #children: readonly Widget[];

  constructor(models: Models, kind: 'HBox' | 'VBox', children: readonly Widget[]) {
    const own = classes('controls', `${kind}Model`, 'controls', `${kind}View`);
    super(openWidget(models, { ...own, children: referencesTo(children) }));
    this.#kind = kind;
    this.#children = [...children];
  }

  get children(): readonly Widget[] {
    return this.#children;
  }

  set children(children: readonly Widget[]) {
    void this.model.set({ children: referencesTo(children) });
    this.#children = [...children];
  }

  protected describe(): string {
    return `${this.#kind} ${inspect(this.#children)}`;
  }
}

const referencesTo = (children: readonly Widget[]) => children.map(({ id }) => reference(id));
