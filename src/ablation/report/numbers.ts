/** How numbers are written: with their sign, one decimal, and a true minus only where the text is typeset. */
import type { Interval } from './statistics.js';

/** `+3.4`, `-0.6`, `0.0`: a change in points. */
export function signed(value: number): string {
  const text = value.toFixed(1);
  if (Number(text) === 0) return '0.0';
  return value > 0 ? `+${text}` : text;
}

/** `[+1.2, +5.6]`. */
export function formatInterval({ low, high }: Interval): string {
  return `[${signed(low)}, ${signed(high)}]`;
}

/** `48 s`, `3 min 5 s`, `1 h 2 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.round((whole % 3600) / 60)} min`;
}
