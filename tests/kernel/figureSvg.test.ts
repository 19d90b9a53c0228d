import { describe, expect, it } from 'vitest';
import { createAxis, numberOn, rangeOf } from '../../kernel/display/figureSvg/axis.js';
import { colorAt, colorScaleOf } from '../../kernel/display/figureSvg/color.js';
import { fillTemplate, formatNumber } from '../../kernel/display/figureSvg/fields.js';
import { binHistograms } from '../../kernel/display/figureSvg/histograms.js';
import { figureSvg } from '../../kernel/display/figureSvg/index.js';
import { ticksOf } from '../../kernel/display/figureSvg/ticks.js';
import * as charts from '../../src/charts/index.js';

const draw = (data: readonly object[], layout: object = {}) => figureSvg({ data, layout: layout as never });

/** The texts of a picture, in drawing order. */
const textsOf = (svg: string) =>
  Array.from(svg.matchAll(/<text[^>]*>(.*?)<\/text>/gs), ([, content]) =>
    content!.replace(/<\/tspan><tspan/g, ' <tspan').replace(/<[^>]*>/g, ''),
  );

/** The attributes of all elements with this name. */
const elementsOf = (svg: string, name: string) =>
  Array.from(svg.matchAll(new RegExp(`<${name}((?: [\\w-]+="[^"]*")*)`, 'g')), ([, attributes]) =>
    Object.fromEntries(Array.from(attributes!.matchAll(/([\w-]+)="([^"]*)"/g), ([, key, value]) => [key!, value!])),
  );

/** Fails if tags are not closed in the reverse order in which they were opened. */
function expectWellFormed(svg: string) {
  const open: string[] = [];
  for (const [, closing, name, rest] of svg.matchAll(/<(\/?)([a-zA-Z]+)((?: [\w-]+="[^"<]*")*\/?)>/g)) {
    if (closing === '/') expect(open.pop()).toBe(name);
    else if (!rest!.endsWith('/')) open.push(name!);
  }
  expect(open).toEqual([]);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
}

const markFill = (svg: string, fill: string) => elementsOf(svg, 'rect').filter((each) => each.fill === fill);

describe('an axis', () => {
  it('gets its kind from the layout, or else from its values', () => {
    const kind = (values: unknown[], options = {}) => createAxis('x', options, values).kind;
    expect(kind([1, null, '2'])).toBe('linear');
    expect(kind(['2024-01-01', '2024-02-01T10:00'])).toBe('date');
    expect(kind(['a', 1])).toBe('category');
    expect(kind([1, 2], { type: 'category' })).toBe('category');
    expect(numberOn(createAxis('x', {}, ['a', 'b', 'a']), 'b')).toBe(1);
    expect(numberOn(createAxis('y', { type: 'log' }, [1]), 1000)).toBeCloseTo(3);
    expect(numberOn(createAxis('y', {}, [1]), null)).toBeNaN();
  });

  it('has ticks at round numbers, dates and powers of ten', () => {
    const labels = (values: unknown[], options: object, range: [number, number]) =>
      ticksOf(createAxis('x', options as never, values), range, 400, 80).map(({ label }) => label);
    expect(labels([0], {}, [-0.1, 1.03])).toEqual(['0.0', '0.5', '1.0']);
    expect(labels([0], {}, [0, 45_000])).toEqual(['0', '10k', '20k', '30k', '40k']);
    expect(labels([0], { dtick: 1 }, [0.5, 3.5])).toEqual(['1', '2', '3']);
    expect(labels([0], { tickformat: '.0%' }, [0, 1])).toEqual(['0%', '20%', '40%', '60%', '80%', '100%']);
    expect(labels([0], { tickvals: [1, 2], ticktext: ['low', 'high'] }, [0, 5])).toEqual(['low', 'high']);
    expect(labels([1], { type: 'log' }, [0, 4])).toEqual(['1', '10', '100', '1000', '10000']);
    expect(labels(['2024-01-01'], {}, [Date.UTC(2024, 0, 15), Date.UTC(2024, 11, 31)])).toEqual([
      '2024-04',
      '2024-07',
      '2024-10',
    ]);
    expect(labels(['a', 'b'], {}, [-0.5, 1.5])).toEqual(['a', 'b']);
  });

  it('covers its values, starts at zero for bars, and can be reversed', () => {
    const axis = (options = {}) => createAxis('y', options, [1]);
    const extent = { low: 2, high: 4, padding: 0.05, fromZero: false };
    expect(rangeOf(axis(), [extent])).toEqual([1.9, 4.1]);
    expect(rangeOf(axis(), [{ ...extent, fromZero: true }])).toEqual([0, 4.2]);
    expect(rangeOf(axis({ autorange: 'reversed' }), [extent])).toEqual([4.1, 1.9]);
    expect(rangeOf(axis({ range: [0, 9] }), [extent])).toEqual([0, 9]);
    expect(rangeOf(axis(), [])).toEqual([0, 1]);
  });
});

describe('text in figures', () => {
  it('is filled from templates with formatted numbers', () => {
    expect(fillTemplate('%{x:.2f} of %{text}', { x: 1.239, text: 'it' })).toBe('1.24 of it');
    expect(
      [0.256, 1234.5, 12_300, -2].map((value, index) => formatNumber(value, ['.0%', ',.1f', '.3s', '+d'][index]!)),
    ).toEqual(['26%', '1,234.5', '12.3k', '-2']);
  });

  it('can not add markup to the page', () => {
    const svg = draw([{ y: [1, 2], name: '<script>alert(1)</script>', line: { color: '"/><script>' } }], {
      title: { text: 'a < b & <b>bold</b><img src=x onerror=alert(1)>' },
      showlegend: true,
    });
    expectWellFormed(svg);
    expect(svg).not.toMatch(/<script|<img/);
    expect(textsOf(svg)).toContain('a &lt; b &amp; bold');
  });
});

describe('colour scales', () => {
  it('are interpolated between their stops', () => {
    const scale = colorScaleOf(
      {
        colorscale: [
          [0, '#000000'],
          [1, 'rgb(255, 255, 255)'],
        ],
      },
      0,
      1,
    );
    expect([0, 0.5, 1].map((share) => colorAt(scale, share))).toEqual(['#000000', '#808080', '#ffffff']);
    expect(colorAt(colorScaleOf({ colorscale: 'Viridis' }, 0, 1), 0)).toBe('#440154');
    expect(colorAt(colorScaleOf({ colorscale: 'Viridis', reversescale: true }, 0, 1), 1)).toBe('#440154');
  });
});

describe('a picture', () => {
  it('of lines has gaps, dashes and a legend', () => {
    const svg = draw(
      [
        { x: [0, 1, 2, 3], y: [0, 1, null, 3], mode: 'lines', name: 'first', line: { color: '#112233', dash: 'dot' } },
        { x: [0, 3], y: [3, 0], mode: 'markers', name: 'second', marker: { color: '#445566', size: 10 } },
      ],
      {
        title: { text: 'Both' },
        xaxis: { title: { text: 'step' }, range: [0, 3] },
        yaxis: { range: [0, 3] },
        width: 460,
        height: 380,
        margin: { l: 60, r: 100, t: 40, b: 40 },
      },
    );
    expectWellFormed(svg);
    const line = elementsOf(svg, 'path').find(({ stroke }) => stroke === '#112233')!;
    expect(line['stroke-dasharray']).toBe('2 3');
    expect(line.d!.match(/[ML]/g)).toEqual(['M', 'L', 'M']);
    const [first, second] = elementsOf(svg, 'circle').filter(({ fill }) => fill === '#445566');
    expect(first!.r).toBe('5');
    expect(Number(first!.cx)).toBeLessThan(Number(second!.cx));
    expect(Number(first!.cy)).toBeLessThan(Number(second!.cy));
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['Both', 'step', 'first', 'second', '0', '3']));
  });

  it('has grouped bars side by side from zero, and stacked bars on top of each other', () => {
    const traces = [
      { type: 'bar', x: ['a', 'b'], y: [2, 4], marker: { color: '#aa0000' } },
      { type: 'bar', x: ['a', 'b'], y: [1, 2], marker: { color: '#00aa00' } },
    ];
    const [red] = markFill(draw(traces), '#aa0000');
    const [green] = markFill(draw(traces), '#00aa00');
    expect(Number(red!.x) + Number(red!.width)).toBeCloseTo(Number(green!.x), 0);
    expect(Number(red!.height)).toBeCloseTo(2 * Number(green!.height), 0);
    expect(Number(red!.y) + Number(red!.height)).toBeCloseTo(Number(green!.y) + Number(green!.height), 0);
    const [below] = markFill(draw(traces, { barmode: 'stack' }), '#aa0000');
    const [above] = markFill(draw(traces, { barmode: 'stack' }), '#00aa00');
    expect(above!.x).toBe(below!.x);
    expect(Number(above!.y) + Number(above!.height)).toBeCloseTo(Number(below!.y), 0);
  });

  it('of a histogram counts in shared bins', () => {
    const traces = [
      { type: 'histogram', x: [0.1, 0.2, 1.5, 3.9] },
      { type: 'histogram', x: [2.5], histnorm: 'percent' },
    ];
    const binned = [...binHistograms(traces).values()];
    expect(binned).toMatchObject([
      { type: 'bar', x: [1, 3], y: [3, 1] },
      { type: 'bar', x: [1, 3], y: [0, 100] },
    ]);
    expect([...binHistograms([{ x: ['b', 'a', 'b'] }]).values()]).toMatchObject([{ x: ['b', 'a'], y: [2, 1] }]);
    expect(markFill(draw(traces), '#1f77b4').length).toBeGreaterThanOrEqual(2);
  });

  it('of a heat map has one cell per value, with its text, and a colour bar', () => {
    const svg = draw([
      {
        type: 'heatmap',
        x: ['p', 'q'],
        y: ['r', 's'],
        z: [
          [0, 1],
          [null, 2],
        ],
        text: [
          ['nil', 'one'],
          ['', 'two'],
        ],
        texttemplate: '<b>%{text}</b> %{z:.1f}',
        colorscale: [
          [0, '#000000'],
          [1, '#ffffff'],
        ],
        colorbar: { title: { text: 'scale' } },
      },
    ]);
    expectWellFormed(svg);
    expect(['#000000', '#808080', '#ffffff'].map((color) => markFill(svg, color).length > 0)).toEqual([
      true,
      true,
      true,
    ]);
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['nil 0.0', 'one 1.0', 'two 2.0', 'p', 's', 'scale', '2']));
  });

  it('of boxes shows quartiles, whiskers and outliers', () => {
    const svg = draw([{ type: 'box', y: [1, 2, 3, 4, 5, 30], name: 'group', line: { color: '#123456' } }], {
      yaxis: { range: [0, 31] },
    });
    expectWellFormed(svg);
    expect(elementsOf(svg, 'circle')).toHaveLength(1);
    const [box] = markFill(svg, '#123456');
    // Quartiles 2.25 and 4.75 of a range of 31.
    const plot = markFill(svg, '#ffffff')[1]!;
    expect(Number(box!.height) / Number(plot.height)).toBeCloseTo(2.5 / 31, 2);
    expect(textsOf(svg)).toContain('group');
  });

  it('has a panel per pair of domains, and one range for axes that match', () => {
    const svg = draw(
      [
        { x: [0, 1], y: [0, 1], mode: 'lines', line: { color: '#aa0000' } },
        { x: [0, 1], y: [0, 2], xaxis: 'x2', yaxis: 'y2', mode: 'lines', line: { color: '#00aa00' } },
      ],
      {
        xaxis: { domain: [0, 0.4] },
        xaxis2: { domain: [0.6, 1], anchor: 'y2' },
        yaxis: {},
        yaxis2: { anchor: 'x2', matches: 'y' },
        showlegend: false,
      },
    );
    expectWellFormed(svg);
    const places = ['#aa0000', '#00aa00'].map((color) => {
      const { d } = elementsOf(svg, 'path').find(({ stroke }) => stroke === color)!;
      return Array.from(d!.matchAll(/[\d.]+/g), ([number]) => Number(number));
    });
    const [left, right] = places as [number[], number[]];
    expect(left[2]).toBeLessThan(right[0]!);
    expect(left[1]).toBeCloseTo(right[1]!, 0);
    expect((left[1]! - left[3]!) * 2).toBeCloseTo(right[1]! - right[3]!, 0);
  });

  it('draws lines above bars in any order of the traces', () => {
    const line = { y: [3, 1], line: { color: '#111111' } };
    const bar = { type: 'bar', y: [1, 2], marker: { color: '#222222' } };
    for (const data of [
      [line, bar],
      [bar, line],
    ]) {
      const svg = draw(data, { showlegend: false });
      expect(svg.lastIndexOf('#222222')).toBeLessThan(svg.indexOf('#111111'));
    }
  });

  it('names the traces that it can not draw', () => {
    const svg = draw([{ type: 'pie', values: [1] }, { type: 'surface' }, { type: 'surface' }, { y: [1, 2] }]);
    expect(textsOf(svg)).toEqual(
      expect.arrayContaining([
        '(a trace of type &#39;pie&#39; can only be drawn by plotly)',
        '(2 traces of type &#39;surface&#39; can only be drawn by plotly)',
      ]),
    );
  });

  it('has a bounded size for any number of points, and says what it left out', () => {
    const many = Array.from({ length: 300_000 }, (_, index) => Math.sin(index));
    const svg = draw([
      { y: many, mode: 'lines' },
      { y: many, mode: 'markers' },
      { type: 'histogram', x: many },
      { type: 'box', y: many },
    ]);
    expect(svg.length).toBeLessThan(400_000);
    expect(textsOf(svg)).toContain('(2000 of 300000 points drawn)');
    const heat = draw([{ type: 'heatmap', z: Array.from({ length: 500 }, () => many.slice(0, 500)) }]);
    expect(heat.length).toBeLessThan(200_000);
    expect(textsOf(heat)).toContain('(heat map averaged over blocks of 8 x 8)');
  });

  it('keeps the lowest and the highest point of a long line', () => {
    const y = Array.from({ length: 50_000 }, (_, index) => (index === 31_234 ? 100 : 0));
    const svg = draw([{ y, mode: 'lines', line: { color: '#aa0000' } }], { yaxis: { range: [0, 100] } });
    const { d } = elementsOf(svg, 'path').find(({ stroke }) => stroke === '#aa0000')!;
    const heights = Array.from(d!.matchAll(/[ML][\d.]+ ([\d.]+)/g), ([, top]) => Number(top));
    expect(Math.min(...heights)).toBe(Number(markFill(svg, '#ffffff')[1]!.y));
  });

  it.each<[string, unknown[], unknown]>([
    ['nothing', [], {}],
    ['traces of wrong types', [null, 3, 'x', []], {}],
    [
      'fields of wrong types',
      [{ x: { a: 1 }, y: 'text', line: 5, marker: null }],
      { xaxis: 5, yaxis: [], title: 7, margin: 'wide' },
    ],
    [
      'missing values',
      [
        { type: 'bar', y: [null, 'a'] },
        { type: 'heatmap', z: [[null], []] },
        { type: 'box', y: [null] },
      ],
      {},
    ],
    [
      'annotations of wrong types',
      [{ y: [1] }],
      { annotations: [null, {}, { x: 'nowhere', text: 5 }], shapes: [{}, { type: 'circle' }] },
    ],
    ['logarithms of nothing', [{ y: [0, -1] }], { yaxis: { type: 'log' } }],
    ['one point', [{ x: [5], y: [5] }], { width: 10, height: 1e9 }],
    ['a tiny step', [{ y: [1, 2] }], { yaxis: { dtick: 1e-9 } }],
  ])('can be made of %s', (_, data, layout) => {
    expectWellFormed(figureSvg({ data, layout: layout as never }));
  });
});

describe('every figure of charts', () => {
  const datasets = ['clair', 'judge_on_policy', 'judge_off_policy', 'stronger_preferred'] as const;
  const objectives = ['sft', 'dpo', 'kto', 'apo_zero', 'apo_down', 'apo_zero_unpaired'] as const;
  const history = [1, 2, 3].map((step) => ({
    'rewards/chosen': step,
    'rewards/rejected': -step,
    'rewards/margins': 2 * step,
  }));
  const cells = datasets.flatMap((dataset, row) =>
    objectives.flatMap((objective, column) =>
      [0, 1].map((seed) => ({
        dataset,
        objective,
        seed,
        baseScore: 50,
        scores: [51, 52, 50 + row + column],
        maxChange: row - column,
        meanChange: 0.5,
        history,
      })),
    ),
  );
  const grid = { run: { datasets, objectives }, base: { score: 50 }, cells };
  const figures = {
    gridHeatmap: charts.gridHeatmap(grid),
    scoreCurves: charts.scoreCurves(grid),
    rewardCurves: charts.rewardCurves(grid),
    rewards: charts.rewards(history),
    diagnosis: charts.diagnosis(
      history.map((step, index) => ({
        ...step,
        'logps/chosen': -40 - index,
        'logps/rejected': -50,
        grad_norm: 1 / (1 + index),
      })),
      ['What was found, in words that are long enough to need a second line before they come to their end.'],
    ),
    distributions: charts.distributions(
      ['Jaccard', 'Levenshtein', 'length', 'common beginning'].map((title, index) => ({
        title,
        unit: 'characters',
        mean: 2 * index,
        histogram: { start: -index, width: index + 0.5, counts: [1, 0, 7, 3] },
      })),
    ),
    contrastiveness: charts.contrastiveness(
      datasets.map((dataset, index) => ({ dataset, jaccard: index / 4, levenshtein: 20 * index })),
    ),
  };

  it.each(Object.entries(figures))('%s has its title, names and axes inside the picture', (_, { data, layout }) => {
    const svg = figureSvg({ data: JSON.parse(JSON.stringify(data)) as never, layout: layout });
    expectWellFormed(svg);
    expect(svg).not.toContain('can only be drawn by plotly');
    const texts = textsOf(svg);
    expect(texts).toContain(layout.title!.text);
    const traces = data as readonly { name: string; showlegend?: boolean }[];
    const named = traces.length > 1 ? traces.filter(({ showlegend }) => showlegend !== false) : [];
    for (const { name } of named) expect(texts).toContain(name);
    const [{ width, height }] = elementsOf(svg, 'svg') as [{ width: string; height: string }];
    for (const { x, y } of elementsOf(svg, 'text')) {
      expect(Number(x)).toBeGreaterThanOrEqual(0);
      expect(Number(x)).toBeLessThanOrEqual(Number(width));
      expect(Number(y)).toBeLessThanOrEqual(Number(height));
    }
  });
});
