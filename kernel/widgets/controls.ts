/** Controls as cells hold them: each a model with a layout and a style, and the methods of its type. */
import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { jupyterDisplay, type MimeBundle } from '../../src/core/display.js';
import type { Bytes } from '../messages/bytes.js';
import type { Listeners } from '../comms/listeners.js';
import { reference, type Model, type Models, type State } from './models.js';
import type { Look, ValueSpec } from './specs.js';
import type { Button, Container, Control, CustomControl, CustomOptions, LabelledOptions, Widget } from './types.js';

/** Modules of the page, by the versions of their models. */
const modules = { base: ['@jupyter-widgets/base', '2.0.0'], controls: ['@jupyter-widgets/controls', '2.0.0'] } as const;

/** The part of a state that says which classes of the page draw it. */
const classes = (
  module: keyof typeof modules,
  model: string,
  viewModule: keyof typeof modules,
  view: string,
): State => ({
  _model_module: modules[module][0],
  _model_module_version: modules[module][1],
  _model_name: model,
  _view_module: modules[viewModule][0],
  _view_module_version: modules[viewModule][1],
  _view_name: view,
});

/** A widget's model, and the models that are only its own and end with it. */
interface Opened {
  readonly model: Model;
  readonly parts: readonly Model[];
}

function openWidget(models: Models, state: State): Opened {
  const layout = models.open(classes('base', 'LayoutModel', 'base', 'LayoutView'));
  return { model: models.open({ ...state, layout: reference(layout.id) }), parts: [layout] };
}

function openControl(models: Models, { kind, style: styleName, state }: Look): Opened {
  const style = models.open(classes('controls', `${styleName}Model`, 'base', 'StyleView'));
  const own = classes('controls', `${kind}Model`, 'controls', `${kind}View`);
  const { model, parts } = openWidget(models, { ...own, ...state, style: reference(style.id) });
  return { model, parts: [...parts, style] };
}

abstract class ModelWidget implements Widget {
  protected readonly model: Model;
  readonly #parts: readonly Model[];

  protected constructor({ model, parts }: Opened) {
    this.model = model;
    this.#parts = parts;
  }

  get id(): string {
    return this.model.id;
  }

  get closed(): boolean {
    return this.model.closed;
  }

  close(): void {
    for (const model of [this.model, ...this.#parts]) model.close();
  }

  [jupyterDisplay](): MimeBundle {
    const text = { 'text/plain': this.text() };
    const view = { version_major: 2, version_minor: 0, model_id: this.id };
    return this.closed ? text : { 'application/vnd.jupyter.widget-view+json': view, ...text };
  }

  /** Also inside other values that are printed. */
  [inspect.custom](): string {
    return this.text();
  }

  protected abstract describe(): string;

  private text(): string {
    return this.closed ? `${this.describe()} (closed)` : this.describe();
  }
}

/** What has an own `disabled`. */
abstract class Enabled extends ModelWidget {
  get disabled(): boolean {
    return this.model.state.disabled === true;
  }

  set disabled(disabled: boolean) {
    void this.model.set({ disabled });
  }
}

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

/** Its page side is anywidget's: a model that runs the module in `_esm`. */
export class ModuleControl<S extends object> extends ModelWidget implements CustomControl<S> {
  readonly #names: ReadonlySet<string>;
  readonly #changes: Listeners<Partial<S>>;

  constructor(models: Models, { esm, css = '', state }: CustomOptions<S>) {
    const module = {
      _model_module: 'anywidget',
      _view_module: 'anywidget',
      _model_name: 'AnyModel',
      _view_name: 'AnyView',
    };
    const anyVersion = { _model_module_version: '*', _view_module_version: '*' };
    const own = { ...module, ...anyVersion, _esm: esm, _css: css, _anywidget_id: randomUUID() };
    const reserved = Object.keys(state ?? {}).filter((name) => name in own || name === 'layout');
    if (reserved.length > 0)
      throw new TypeError(`custom: ${reserved.join(', ')} is the model's own; name it otherwise.`);
    super(openWidget(models, { ...state, ...own }));
    this.#names = new Set([...Object.keys(own), 'layout']);
    this.#changes = this.model.changes.select((changes) => {
      const shared = this.#shared(changes);
      return Object.keys(shared).length === 0 ? [] : [shared];
    });
  }

  get state(): Readonly<S> {
    return this.#shared(this.model.state) as S;
  }

  set(changes: Partial<S>): void {
    void this.model.set(changes);
  }

  onChange(handler: (changes: Partial<S>) => unknown): () => void {
    return this.#changes.add(handler);
  }

  next(): Promise<Partial<S>> {
    return this.#changes.next();
  }

  [Symbol.asyncIterator](): AsyncIterator<Partial<S>> {
    return this.#changes[Symbol.asyncIterator]();
  }

  send(content: unknown, buffers: readonly Bytes[] = []): void {
    this.model.send(content, buffers);
  }

  onMessage(handler: (content: unknown, buffers: readonly Uint8Array[]) => unknown): () => void {
    return this.model.messages.add(({ content, buffers }) => handler(content, buffers));
  }

  protected describe(): string {
    return `Custom control ${inspect(this.state)} (a page shows it where \`pip install anywidget\` was run)`;
  }

  #shared(state: State): object {
    return Object.fromEntries(Object.entries(state).filter(([name]) => !this.#names.has(name)));
  }
}
