/** The global `widgets`: controls in a notebook, on the page's ipywidgets models. */
import type { Comms } from '../comms/comm.js';
import { Box, ClickButton, ValueControl } from './controls.js';
import { ModuleControl } from './moduleControl.js';
import { createModels } from './models.js';
import { specs } from './specs.js';
import type { Widgets } from './types.js';

/** Controls whose models live in these comms. */
export function createWidgets(comms: Comms): Widgets {
  const models = createModels(comms);
  return {
    slider: (options = {}) => new ValueControl(models, specs.slider(options), options),
    dropdown: (options) => new ValueControl(models, specs.dropdown(options), options),
    checkbox: (options = {}) => new ValueControl(models, specs.checkbox(options), options),
    text: (options = {}) => new ValueControl(models, specs.text(options), options),
    button: (options = {}) => new ClickButton(models, options),
    row: (children) => new Box(models, 'HBox', children),
    column: (children) => new Box(models, 'VBox', children),
    custom: (options) => new ModuleControl(models, options),
  };
}
