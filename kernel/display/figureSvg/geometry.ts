/** The positions of a figure's parts: margins with room for labels, panels, and the scales of their axes. */
import { domainOf, type Axis, type Scale } from './axis.js';
import { fieldsOf, numberOf, textOf, titleOf, type Fields } from './fields.js';
import { colorBarsOf, legendOf, type Box } from './legend.js';
import type { Panels } from './panels.js';
import { lineHeight, linesOf, plain, textWidth, wrapped } from './svg.js';
import { ticksOf, type Tick } from './ticks.js';

/** Font size in pixels, and colour. */
export interface Font {
  readonly size: number;
  readonly color: string;
}

/** An axis with everything that depends on the size of the plot. */
export interface DrawnAxis {
  readonly axis: Axis;
  /** The numbers at its first and last pixel. */
  readonly range: readonly [number, number];
  readonly ticks: readonly Tick[];
  readonly side: 'left' | 'right' | 'top' | 'bottom';
  /** Rotation of the labels in degrees; not 0 if they would overlap. */
  readonly rotate: number;
  /** Pixels that the labels take beside the panel. */
  readonly labels: number;
  readonly title: string;
}

/** Pixels between the parts of a figure. */
export const gap = 8;
const longestLabel = 28;

/** The plot inside the layout's margins. */
export function plotBox(layout: Fields, width: number, height: number): Box {
  const margin = fieldsOf(layout.margin);
  const side = (name: 'l' | 'r' | 't' | 'b', otherwise: number) => numberOf(margin[name], otherwise);
  const [left, right, top, bottom] = [
    side('l', 60),
    side('r', 30),
    side('t', titleOf(layout.title) === '' ? 30 : 60),
    side('b', 50),
  ];
  return { x: left, y: top, width: Math.max(40, width - left - right), height: Math.max(40, height - top - bottom) };
}

/** The plot with margins that are large enough for labels, legend and colour bars. */
export function fit(plot: Box, panels: Panels, layout: Fields, font: Font, width: number, height: number): Box {
  const axes = [...axesOf(panels, plot, font).values()];
  const taken = (side: DrawnAxis['side']) =>
    Math.max(
      0,
      ...axes
        .filter((each) => each.side === side && isOutside(each, panels))
        .map((each) => each.labels + titleRoom(each, font)),
    );
  const legend = legendOf(panels.traces, layout, font, plot.width);
  const options = fieldsOf(layout.legend);
  const beside = legend !== undefined && isBeside(options) ? legend.width + 16 : 0;
  const bars = colorBarsOf(panels.traces, font, plot.height).reduce((sum, bar) => sum + bar.width + 20, 0);
  const base = plotBox(layout, width, height);
  const left = Math.max(base.x, taken('left') + gap);
  const right = Math.max(width - base.x - base.width, taken('right') + gap + beside + bars, lastLabel(axes) + gap);
  const title = titleText(layout, font, width);
  const titleHeight = title === '' ? 0 : titleSize(layout, font) * lineHeight * linesOf(title).length + gap;
  const top = Math.max(base.y, taken('top') + titleHeight);
  const bottom = Math.max(height - base.y - base.height, taken('bottom') + gap);
  return { x: left, y: top, width: Math.max(40, width - left - right), height: Math.max(40, height - top - bottom) };
}

/** True if a legend with these options is to the right of the plot. */
export const isBeside = (options: Fields) => options.orientation !== 'h' && numberOf(options.x, 1.02) >= 1;

/** True if the axis is at the edge of the plot, false if it is between panels. */
function isOutside({ axis, side }: DrawnAxis, { axes }: Panels): boolean {
  const other = axes.get(textOf(axis.options.anchor, axis.letter === 'x' ? 'y' : 'x'))?.axis;
  const [from, to] = domainOf(other?.options ?? {});
  return side === 'left' || side === 'bottom' ? from < 0.02 : to > 0.98;
}

const lastLabel = (axes: readonly DrawnAxis[]) =>
  Math.max(
    0,
    ...axes
      .filter(({ axis, rotate }) => axis.letter === 'x' && rotate === 0)
      .map(({ ticks }) => textWidth(ticks.at(-1)?.label ?? '', 12) / 2 - 8),
  );

const titleRoom = ({ title }: DrawnAxis, { size }: Font) =>
  title === '' ? 0 : linesOf(title).length * size * lineHeight + 6;

/** Width of the axes on the right, in pixels. */
export function rightOf(axes: ReadonlyMap<string, DrawnAxis>, font: Font): number {
  return Math.max(
    0,
    ...[...axes.values()].filter(({ side }) => side === 'right').map((each) => each.labels + titleRoom(each, font)),
  );
}

/** The axes on a plot of this size, by id. */
export function axesOf(panels: Panels, plot: Box, font: Font): Map<string, DrawnAxis> {
  return new Map(
    [...panels.axes].map(([id, { axis, range }]): [string, DrawnAxis] => {
      const { options, letter } = axis;
      const pixels = lengthOf(axis, plot);
      const size = numberOf(fieldsOf(options.tickfont).size, font.size);
      const ticks = ticksOf(axis, range, pixels, letter === 'x' ? 70 : 36).map(({ at, label }) => ({
        at,
        label: label.length > longestLabel ? plain(label, longestLabel) : label,
      }));
      const hidden = options.visible === false || options.showticklabels === false;
      const widest = Math.max(0, ...ticks.map(({ label }) => textWidth(label, size)));
      const room = pixels / Math.max(1, ticks.length);
      const given = numberOf(options.tickangle, undefined);
      const rotate = letter === 'y' ? 0 : (given ?? (widest + 6 > room ? (room < size * 1.6 ? -90 : -35) : 0));
      const radians = (Math.abs(rotate) * Math.PI) / 180;
      const across = letter === 'y' ? widest : Math.sin(radians) * widest + Math.cos(radians) * size * 1.2;
      const side = sideOf(axis);
      const labels = hidden ? 4 : across + 10;
      return [
        id,
        {
          axis,
          range,
          ticks,
          side,
          rotate,
          labels,
          title: options.visible === false ? '' : wrapped(titleOf(options.title), font.size + 1, pixels * 1.1),
        },
      ];
    }),
  );
}

function sideOf({ letter, options }: Axis): DrawnAxis['side'] {
  const side = textOf(options.side, '');
  if (letter === 'x') return side === 'top' ? 'top' : 'bottom';
  return side === 'right' ? 'right' : 'left';
}

const lengthOf = (axis: Axis, plot: Box) =>
  (domainOf(axis.options)[1] - domainOf(axis.options)[0]) * (axis.letter === 'x' ? plot.width : plot.height);

/** The panel of two axes, in pixels. */
export function panelBox(x: Axis, y: Axis, plot: Box): Box {
  const [[left, right], [low, high]] = [domainOf(x.options), domainOf(y.options)];
  return {
    x: plot.x + left * plot.width,
    y: plot.y + (1 - high) * plot.height,
    width: (right - left) * plot.width,
    height: (high - low) * plot.height,
  };
}

/** The function from numbers of an axis to pixels. */
export function scaleOf({ axis, range: [first, last] }: DrawnAxis, plot: Box): Scale {
  const [from, to] = domainOf(axis.options);
  const share = (value: number) => from + ((value - first) / (last - first)) * (to - from);
  return axis.letter === 'x'
    ? (value: number) => plot.x + share(value) * plot.width
    : (value: number) => plot.y + (1 - share(value)) * plot.height;
}

/** The figure's title, broken into lines that fit its width. */
export const titleText = (layout: Fields, font: Font, width: number) =>
  wrapped(titleOf(layout.title), titleSize(layout, font), width - 2 * gap);

/** Font size of the figure's title, in pixels. */
export const titleSize = (layout: Fields, font: Font) =>
  numberOf(fieldsOf(fieldsOf(layout.title).font).size, font.size + 5);
