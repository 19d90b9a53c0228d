/** Templates: plotly's defaults of a layout. The picture draws them, too. */
import { fieldsOf, type Fields } from './fields.js';

const axisName = /^([xy]axis)\d*$/;

/**
 * The layout with what its template says and the layout itself does not. A template's `xaxis` is the default of every x axis.
 *
 * @example
 * withTemplate({ xaxis2: {}, template: { layout: { xaxis: { color: 'red' } } } }).xaxis2; // { color: 'red' }
 */
export function withTemplate(layout: Fields): Fields {
  const defaults = fieldsOf(fieldsOf(layout.template).layout);
  const axes = Object.keys(layout).filter((name) => axisName.test(name));
  const ofAxes = axes.map((name) => [name, fieldsOf(defaults[axisName.exec(name)![1]!])] as const);
  return merged({ ...defaults, ...Object.fromEntries(ofAxes) }, layout);
}

/** Both objects' fields, at any depth; those of `own` go first. A list is one value. */
function merged(defaults: Fields, own: Fields): Fields {
  const entries = Object.entries(own)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => {
      const both = isFields(value) && isFields(defaults[name]);
      return [name, both ? merged(fieldsOf(defaults[name]), value) : value] as const;
    });
  return { ...defaults, ...Object.fromEntries(entries) };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
