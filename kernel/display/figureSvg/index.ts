/**
 * A plotly figure as a picture, for front ends without plotly: lines and points, bars, histograms, heat maps and boxes on axes,
 * with titles, legend and annotations. The picture names what it leaves out. A pure function from a figure to SVG text.
 */
import { reasonOf } from '../text.js';
import { gridOf, backgroundsOf, labelsOf } from './axisDrawing.js';
import { decorate } from './decorations.js';
import { fieldsOf, numberOf, textOf, type Fields } from './fields.js';
import {
  axesOf,
  fit,
  gap,
  isBeside,
  panelBox,
  plotBox,
  rightOf,
  scaleOf,
  titleSize,
  titleText,
  type DrawnAxis,
  type Font,
} from './geometry.js';
import { colorBarsOf, legendOf, type Box } from './legend.js';
import { drawMark } from './marks.js';
import { arrange, type DrawnTrace } from './panels.js';
import { element, lineHeight, short, textAt } from './svg.js';
import { traceKinds } from './traces.js';

const smallest = 120;
const largest = 3000;
const titleTop = 14;

/**
 * The figure as SVG of the layout's width and height, 700 x 450 pixels by default. Never throws: a figure that can't be drawn
 * gives a picture that says so.
 *
 * @example
 * figureSvg({ data: [{ type: 'bar', x: ['a', 'b'], y: [1, 2] }], layout: { title: { text: 'Counts' } } });
 */
export function figureSvg(figure: { readonly data: readonly unknown[]; readonly layout: Fields }): string {
  try {
    return drawFigure(figure.data, figure.layout);
  } catch (error) {
    return frame(700, smallest, {}, [
      textAt(16, 40, `This figure can only be drawn by plotly (${reasonOf(error)}).`, { size: 13, color: '#444444' }),
    ]);
  }
}

function drawFigure(data: readonly unknown[], layout: Fields): string {
  const font: Font = {
    size: numberOf(fieldsOf(layout.font).size, 12),
    color: textOf(fieldsOf(layout.font).color, '#444444'),
  };
  const width = clamp(numberOf(layout.width, 700));
  const panels = arrange(data, layout);
  const height =
    panels.traces.length === 0 && layout.height === undefined ? smallest : clamp(numberOf(layout.height, 450));

  // The labels' positions depend on the plot's size, and its size on the labels: two passes are enough.
  let plot = plotBox(layout, width, height);
  for (let pass = 0; pass < 2; pass++) plot = fit(plot, panels, layout, font, width, height);
  const axes = axesOf(panels, plot, font);

  const legend = legendOf(panels.traces, layout, font, plot.width);
  const legendPlace = legend === undefined ? undefined : placeLegend(layout, plot, legend.height, axes, font);
  const bars = colorBarsOf(panels.traces, font, Math.min(plot.height, 260));
  const legendWidth = legend !== undefined && isBeside(fieldsOf(layout.legend)) ? legend.width + 8 : 0;
  let right = plot.x + plot.width + rightOf(axes, font) + 12 + legendWidth;
  const drawnBars = bars.map((bar) => {
    const drawn = bar.at(right, plot.y);
    right += bar.width + 12;
    return drawn;
  });

  const noteTop = Math.max(height, legend === undefined ? 0 : (legendPlace?.y ?? 0) + legend.height + 4);
  const noteSize = panels.traces.length === 0 ? font.size + 1 : font.size - 1;
  const notes = panels.notes.map((note, index) =>
    textAt(gap, noteTop + 4 + index * noteSize * lineHeight, `(${note})`, { size: noteSize, color: font.color }),
  );
  const total = noteTop + (notes.length === 0 ? 0 : notes.length * noteSize * lineHeight + 10);
  const pictures = panels.traces.toSorted(byLayer).map(({ marks, x, y }) => {
    const canvas = { x: scaleOf(axes.get(x.id)!, plot), y: scaleOf(axes.get(y.id)!, plot), ...font };
    // An inner <svg> clips at its edges. A clipPath would need an id, which may not be unique on the page.
    const box = grown(panelBox(x, y, plot), 6);
    const view = [box.x, box.y, box.width, box.height].map(short).join(' ');
    return element('svg', { ...box, viewBox: view }, ...marks.map((mark) => drawMark(mark, canvas)));
  });
  const decorated = decorate(
    layout,
    plot,
    (id) => {
      const drawn = axes.get(id);
      return drawn === undefined ? undefined : { axis: drawn.axis, scale: scaleOf(drawn, plot) };
    },
    font,
  );
  return frame(width, total, layout, [
    ...backgroundsOf(panels, plot, layout),
    ...[...axes.values()].map((axis) => gridOf(axis, panels, plot)),
    decorated.below,
    ...pictures,
    ...[...axes.values()].map((axis) => labelsOf(axis, axes, plot, font)),
    titleAt(layout, plot, width, font),
    decorated.above,
    ...(legend === undefined || legendPlace === undefined ? [] : [legend.at(legendPlace.x, legendPlace.y)]),
    ...drawnBars,
    ...notes,
  ]);
}

const byLayer = (a: DrawnTrace, b: DrawnTrace) => traceKinds[a.type].layer - traceKinds[b.type].layer;

const clamp = (pixels: number) => Math.min(largest, Math.max(smallest, pixels));
const grown = ({ x, y, width, height }: Box, by: number) => ({
  x: x - by,
  y: y - by,
  width: width + 2 * by,
  height: height + 2 * by,
});

function frame(width: number, height: number, layout: Fields, content: readonly string[]): string {
  const size = { width, height, viewBox: `0 0 ${short(width)} ${short(height)}` };
  const family = textOf(fieldsOf(layout.font).family, 'Open Sans, verdana, arial, sans-serif');
  const style = 'max-width: 100%; height: auto';
  const paper = element('rect', { width, height, fill: textOf(layout.paper_bgcolor, '#ffffff') });
  return element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', ...size, style, 'font-family': family },
    paper,
    ...content,
  );
}

function titleAt(layout: Fields, plot: Box, width: number, font: Font): string {
  const title = titleText(layout, font, width);
  if (title === '') return '';
  const options = fieldsOf(layout.title);
  const share = numberOf(options.x, 0.5);
  const x = options.xref === 'paper' ? plot.x + share * plot.width : share * width;
  const anchor =
    options.xanchor === 'left' || (options.xanchor === undefined && share < 1 / 3)
      ? 'start'
      : options.xanchor === 'right' || share > 2 / 3
        ? 'end'
        : 'middle';
  const size = titleSize(layout, font);
  return textAt(x, titleTop, title, {
    size,
    color: textOf(fieldsOf(options.font).color, font.color),
    anchor,
  });
}

function placeLegend(
  layout: Fields,
  plot: Box,
  height: number,
  axes: ReadonlyMap<string, DrawnAxis>,
  font: Font,
): { x: number; y: number } {
  const options = fieldsOf(layout.legend);
  const isRow = options.orientation === 'h';
  const below = Math.max(
    0,
    ...[...axes.values()]
      .filter(({ side }) => side === 'bottom')
      .map((each) => each.labels + (each.title === '' ? 0 : 22)),
  );
  const x = plot.x + numberOf(options.x, isRow ? 0 : 1.02) * plot.width;
  const share = numberOf(options.y, isRow ? -0.1 : 1);
  const y = plot.y + (1 - share) * plot.height;
  if (share < 0) return { x, y: Math.max(y, plot.y + plot.height + below + 4) };
  if (share > 1 && isRow) return { x, y: Math.max(gap + 26, y - height) };
  const rise = options.yanchor === 'bottom' ? height : options.yanchor === 'middle' ? height / 2 : 0;
  return {
    x: numberOf(options.x, 1.02) > 1 ? plot.x + plot.width + rightOf(axes, font) + 12 : x + 4,
    y: y - rise,
  };
}
