/** SVG elements, and text with the few tags that plotly supports. */
import { escapeHtml } from '../../../src/core/html.js';

/** Attributes of an element; those that are undefined are left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element as text, escaped: `element('rect', { x: 1 })` is `<rect x="1"/>`. `content` is SVG and not escaped. */
export function element(name: string, attributes: Attributes, ...content: readonly string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? short(value) : escapeHtml(value ?? '')}"`);
  const start = `<${name}${written.join('')}`;
  return content.length === 0 ? `${start}/>` : `${start}>${content.join('')}</${name}>`;
}

/** A number with at most one decimal: tenths of a pixel are precise enough. `0` if it is not finite. */
export const short = (value: number) => (Number.isFinite(value) ? String(Number(value.toFixed(1))) : '0');

/** Average width of a letter in a common sans-serif font, per pixel of font size. Text can't be measured without a browser. */
const letterWidth = 0.56;
/** Distance between lines, per pixel of font size. */
export const lineHeight = 1.25;

/** The lines of a text, which `<br>` or a newline ends. */
export const linesOf = (text: string) => text.split(/<br\s*\/?>|\n/i);

/** The estimated width of the longest line, in pixels. */
export function textWidth(text: string, size: number): number {
  return Math.max(...linesOf(text).map((line) => plain(line).length)) * size * letterWidth;
}

/** Breaks text between words, by `<br>`, so that lines are about `width` pixels at most. */
export function wrapped(text: string, size: number, width: number): string {
  if (textWidth(text, size) <= width) return text;
  const lines = [''];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)!} ${word}`.trim();
    if (lines.at(-1) !== '' && textWidth(longer, size) > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines.join('<br>');
}

/** Text without tags, cut to a number of characters. */
export function plain(text: string, length = Infinity): string {
  const bare = text.replace(/<[^<>]*>/g, '');
  return bare.length <= length ? bare : `${bare.slice(0, length - 1)}…`;
}

/** How text looks, and how it is aligned to its point. */
export interface TextStyle {
  readonly size: number;
  readonly color: string;
  /** The part of the text that is at the point; `start` and `top` by default. */
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly vertical?: 'top' | 'middle' | 'bottom';
  /** Degrees, clockwise. */
  readonly rotate?: number;
  readonly bold?: boolean;
}

/** A `<text>` element at a point. It keeps `<b>`, `<i>`, `<sub>`, `<sup>` and `<br>` and drops other tags. */
export function textAt(x: number, y: number, text: string, style: TextStyle): string {
  const { size, color, anchor = 'start', vertical = 'top', rotate } = style;
  const lines = linesOf(text);
  const height = (lines.length - 1) * size * lineHeight;
  const rise = { top: size * 0.85, middle: size * 0.35 - height / 2, bottom: -height - size * 0.15 }[vertical];
  const spans = lines.map((line, index) =>
    lines.length === 1
      ? spansOf(line)
      : element('tspan', { x, y: y + rise + index * size * lineHeight }, spansOf(line)),
  );
  return element(
    'text',
    {
      x,
      y: y + rise,
      'font-size': size,
      fill: color,
      'text-anchor': anchor === 'start' ? undefined : anchor,
      'font-weight': style.bold === true ? 'bold' : undefined,
      transform: rotate === undefined ? undefined : `rotate(${short(rotate)} ${short(x)} ${short(y)})`,
    },
    spans.join(''),
  );
}

const tags: Readonly<Record<string, Attributes>> = {
  b: { 'font-weight': 'bold' },
  strong: { 'font-weight': 'bold' },
  i: { 'font-style': 'italic' },
  em: { 'font-style': 'italic' },
  sub: { 'baseline-shift': 'sub', 'font-size': '70%' },
  sup: { 'baseline-shift': 'super', 'font-size': '70%' },
};

function spansOf(line: string): string {
  let open: string[] = [];
  return line
    .split(/(<\/?[a-z]+[^<>]*>)/i)
    .map((part) => {
      const [, closing, name = ''] = /^<(\/?)([a-z]+)[^<>]*>$/i.exec(part) ?? [];
      if (closing === undefined) {
        const style = Object.assign({}, ...open.map((tag) => tags[tag] ?? {})) as Attributes;
        const text = escapeHtml(
          part.replace(/&(amp|lt|gt|quot|nbsp);/g, (_, entity: string) => entities[entity] ?? ''),
        );
        return text === '' || Object.keys(style).length === 0 ? text : element('tspan', style, text);
      }
      open = closing === '' ? [...open, name.toLowerCase()] : open.filter((tag) => tag !== name.toLowerCase());
      return '';
    })
    .join('');
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: '\u00a0' };
