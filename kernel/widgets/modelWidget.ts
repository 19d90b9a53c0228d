/** What all controls have in common: a model with a layout and a style, closing, and showing. */
import { inspect } from 'node:util';
import { jupyterDisplay, type MimeBundle } from '../../src/core/display.js';
import { reference, type Model, type Models, type State } from './models.js';
import type { Look } from './specs.js';
import type { Widget } from './types.js';

/** The page's modules, with the versions of their models. */
const modules = { base: ['@jupyter-widgets/base', '2.0.0'], controls: ['@jupyter-widgets/controls', '2.0.0'] } as const;

/** The part of a state that names the page's classes which draw it. */
export const classes = (
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

/** A widget's model, and the models that belong to it and are closed with it. */
export interface Opened {
  readonly model: Model;
  readonly parts: readonly Model[];
}

/** Opens a model and its layout. */
export function openWidget(models: Models, state: State): Opened {
  const layout = models.open(classes('base', 'LayoutModel', 'base', 'LayoutView'));
  return { model: models.open({ ...state, layout: reference(layout.id) }), parts: [layout] };
}

/** Opens a control's model, its layout and its style. */
export function openControl(models: Models, { kind, style: styleName, state }: Look): Opened {
  const style = models.open(classes('controls', `${styleName}Model`, 'base', 'StyleView'));
  const own = classes('controls', `${kind}Model`, 'controls', `${kind}View`);
  const { model, parts } = openWidget(models, { ...own, ...state, style: reference(style.id) });
  return { model, parts: [...parts, style] };
}

/** A widget on a model. */
export abstract class ModelWidget implements Widget {
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

  /** Used inside other values that are printed. */
  [inspect.custom](): string {
    return this.text();
  }

  protected abstract describe(): string;

  private text(): string {
    return this.closed ? `${this.describe()} (closed)` : this.describe();
  }
}

/** A widget that can be disabled. */
export abstract class Enabled extends ModelWidget {
  get disabled(): boolean {
    return this.model.state.disabled === true;
  }

  set disabled(disabled: boolean) {
    void this.model.set({ disabled });
  }
}
