import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import type { Listeners } from '../comms/listeners.js';
import type { Bytes } from '../messages/bytes.js';
import type { Models, State } from './models.js';
import { ModelWidget, openWidget } from './modelWidget.js';
import type { CustomControl, CustomOptions } from './types.js';

/** A control on anywidget's model, which runs the module in `_esm` on the page. Throws a TypeError if the state has a reserved name. */
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
      throw new TypeError(`custom: the name ${reserved.join(', ')} is reserved for the model; use another one.`);
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
    return `Custom control ${inspect(this.state)} (a page shows it after \`pip install anywidget\`)`;
  }

  #shared(state: State): object {
    return Object.fromEntries(Object.entries(state).filter(([name]) => !this.#names.has(name)));
  }
}
