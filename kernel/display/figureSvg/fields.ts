/** Reads the fields of figures, which are unchecked JSON: a wrong type counts as missing. */

/** An object of unknown fields. */
export type Fields = Readonly<Record<string, unknown>>;

/** The value itself if it is an object, else an object without fields. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** The value itself if it is an array, else an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A finite number, or text that is one; else `otherwise`. */
export function numberOf<T>(value: unknown, otherwise: T): number | T {
  const number = typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? +value : NaN;
  return Number.isFinite(number) ? number : otherwise;
}

/** A string, or a number as a string; else `otherwise`. */
export function textOf<T>(value: unknown, otherwise: T): string | T {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : otherwise;
}

/** A value as the name of a category: text as it is, anything else as JSON. */
export function nameOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The text of a title, which is `'T'` or `{ text: 'T' }`; empty if there is none. */
export function titleOf(value: unknown): string {
  return textOf(fieldsOf(value).text, textOf(value, ''));
}

/** The item of a list; a value that is not a list is the same for every index. */
export function itemOf(value: unknown, index: number): unknown {
  return Array.isArray(value) ? (value as unknown[])[index] : value;
}

/**
 * Formats a number. Of d3's formats it supports those that charts use: `.2f`, `,.0f`, `.0%`, `.3g`, `.1e`, `d`, `s`, each also
 * after a `+`. Any other format gives six digits.
 *
 * @example
 * formatNumber(0.256, '.0%'); // '26%'
 */
export function formatNumber(value: number, format: string): string {
  const [, sign = '', comma = '', digits, kind = ''] = /^([+ ]?)(,?)(?:\.(\d+))?~?([a-z%]?)$/.exec(format) ?? [];
  const places = digits === undefined ? undefined : Number(digits);
  const write = Object.hasOwn(numberFormats, kind) ? numberFormats[kind as keyof typeof numberFormats] : general;
  const text = write(value, places);
  const grouped = comma === '' ? text : text.replace(/^(-?\d+)/, (whole) => Number(whole).toLocaleString('en-US'));
  return `${sign === '+' && value >= 0 ? '+' : ''}${grouped}`;
}

const general = (value: number, places?: number) => String(Number(value.toPrecision(places ?? 6)));

const numberFormats = {
  '': general,
  g: general,
  r: general,
  f: (value: number, places = 6) => value.toFixed(places),
  e: (value: number, places = 6) => value.toExponential(places),
  d: (value: number) => value.toFixed(0),
  '%': (value: number, places = 6) => `${(value * 100).toFixed(places)}%`,
  s: (value: number, places = 6) => {
    const [factor, unit] = units.find(([least]) => Math.abs(value) >= least) ?? [1, ''];
    return `${general(value / factor, places)}${unit}`;
  },
};

const units: readonly (readonly [number, string])[] = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
];

/** Replaces `%{x:.2f}` and `%{text}` by the values of these names; an unknown name gives an empty text. */
export function fillTemplate(template: string, values: Fields): string {
  return template.replace(/%\{(\w+)(?::([^}]*))?\}/g, (_, name: string, format?: string) => {
    const value = values[name];
    if (typeof value === 'number') return formatNumber(value, format ?? '');
    return textOf(value, '');
  });
}
