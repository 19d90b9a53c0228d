/** A histogram of the height of a line of text, as SVG and as a row of block characters. */
import type { Histogram } from '../../core/runningStatistics.js';

const size = { width: 120, height: 26 };

/** The histogram as an SVG element of 120 x 26 pixels. */
export function histogramSvg({ counts }: Histogram): string {
  const highest = Math.max(...counts);
  const width = size.width / counts.length;
  const bars = counts.flatMap((count, index) => {
    if (count === 0) return [];
    // A bar of few values stays visible.
    const height = Math.max(1, (count / highest) * size.height);
    return [`M${short(index * width)} ${size.height}v-${short(height)}h${short(width * 0.86)}v${short(height)}z`];
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" role="img" ` +
    `aria-label="distribution"><path fill="#0072b2" d="${bars.join('')}"/></svg>`
  );
}

const blocks = Array.from('\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588');

/**
 * The histogram as text, one character per bar.
 *
 * @example
 * histogramText({ start: 0, width: 1, counts: [1, 4, 0, 8] }); // '▁▄ █'
 */
export function histogramText({ counts }: Histogram): string {
  const highest = Math.max(...counts);
  return counts
    .map((count) => (count === 0 ? ' ' : blocks[Math.max(0, Math.ceil((count / highest) * blocks.length) - 1)]))
    .join('');
}

const short = (value: number) => String(Number(value.toFixed(2)));
