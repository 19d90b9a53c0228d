/** Histograms: their values are counted in bins, and the counts are drawn as bars. */
import { fieldsOf, listOf, nameOf, numberOf, textOf, type Fields } from './fields.js';
import { niceStep } from './ticks.js';

/** The histograms of one panel as bar traces, by histogram. They share their bins, as plotly's do. */
export function binHistograms(traces: readonly Fields[]): Map<Fields, Fields> {
  const values = (trace: Fields) => listOf(isHorizontal(trace) ? trace.y : trace.x).filter((value) => value !== null);
  const all = traces.flatMap(values);
  const numbers = all.map((value) => numberOf(value, NaN));
  const bins = numbers.every(Number.isFinite) ? binsOf(numbers, traces[0] ?? {}) : undefined;
  const places = bins === undefined ? [...new Set(all.map(nameOf))] : bins.starts.map((start) => start + bins.size / 2);
  const index = new Map(places.map((place, at) => [place, at]));
  return new Map(
    traces.map((trace) => {
      const own = values(trace);
      const counts = places.map(() => 0);
      for (const value of own) {
        const at =
          bins === undefined
            ? (index.get(nameOf(value)) ?? -1)
            : Math.floor((Number(value) - bins.starts[0]!) / bins.size + 1e-9);
        if (counts[at] !== undefined) counts[at] += 1;
      }
      const heights = counts.map(
        (count) => count * (norms[textOf(trace.histnorm, '')]?.(own.length, bins?.size ?? 1) ?? 1),
      );
      const [place, height] = isHorizontal(trace) ? (['y', 'x'] as const) : (['x', 'y'] as const);
      const orientation = place === 'y' ? 'h' : 'v';
      return [
        trace,
        { ...trace, type: 'bar', orientation, binned: bins !== undefined, [place]: places, [height]: heights },
      ];
    }),
  );
}

/** A histogram has its values, not its heights, on the axis of its places: the test of bars does not hold for it. */
const isHorizontal = ({ x, y, orientation }: Fields) => orientation === 'h' || (x === undefined && y !== undefined);

/** plotly's `histnorm`: the factor of a count, from the number of values and the width of a bin. */
const norms: Readonly<Record<string, (count: number, size: number) => number>> = {
  percent: (count) => 100 / count,
  probability: (count) => 1 / count,
  density: (_, size) => 1 / size,
  'probability density': (count, size) => 1 / (count * size),
};

const mostBins = 500;

function binsOf(values: readonly number[], trace: Fields): { starts: number[]; size: number } {
  const [low, high] = values.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );
  if (!(low <= high)) return { starts: [0], size: 1 };
  const given = fieldsOf(trace.xbins ?? trace.ybins);
  const wanted = numberOf(trace.nbinsx ?? trace.nbinsy, Math.ceil(Math.sqrt(values.length)));
  const rough = (high - low) / Math.max(1, Math.min(wanted, mostBins)) || 1;
  const size = Math.max(numberOf(given.size, niceStep(rough)), (high - low) / mostBins || 1e-9);
  const start = numberOf(given.start, Math.floor(low / size) * size);
  const count = Math.max(1, Math.min(mostBins + 1, Math.floor((high - start) / size + 1e-9) + 1));
  return { starts: Array.from({ length: count }, (_, index) => start + index * size), size };
}
