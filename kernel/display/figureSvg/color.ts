/** Colours and colour scales as plotly names them. */
import { fieldsOf, listOf, numberOf, textOf, type Fields } from './fields.js';

type Rgb = readonly [number, number, number];
type Stop = readonly [share: number, color: string];
/** Stops of a colour scale, from share 0 to share 1, in ascending order. */
export type ColorScale = readonly Stop[];

/** plotly's colours of traces, in the order in which they are used. */
export const defaultColors = [
  '#1f77b4',
  '#ff7f0e',
  '#2ca02c',
  '#d62728',
  '#9467bd',
  '#8c564b',
  '#e377c2',
  '#7f7f7f',
  '#bcbd22',
  '#17becf',
];

/** A scale with evenly spaced stops. */
export const even = (...colors: string[]): ColorScale =>
  colors.map((color, index) => [index / (colors.length - 1), color]);

const scales = {
  Blues: even('#053061', '#2166ac', '#67a9cf', '#d1e5f0', '#f7fbff'),
  Cividis: even('#00204c', '#414d6b', '#7c7b78', '#bcaf6f', '#ffea46'),
  Greens: even('#00441b', '#238b45', '#74c476', '#c7e9c0', '#f7fcf5'),
  Greys: even('#000000', '#ffffff'),
  Hot: even('#000000', '#e60000', '#ffd200', '#ffffff'),
  Jet: even('#000083', '#003caa', '#05ffff', '#ffff00', '#fa0000', '#800000'),
  Plasma: even('#0d0887', '#7e03a8', '#cc4778', '#f89540', '#f0f921'),
  RdBu: even('#050aac', '#6a89f7', '#bebebe', '#dcaa84', '#e6915a', '#b20a1c'),
  Reds: even('#dcdcdc', '#f5c39d', '#f5a069', '#b20a1c'),
  Viridis: even('#440154', '#3b528b', '#21918c', '#5ec962', '#fde725'),
  YlGnBu: even('#081d58', '#225ea8', '#41b6c4', '#c7e9b4', '#ffffd9'),
  YlOrRd: even('#800026', '#e31a1c', '#fd8d3c', '#fed976', '#ffffcc'),
} satisfies Record<string, ColorScale>;

/** The scale that a trace names or lists; if it has none, the one that plotly chooses for these limits. */
export function colorScaleOf(options: Fields, low: number, high: number): ColorScale {
  const { colorscale, reversescale } = options;
  const stops = listOf(colorscale).flatMap((stop): Stop[] => {
    const [share, color] = listOf(stop);
    return typeof share === 'number' && typeof color === 'string' ? [[share, color]] : [];
  });
  const name = textOf(colorscale, '').replace(/_r$/, '');
  const named = Object.entries(scales).find(([known]) => known.toLowerCase() === name.toLowerCase())?.[1];
  const chosen =
    stops.length > 1 ? stops : (named ?? (low < 0 && high > 0 ? scales.RdBu : high <= 0 ? scales.Blues : scales.Reds));
  const reversed = (reversescale === true) !== textOf(colorscale, '').endsWith('_r');
  return reversed ? chosen.map(([share, color]): Stop => [1 - share, color]).reverse() : chosen;
}

/** The colour at a share from 0 to 1. Colours given by name can't be mixed: then it is the colour of the nearest stop. */
export function colorAt(scale: ColorScale, share: number): string {
  const place = Math.min(1, Math.max(0, share));
  const after = Math.max(
    1,
    scale.findIndex(([stop]) => stop >= place),
  );
  const [from, to] = [scale[after - 1]!, scale[after]!];
  const part = to[0] > from[0] ? (place - from[0]) / (to[0] - from[0]) : 0;
  const [first, second] = [parseColor(from[1]), parseColor(to[1])];
  if (first === undefined || second === undefined) return part < 0.5 ? from[1] : to[1];
  return `#${first.map((channel, index) => toHex(channel + (second[index]! - channel) * part)).join('')}`;
}

const toHex = (channel: number) => Math.round(channel).toString(16).padStart(2, '0');

/** The colour of text on a background of this colour: near-black or white, the one with more contrast. */
export function readableOn(color: string): string {
  const [red, green, blue] = parseColor(color) ?? [255, 255, 255];
  return 0.299 * red + 0.587 * green + 0.114 * blue < 140 ? '#ffffff' : '#222222';
}

function parseColor(color: string): Rgb | undefined {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(color)?.[1];
  if (hex !== undefined) {
    const step = hex.length / 3;
    const channel = (index: number) =>
      parseInt(hex.slice(index * step, (index + 1) * step).repeat(step === 1 ? 2 : 1), 16);
    return [channel(0), channel(1), channel(2)];
  }
  const parts = /^rgba?\(\s*([\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)/i.exec(color);
  return parts === null ? undefined : [Number(parts[1]), Number(parts[2]), Number(parts[3])];
}

const shades = 128;

/**
 * The colours of numbers: the scale, its limits (`zmin`, `cmax` and so on, or else the smallest and largest value), and
 * `colorOf` for one number. `prefix` is `z` for heat maps and `c` for markers.
 */
export function colorsOf(values: readonly number[], options: Fields, prefix: 'z' | 'c') {
  const finite = values.filter(Number.isFinite);
  const [least, most] = finite.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  );
  const middle = numberOf(options[`${prefix}mid`], undefined);
  const reach = middle === undefined ? 0 : Math.max(Math.abs(most - middle), Math.abs(middle - least));
  const low = numberOf(options[`${prefix}min`], middle === undefined ? least : middle - reach);
  const high = numberOf(options[`${prefix}max`], middle === undefined ? most : middle + reach);
  const scale = colorScaleOf(options, low, high);
  // With few shades, cells of one colour can share a path.
  const shareOf = (value: number) => (high > low ? Math.round(((value - low) / (high - low)) * shades) / shades : 0.5);
  const colorOf = (value: number) => colorAt(scale, shareOf(value));
  return { low, high, scale, colorOf, title: fieldsOf(options.colorbar).title };
}
