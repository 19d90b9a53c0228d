/** How changes, intervals and durations are written in tables and messages. */
import type { Interval } from '../../core/statistics.js';

/** A change in points with its sign and one decimal: `+3.4`, `-0.6`, `0.0`. */
export function signed(value: number): string {
  const text = value.toFixed(1);
  if (Number(text) === 0) return '0.0';
  return value > 0 ? `+${text}` : text;
}

/** An interval in points: `[+1.2, +5.6]`. */
export function formatInterval({ low, high }: Interval): string {
  return `[${signed(low)}, ${signed(high)}]`;
}

/** A duration in seconds as `48 s`, `3 min 5 s` or `1 h 2 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.round((whole % 3600) / 60)} min`;
}
