/** Values with a display method of their own: `[Symbol.for('Jupyter.display')]() => MimeBundle`. */
import { jupyterDisplay, type Displayable, type MimeBundle } from '../../src/core/display.js';
import type { Renderer } from './renderer.js';
import { inspectText } from './text.js';

type OwnDisplay = Displayable<MimeBundle | Promise<MimeBundle>>;

/** Calls the value's method. Throws what the method throws, and a TypeError if it returns something else than an object. */
export const ownRenderer: Renderer<OwnDisplay> = {
  matches(value): value is OwnDisplay {
    return (
      ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
      // Reading the property is not enough: a Proxy may return something for any name.
      jupyterDisplay in value &&
      typeof (value as Partial<OwnDisplay>)[jupyterDisplay] === 'function'
    );
  },
  render(value) {
    const bundle = value[jupyterDisplay]();
    return bundle instanceof Promise ? bundle.then(checked) : checked(bundle);
  },
};

function checked(bundle: unknown): MimeBundle {
  if (typeof bundle === 'object' && bundle !== null) return bundle as MimeBundle;
  throw new TypeError(
    `[Symbol.for('Jupyter.display')]() must return an object from media types to data, like { 'text/html': '<b>x</b>' }; it returned ${inspectText(bundle)}`,
  );
}
