/** Draws axes: the backgrounds of their panels, grid lines, tick labels and titles. */
import { fieldsOf, numberOf, textOf, type Fields } from './fields.js';
import { panelBox, scaleOf, type DrawnAxis, type Font } from './geometry.js';
import type { Box } from './legend.js';
import type { Panels } from './panels.js';
import { element, short, textAt } from './svg.js';
import type { Tick } from './ticks.js';

/** The backgrounds of the panels; an axis laid over another one has none of its own. */
export function backgroundsOf(panels: Panels, plot: Box, layout: Fields): string[] {
  const boxes = new Map(panels.traces.map(({ x, y }) => [`${x.id} ${y.id}`, { x, y }]));
  return [...boxes.values()]
    .filter(({ y }) => y.options.overlaying === undefined)
    .map(({ x, y }) => element('rect', { ...panelBox(x, y, plot), fill: textOf(layout.plot_bgcolor, '#ffffff') }));
}

/** The grid lines of an axis, across each of its panels. */
export function gridOf(drawn: DrawnAxis, panels: Panels, plot: Box): string {
  const { axis, ticks } = drawn;
  const { options, letter, kind } = axis;
  if (options.visible === false || options.overlaying !== undefined) return '';
  const scale = scaleOf(drawn, plot);
  const boxes = new Map(
    panels.traces
      .filter(({ x, y }) => (letter === 'x' ? x : y) === axis)
      .map(({ x, y }) => [`${x.id} ${y.id}`, panelBox(x, y, plot)]),
  );
  const line = (box: Box, at: number, color: string) => {
    const pixel = short(scale(at));
    const d =
      letter === 'x'
        ? `M${pixel} ${short(box.y)}v${short(box.height)}`
        : `M${short(box.x)} ${pixel}h${short(box.width)}`;
    return element('path', { d, stroke: color, 'stroke-width': 1 });
  };
  const [low, high] = [Math.min(...drawn.range), Math.max(...drawn.range)];
  const shown = options.showgrid !== false && kind !== 'category' ? ticks : options.showgrid === true ? ticks : [];
  const zero = kind === 'linear' && options.zeroline !== false && low <= 0 && high >= 0;
  return [...boxes.values()]
    .flatMap((box) => [
      ...shown.map(({ at }) => line(box, at, textOf(options.gridcolor, '#e6e6e6'))),
      ...(zero ? [line(box, 0, textOf(options.zerolinecolor, '#999999'))] : []),
    ])
    .join('');
}

/** Tick labels, title and line of an axis, beside the panel to which it is anchored. */
export function labelsOf(drawn: DrawnAxis, axes: ReadonlyMap<string, DrawnAxis>, plot: Box, font: Font): string {
  const { axis, ticks, side, rotate, labels, title } = drawn;
  const { options, letter } = axis;
  if (options.visible === false) return '';
  const other =
    axes.get(textOf(options.anchor, letter === 'x' ? 'y' : 'x')) ??
    [...axes.values()].find((each) => each.axis.letter !== letter);
  const box =
    other === undefined ? plot : letter === 'x' ? panelBox(axis, other.axis, plot) : panelBox(other.axis, axis, plot);
  const scale = scaleOf(drawn, plot);
  const size = numberOf(fieldsOf(options.tickfont).size, font.size);
  const style = { size, color: textOf(fieldsOf(options.tickfont).color, font.color) };
  const edge = { bottom: box.y + box.height, top: box.y, left: box.x, right: box.x + box.width }[side];
  const label = {
    bottom: ({ at, label: text }: Tick) =>
      textAt(scale(at), edge + 6, text, rotate === 0 ? { ...style, anchor: 'middle' } : turned(style, rotate)),
    top: ({ at, label: text }: Tick) =>
      textAt(
        scale(at),
        edge - 6,
        text,
        rotate === 0
          ? { ...style, anchor: 'middle', vertical: 'bottom' }
          : { ...style, anchor: 'start', vertical: 'middle', rotate: -Math.abs(rotate) },
      ),
    left: ({ at, label: text }: Tick) =>
      textAt(edge - 6, scale(at), text, { ...style, anchor: 'end', vertical: 'middle' }),
    right: ({ at, label: text }: Tick) => textAt(edge + 6, scale(at), text, { ...style, vertical: 'middle' }),
  }[side];
  const named = {
    size: numberOf(fieldsOf(fieldsOf(options.title).font).size, font.size + 1),
    color: font.color,
    anchor: 'middle',
  } as const;
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const name = {
    bottom: () => textAt(middle.x, edge + labels + 2, title, named),
    top: () => textAt(middle.x, edge - labels - 2, title, { ...named, vertical: 'bottom' }),
    left: () => textAt(edge - labels - 4, middle.y, title, { ...named, rotate: -90, vertical: 'bottom' }),
    right: () => textAt(edge + labels + 4, middle.y, title, { ...named, rotate: 90, vertical: 'bottom' }),
  }[side];
  const border = options.showline === true ? borderOf(side, box, edge, textOf(options.linecolor, '#444444')) : '';
  return border + (options.showticklabels === false ? '' : ticks.map(label).join('')) + (title === '' ? '' : name());
}

const turned = (style: Font, rotate: number) =>
  ({ ...style, anchor: rotate < 0 ? 'end' : 'start', vertical: 'middle', rotate }) as const;

function borderOf(side: DrawnAxis['side'], box: Box, edge: number, color: string): string {
  const across = side === 'bottom' || side === 'top';
  const d = across
    ? `M${short(box.x)} ${short(edge)}h${short(box.width)}`
    : `M${short(edge)} ${short(box.y)}v${short(box.height)}`;
  return element('path', { d, stroke: color });
}
