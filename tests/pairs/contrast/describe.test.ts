/** Summaries of sets, compared with NumPy and SciPy (tests/golden/contrastiveness.py), and their displays. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { jupyterDisplay } from '../../../src/core/display.js';
import { compare } from '../../../src/pairs/contrast/compare.js';
import { contrastivenessOf, describe as describeSet } from '../../../src/pairs/contrast/describe.js';
import { histogramText } from '../../../src/pairs/contrast/histogramPicture.js';
import type { MeasureSummary } from '../../../src/core/runningStatistics.js';
import type { PreferencePair } from '../../../src/pairs/pair.js';
import { goldenFolder, readGolden } from '../../golden/read.js';

type Expected = Omit<MeasureSummary, 'histogram'>;
const { sets } = readGolden<{ sets: { pairs: number; measures: Record<string, Expected> }[] }>('contrastiveness.json');
const pairs = readFileSync(path.join(goldenFolder, 'contrastiveness-pairs.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line): PreferencePair => ({
    ...(JSON.parse(line) as Pick<PreferencePair, 'chosen' | 'rejected'>),
    prompt: '?',
  }));

async function* streamed(items: readonly PreferencePair[]): AsyncGenerator<PreferencePair> {
  for (const item of items) yield await Promise.resolve(item);
}

/** Every number within float64's rounding; a null is a null. */
function expectClose(actual: unknown, expected: unknown, place: string): void {
  if (typeof expected === 'number') {
    expect(Math.abs((actual as number) - expected), place).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)));
  } else if (expected === null) expect(actual, place).toBeNull();
  else {
    for (const [key, value] of Object.entries(expected as object)) {
      expectClose((actual as Record<string, unknown>)[key], value, `${place}.${key}`);
    }
  }
}

describe('the summary of a set', () => {
  it.each(sets)(
    "of $pairs pairs has SciPy's means, medians and intervals, however the pairs come",
    async (expected) => {
      const some = pairs.slice(0, expected.pairs);
      for (const summary of [
        describeSet(some),
        await contrastivenessOf(some),
        await contrastivenessOf(streamed(some)),
      ]) {
        expect(summary.pairs).toBe(expected.pairs);
        expect(new Set(Object.keys(summary.measures))).toEqual(new Set(Object.keys(expected.measures)));
        expectClose(summary.measures, expected.measures, `${expected.pairs} pairs`);
        for (const { count, histogram, least, most } of Object.values(summary.measures)) {
          expect(histogram.counts.reduce((sum, bar) => sum + bar, 0)).toBe(count);
          expect(histogram.start).toBeLessThanOrEqual(least + 1e-9);
          expect(histogram.start + histogram.width * histogram.counts.length).toBeGreaterThan(most);
        }
      }
    },
  );

  it('has log-probabilities if a model gives them, requested in batches and in order', async () => {
    const logProbs = pairs.slice(0, 10).map((_, index) => ({ chosen: -index, rejected: -2 * index }));
    const given = describeSet(pairs.slice(0, 10), { logProbs });
    expect(given.measures.chosenLogProb).toMatchObject({ count: 10, mean: -4.5, least: -9, most: -0 });
    expect(given.measures.logProbMargin).toMatchObject({ mean: 4.5, median: 4.5 });
    const asked: number[] = [];
    const summary = await contrastivenessOf(streamed(pairs.slice(0, 10)), {
      batchSize: 4,
      logProbs: (batch) => {
        asked.push(batch.length);
        return Promise.resolve(batch.map((pair) => logProbs[pairs.indexOf(pair)]!));
      },
    });
    expect(asked).toEqual([4, 4, 2]);
    expect(summary.measures).toEqual(given.measures);
    expect(() => describeSet(pairs, { logProbs })).toThrow('of 10 pairs, but 1000 pairs');
  });

  it('excludes pairs for which a ratio is undefined, and counts the others', () => {
    const { measures } = describeSet([
      { prompt: '?', chosen: 'ab', rejected: '' },
      { prompt: '?', chosen: 'ab', rejected: 'a' },
    ]);
    expect(measures.lengthRatio).toMatchObject({ count: 1, mean: 2, interval: null, medianInterval: null });
    expect(measures.lengthDifference).toMatchObject({ count: 2, mean: 1.5 });
  });

  it('of no pairs is an error', async () => {
    expect(() => describeSet([])).toThrow('there are no pairs');
    await expect(contrastivenessOf(streamed([]))).rejects.toThrow('there are no pairs');
  });

  it('shows one row per measure with its distribution, in HTML and in text', () => {
    const shown = describeSet(pairs, { title: '<All>' })[jupyterDisplay]() as Record<string, string>;
    expect(shown['text/html']).toContain('<b>&lt;All&gt;: 1,000 pairs</b>');
    expect(shown['text/html']!.match(/<svg /g)).toHaveLength(10);
    const lines = shown['text/plain']!.split('\n');
    expect(lines[0]).toBe('<All>: 1,000 pairs');
    expect(lines[2]).toMatch(/mean +95 % +median +95 % +range +distribution$/);
    expect(lines[3]).toMatch(/^Jaccard +0\.\d{3} +0\.\d{3} to 0\.\d{3} .* [\u2581-\u2588]/);
    expect(lines).toHaveLength(13);
  });

  it('draws four distributions, whose bars are the histograms and count every pair', () => {
    const summary = describeSet(pairs);
    const { data } = summary.figure;
    const bars = data.filter(({ type }) => type === 'bar') as unknown as { name: string; x: number[]; y: number[] }[];
    expect(bars.map(({ name }) => name)).toEqual([
      'Jaccard',
      'Levenshtein',
      'length, chosen - rejected',
      'common beginning',
    ]);
    for (const { x, y } of bars) {
      expect(x).toHaveLength(y.length);
      expect(y.reduce((sum, count) => sum + count, 0)).toBe(1000);
    }
    expect(bars[0]!.y).toEqual(summary.measures.jaccard!.histogram.counts);
  });
});

it('a histogram as text has one block per bar', () => {
  expect(histogramText({ start: 0, width: 1, counts: [1, 4, 0, 8] })).toBe('\u2581\u2584 \u2588');
});

describe('the comparison of sets', () => {
  const close = { prompt: '?', chosen: 'it is 4 coins', rejected: 'it is 5 coins' };
  const far = { prompt: '?', chosen: 'four', rejected: 'it is 5 coins' };
  const compared = compare({ clair: [close, close], 'my|<set>': describeSet([close, far]) });

  it('has one row per set with its means, the most contrastive in bold', () => {
    expect(compared.markdown.split('\n')).toEqual([
      '| set | pairs | Jaccard \u2191 | Levenshtein \u2193 |',
      '| --- | ---: | ---: | ---: |',
      '| CLAIR | 2 | **0.600** (0.600 to 0.600) | **1.0** (1.0 to 1.0) |',
      expect.stringMatching(/^\| my\\\|\\<set> \| 2 \| 0\.300 \(-3\.512 to 4\.112\) \| \d/) as string,
    ]);
    expect(compared.sets.clair!.pairs).toBe(2);
  });

  it('is displayed in text, Markdown and HTML', () => {
    const shown = compared[jupyterDisplay]() as Record<string, string>;
    expect(shown['text/markdown']).toBe(compared.markdown);
    expect(shown['text/plain']!.split('\n')[1]).toMatch(
      /^CLAIR +2 +0\.600 \(0\.600 to 0\.600\) +1\.0 \(1\.0 to 1\.0\)$/,
    );
    expect(shown['text/html']).toContain('<th>CLAIR</th>');
    expect(shown['text/html']).toContain('<th>my|&lt;set&gt;</th>');
    expect(shown['text/html']!.match(/<b>/g)).toHaveLength(2);
  });
});
