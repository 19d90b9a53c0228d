/** What a layout adds to its traces: annotations, and shapes below and above them. */
import { numberOn, type Axis, type Scale } from './axis.js';
import { fieldsOf, listOf, numberOf, textOf, type Fields } from './fields.js';
import type { Box } from './legend.js';
import { dashOf } from './marks.js';
import { element, short, textAt } from './svg.js';

/** The axis with an id such as `x2`, if the figure has it. */
type FindAxis = (id: string) => { readonly axis: Axis; readonly scale: Scale } | undefined;

/** Pixels of a value on an axis; the reference names the axis, the plot (`paper`) or a panel (`x domain`). */
type ToPixel = (letter: 'x' | 'y', reference: unknown, value: unknown) => number;

/** The shapes below the traces, and the other shapes and the annotations above them, as SVG. */
export function decorate(
  layout: Fields,
  plot: Box,
  find: FindAxis,
  font: { size: number; color: string },
): { below: string; above: string } {
  const pixel = pixelsOn(plot, find);
  const shapes = listOf(layout.shapes).map(fieldsOf);
  const notes = listOf(layout.annotations).map(fieldsOf);
  const draw = (chosen: readonly Fields[]) => chosen.map((shape) => drawShape(shape, pixel)).join('');
  return {
    below: draw(shapes.filter(({ layer }) => layer === 'below')),
    above:
      draw(shapes.filter(({ layer }) => layer !== 'below')) +
      notes.map((note) => drawAnnotation(note, pixel, font)).join(''),
  };
}

function pixelsOn(plot: Box, find: FindAxis): ToPixel {
  return (letter, reference, value) => {
    const found = find(textOf(reference, letter));
    if (found !== undefined) return found.scale(numberOn(found.axis, value));
    const share = numberOf(value, NaN);
    const [from, to] = listOf(find(textOf(reference, '').split(' ')[0]!)?.axis.options.domain).map((end) =>
      numberOf(end, 0),
    );
    const inPlot = (from ?? 0) + share * ((to ?? 1) - (from ?? 0));
    return letter === 'x' ? plot.x + inPlot * plot.width : plot.y + (1 - inPlot) * plot.height;
  };
}

function drawShape(shape: Fields, pixel: ToPixel): string {
  const [x0, x1] = [pixel('x', shape.xref, shape.x0), pixel('x', shape.xref, shape.x1)];
  const [y0, y1] = [pixel('y', shape.yref, shape.y0), pixel('y', shape.yref, shape.y1)];
  if (![x0, x1, y0, y1].every(Number.isFinite)) return '';
  const line = fieldsOf(shape.line);
  const stroke = {
    stroke: textOf(line.color, '#444444'),
    'stroke-width': numberOf(line.width, 2),
    'stroke-dasharray': dashOf(textOf(line.dash, undefined)),
    opacity: numberOf(shape.opacity, undefined),
  };
  if (shape.type === 'line') {
    return element('path', { d: `M${short(x0)} ${short(y0)}L${short(x1)} ${short(y1)}`, ...stroke });
  }
  const fill = textOf(shape.fillcolor, 'none');
  const [left, top, width, height] = [Math.min(x0, x1), Math.min(y0, y1), Math.abs(x1 - x0), Math.abs(y1 - y0)];
  if (shape.type === 'circle') {
    const [rx, ry] = [width / 2, height / 2];
    return element('ellipse', { cx: left + rx, cy: top + ry, rx, ry, fill, ...stroke });
  }
  return element('rect', { x: left, y: top, width, height, fill, ...stroke });
}

const anchors = { left: 'start', right: 'end', center: 'middle', auto: 'middle' } as const;
const verticals = { top: 'top', bottom: 'bottom', middle: 'middle', auto: 'middle' } as const;

function drawAnnotation(note: Fields, pixel: ToPixel, font: { size: number; color: string }): string {
  const [x, y] = [pixel('x', note.xref, note.x), pixel('y', note.yref, note.y)];
  if (!Number.isFinite(x) || !Number.isFinite(y) || note.visible === false) return '';
  const noteFont = fieldsOf(note.font);
  const style = { size: numberOf(noteFont.size, font.size), color: textOf(noteFont.color, font.color) };
  const hasArrow = note.showarrow !== false;
  const [left, top] = hasArrow
    ? [x + numberOf(note.ax, -10), y + numberOf(note.ay, -30)]
    : [x + numberOf(note.xshift, 0), y - numberOf(note.yshift, 0)];
  const anchor = anchors[textOf(note.xanchor, 'auto') as keyof typeof anchors];
  const vertical = hasArrow ? 'bottom' : verticals[textOf(note.yanchor, 'auto') as keyof typeof verticals];
  const angle = numberOf(note.textangle, 0);
  const arrow = hasArrow
    ? element('path', { d: `M${short(left)} ${short(top)}L${short(x)} ${short(y)}`, stroke: style.color })
    : '';
  const turned = angle === 0 ? {} : { rotate: angle };
  return arrow + textAt(left, top, textOf(note.text, ''), { ...style, anchor, vertical, ...turned });
}
