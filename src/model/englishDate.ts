/** Dates in English, as Python's strftime writes them: chat templates need the same words on every machine. */

const padded = (value: number) => String(value).padStart(2, '0');
const english = (options: Intl.DateTimeFormatOptions) => (date: Date) =>
  new Intl.DateTimeFormat('en-US', options).format(date);

const directives: Readonly<Record<string, (date: Date) => string>> = {
  Y: (date) => String(date.getFullYear()),
  y: (date) => padded(date.getFullYear() % 100),
  m: (date) => padded(date.getMonth() + 1),
  d: (date) => padded(date.getDate()),
  B: english({ month: 'long' }),
  b: english({ month: 'short' }),
  A: english({ weekday: 'long' }),
  a: english({ weekday: 'short' }),
  H: (date) => padded(date.getHours()),
  I: (date) => padded(date.getHours() % 12 === 0 ? 12 : date.getHours() % 12),
  p: (date) => (date.getHours() < 12 ? 'AM' : 'PM'),
  M: (date) => padded(date.getMinutes()),
  S: (date) => padded(date.getSeconds()),
  '%': () => '%',
};

/**
 * A date in local time, by a format of strftime. Unknown directives stay unchanged.
 *
 * @example
 * englishDate(new Date(2024, 6, 26), '%d %b %Y'); // '26 Jul 2024'
 */
export function englishDate(date: Date, format: string): string {
  return format.replace(/%(.)/g, (text, directive: string) => directives[directive]?.(date) ?? text);
}
