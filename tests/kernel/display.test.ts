import { inspect } from 'node:util';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { createDisplays, type Display } from '../../kernel/display/display.js';
import { averageBlocks } from '../../kernel/display/heatMap.js';
import { createProgress } from '../../kernel/display/progress.js';
import { renderProgress } from '../../kernel/display/progressBar.js';
import { progressOf } from '../../src/core/followed.js';
import { render, renderers } from '../../kernel/display/render.js';
import { tensorText } from '../../kernel/display/tensor.js';
import { withoutAsyncIds } from '../../kernel/display/withoutAsyncIds.js';
import { pageTemplate } from '../../src/charts/pageColors.js';
import { tf, useBackend } from '../../src/tensor/index.js';

beforeAll(() => useBackend());

/** The rows that the script of a paged table reads. */
const rowsOf = (html: unknown) =>
  (JSON.parse(/<script type="application\/json">(.*?)<\/script>/s.exec(String(html))![1]!) as { rows: unknown[][] })
    .rows;

const text = async (value: unknown) => (await render(value)).data['text/plain'];

describe('rendering', () => {
  it.each([
    [3, '3'],
    ['a', "'a'"],
    [[1, 2], '[ 1, 2 ]'],
    [new Map([['k', 1]]), "Map(1) { 'k' => 1 }"],
    [null, 'null'],
  ])('shows %o as text', async (value, expected) => {
    expect(await render(value)).toEqual({ data: { 'text/plain': expected }, metadata: {} });
  });

  it("calls a value's own method first, also an asynchronous one", async () => {
    const own = {
      data: [],
      layout: {},
      [Symbol.for('Jupyter.display')]: () => Promise.resolve({ 'text/html': '<i>' }),
    };
    expect((await render(own)).data).toEqual({ 'text/html': '<i>' });
  });

  it('says what a display method must return', () => {
    expect(() => render({ [Symbol.for('Jupyter.display')]: () => 'text' })).toThrow(
      /must return an object from media types/,
    );
  });

  it('shows shape, type, range and values of small tensors', async () => {
    expect(
      await text(
        tf.tensor2d([
          [1, 2],
          [3, 6],
        ]),
      ),
    ).toBe('Tensor float32 [2, 2]  min 1  mean 3  max 6  std 1.87083\n[ [ 1, 2 ], [ 3, 6 ] ]');
    expect(await text(tf.scalar(5, 'int32'))).toBe('Tensor int32 []\n5');
    expect(await text(tf.tensor1d([true, false], 'bool'))).toBe(
      'Tensor bool [2]  min 0  mean 0.5  max 1  std 0.5\n[ 1, 0 ]',
    );
    // The WebAssembly backend has no complex tensors, so this object only has the fields of one.
    const data = Float32Array.of(3, 4, 0, -1);
    const complex = {
      dataId: {},
      shape: [2],
      dtype: 'complex64',
      size: 2,
      isDisposed: false,
      dataSync: () => data,
      data: () => Promise.resolve(data),
    };
    expect(await text(complex)).toBe('Tensor complex64 [2]  modulus min 1  mean 3  max 5  std 2\n[ 3+4i, 0-1i ]');
    expect(await text(tf.zeros([0, 3]))).toBe('Tensor float32 [0, 3] (empty)');
    expect(await text(tf.tensor1d(['a', 'b']))).toBe("Tensor string [2]\n[ 'a', 'b' ]");
  });

  it('prints few numbers of a large tensor, counts NaN and infinities, and recognizes disposed tensors', async () => {
    const large = tf.zeros([1000, 1000]);
    expect(await text(large)).toBe(
      'Tensor float32 [1000, 1000]  min 0  mean 0  max 0  std 0\n[ 0, 0, 0, 0, 0, 0, 0, 0, ... 999992 more values ]',
    );
    large.dispose();
    expect(await text(large)).toBe('Tensor float32 [1000, 1000] (disposed: its memory is freed)');
    expect(await text(tf.tensor1d([1, NaN, 2, -Infinity]))).toContain(
      'min 1  mean 1.5  max 2  std 0.5  1 NaN  1 infinite',
    );
    expect(await text(tf.tensor1d([NaN, NaN]))).toContain('[2]  2 NaN\n');
  });

  it('shows arrays of objects as an escaped table, in which missing cells are empty', async () => {
    const { data } = await render([
      { a: 1, b: '<b>' },
      { a: 2, c: [1] },
    ]);
    expect(data['text/plain']).toBe('   a  b    c\n0  1  <b>\n1  2       [ 1 ]');
    const left = ' style="text-align:left"';
    const text = (content: string) => `<td class="apolab-text"${left}>${content}</td>`;
    expect(data['text/html']).toContain(
      '<tbody>' +
        `<tr><td class="apolab-label">0</td><td class="apolab-number">1</td>${text('&lt;b&gt;')}${text('')}</tr>` +
        `<tr><td class="apolab-label">1</td><td class="apolab-number">2</td>${text('')}${text('[ 1 ]')}</tr></tbody>`,
    );
    expect(rowsOf(data['text/html'])).toEqual([
      ['0', 1, '<b>', null],
      ['1', 2, null, '[ 1 ]'],
    ]);
  });

  it('shows preference pairs by the difference of their responses, and rows that are not pairs as a table', async () => {
    const pair = { prompt: '?', chosen: 'it is 4', rejected: 'it is 5' };
    for (const value of [pair, [pair, { ...pair, rationale: 'wrong', scores: { chosen: 2, rejected: 1 } }]]) {
      const { data } = await render(value);
      expect(data['text/html']).toContain('it is <del>5</del><ins>4</ins>');
      expect(data['text/plain']).toContain('it is [-5-]{+4+}');
    }
    const others = [
      [{ ...pair, chosen: [{ role: 'assistant', content: '4' }] }],
      [pair, { prompt: '?' }],
      [{ ...pair, scores: 3 }],
    ];
    for (const value of others) expect((await render(value)).data['text/html']).toContain('<div class="apolab-paged"');
    // Rows of JSON: a null field is left out, and the row's other fields are shown.
    const row = await render({ ...pair, rationale: null, scores: null, score_chosen: 7, note: '<b>' });
    expect(row.data['text/plain']).toContain('score_chosen 7, note <b>');
    expect(row.data['text/html']).toContain('note &lt;b&gt;');
    expect(String(row.data['text/html'])).not.toContain('rationale</div>');
    expect((await render({ ...pair, rationale: 1 })).data).not.toHaveProperty('text/html');
    expect(await text([])).toBe('[]');
  });

  it('cuts long tables and says how many rows are missing', async () => {
    const rows = Array.from({ length: 1000 }, (_, index) => ({ index }));
    const lines = String(await text(rows)).split('\n');
    expect(lines).toHaveLength(22);
    expect(lines.at(-1)).toBe('... 980 more rows');
    const { data } = await render(rows);
    expect(String(data['text/html']).match(/<tr>/g)).toHaveLength(21);
    expect(data['text/html']).toContain('... 980 more rows');
    expect(rowsOf(data['text/html'])).toEqual(rows.map(({ index }) => [String(index), index]));
    // An output has a limit, and says how many rows there are in all.
    const { data: large } = await render(Array.from({ length: 9000 }, () => ({ text: 'x'.repeat(390) })));
    expect(rowsOf(large['text/html']).length).toBeLessThan(6000);
    expect(large['text/html']).toContain('"total":9000');
    expect(large['text/html']).toContain('... 8,980 more rows');
  });

  it('rounds numbers by column, and keeps small, large and odd ones', async () => {
    const { data } = await render([16.570312499999957, 2, 0.000000123456, 1e20, NaN].map((value) => ({ value })));
    expect(data['text/plain']).toBe('   value\n0  16.5703\n1  2.0000\n2  1.23e-7\n3  1.00000e+20\n4  NaN');
    expect(data['text/html']).toContain('<td class="apolab-number" title="16.570312499999957">16.5703</td>');
    expect(rowsOf(data['text/html']).map(([, value]) => value)).toEqual([
      16.570312499999957,
      2,
      1.23456e-7,
      1e20,
      'NaN',
    ]);
  });

  it('shows pairs as differences in maps, records, lists and cells', async () => {
    const pair = { prompt: '?', chosen: 'it is 4', rejected: 'it is 5' };
    for (const value of [
      new Map([['k', pair]]),
      { k: pair, n: 1 },
      [[pair, 3]],
      new Set([pair]),
      { k: { l: [pair] } },
      [{ pair, n: 1 }],
    ]) {
      const { data } = await render(value);
      expect(data['text/html']).toContain('it is <del>5</del><ins>4</ins>');
      expect(data['text/plain']).toContain('it is [-5-]{+4+}');
    }
    expect((await render({ k: [{ prompt: '?' }] })).data).not.toHaveProperty('text/html');
  });

  it('shows the steps of a run as a short table with curves', async () => {
    const steps = [3, 2, 1].map((loss, index) => ({
      step: index + 1,
      steps: 3,
      grad_norm: 1,
      learning_rate: 0.1,
      loss,
      'rewards/chosen': index / 10,
      'rewards/rejected': -index,
      'rewards/margins': 1.1 * index,
      'rewards/accuracies': 0.5,
    }));
    const { data } = await render(steps);
    expect(String(data['text/plain']).split('\n')).toEqual([
      '3 steps',
      '                               step 1  step 3',
      'loss                                3       1',
      'reward of chosen                    0     0.2',
      'reward of rejected                  0      -2',
      'margin                              0     2.2',
      'chosen has the greater reward     0.5     0.5',
    ]);
    expect(String(data['text/html']).match(/<path /g)).toHaveLength(5);
    expect(data['text/html']).toContain('d="M1.0 2.0L80.0 11.0L159.0 20.0"');
  });

  it('gives plotly figures their media type', async () => {
    const figure = { data: [{ type: 'bar', y: [1] }], layout: { title: { text: 'T' } } };
    expect((await render(figure)).data).toEqual({
      'application/vnd.plotly.v1+json': { ...figure, layout: { ...figure.layout, template: pageTemplate } },
      'text/plain': 'Plotly figure: bar',
      'image/svg+xml': expect.stringMatching(/^<svg .*>T<.*<\/svg>$/s) as string,
    });
  });

  it('adds a picture to every figure that has none, and sends typed arrays as lists', async () => {
    const plotly = { data: [{ y: new Float32Array([1, 2]) }], layout: {} };
    const own = (more: object) => ({
      [Symbol.for('Jupyter.display')]: () => ({ 'application/vnd.plotly.v1+json': plotly, ...more }),
    });
    const { data } = await render(own({}));
    expect(data['application/vnd.plotly.v1+json']).toEqual({
      data: [{ y: [1, 2] }],
      layout: { template: pageTemplate },
    });
    expect(data['image/svg+xml']).toContain('<svg');
    expect((await render(own({ 'image/png': 'iVBO' }))).data).not.toHaveProperty('image/svg+xml');
  });

  it("leaves a figure's own colours, and no figure gives up its height", async () => {
    const type = 'application/vnd.plotly.v1+json';
    for (const layout of [{ paper_bgcolor: '#fff' }, { template: { layout: { font: { color: 'red' } } } }]) {
      const { data } = await render({ data: [{ y: [1] }], layout, config: { responsive: true, displaylogo: false } });
      expect(data[type]).toEqual({ data: [{ y: [1] }], layout, config: { responsive: false, displaylogo: false } });
    }
    // The picture has what the template says: its own background, or none.
    const picture = async (layout: object) =>
      String((await render({ data: [{ y: [1] }], layout })).data['image/svg+xml']);
    expect(await picture({})).toContain('fill="rgba(0, 0, 0, 0)"');
    expect(await picture({ template: { layout: { paper_bgcolor: '#123456' } } })).toContain('fill="#123456"');
  });

  it.each([
    ['vega-lite/v5.20.1', ['application/vnd.vegalite.v5+json'], 'Vega-Lite 5 chart: bar'],
    ['vega-lite/v4', ['application/vnd.vegalite.v4+json'], 'Vega-Lite 4 chart: bar'],
    [
      'vega-lite/v6',
      ['application/vnd.vegalite.v6+json', 'application/vnd.vegalite.v5+json'],
      'Vega-Lite 6 chart: bar',
    ],
    ['vega/v5', ['application/vnd.vega.v5+json'], 'Vega 5 chart: bar'],
    ['vega/v4', ['application/vnd.vega.v4+json', 'application/vnd.vega.v5+json'], 'Vega 4 chart: bar'],
  ])('gives a chart of %s the media types that JupyterLab draws', async (schema, types, words) => {
    const chart = {
      $schema: `https://vega.github.io/schema/${schema}.json`,
      mark: { type: 'bar' },
      data: [],
      layout: {},
    };
    expect((await render(chart)).data).toEqual({
      ...Object.fromEntries(types.map((type) => [type, chart])),
      'text/plain': words,
    });
    expect(Object.keys((await render({ $schema: 'https://json-schema.org/draft-07/schema#' })).data)).toEqual([
      'text/plain',
    ]);
  });

  it('shows the bytes of images as images, and other bytes as numbers', async () => {
    const png = Buffer.from('89504e470d0a1a0a0000000d49484452000000020000000308060000', 'hex');
    expect((await render(png)).data).toEqual({
      'image/png': png.toString('base64'),
      'text/plain': 'PNG image, 2 x 3, 28 bytes',
    });
    const jpeg = new Uint8Array([0, 0xff, 0xd8, 0xff, 0xe0]).subarray(1);
    expect((await render(jpeg)).data).toEqual({ 'image/jpeg': '/9j/4A==', 'text/plain': 'JPEG image, 4 bytes' });
    expect((await render(new Uint8Array([1, 2]))).data).toEqual({ 'text/plain': 'Uint8Array(2) [ 1, 2 ]' });
  });

  it('has text beside every other MIME type, and renderers in a fixed order', async () => {
    const samples = [tf.scalar(1), [{ a: 1 }], { data: [], layout: {} }, new Error('x'), () => 1];
    for (const sample of samples) expect(typeof (await text(sample))).toBe('string');
    expect(Object.keys(renderers)).toEqual([
      'own',
      'tensor',
      'frame',
      'chart',
      'figure',
      'image',
      'pair',
      'pairs',
      'history',
      'records',
      'heldPairs',
    ]);
  });

  it('has a table that does not compile if a row is left out', () => {
    const { tensor, ...others } = renderers;
    expect(tensor.matches(tf.scalar(1))).toBe(true);
    // @ts-expect-error the row of tensors is missing
    const incomplete: typeof renderers = others;
    expect(incomplete).not.toHaveProperty('tensor');
  });

  it("removes Node's symbols from promises", () => {
    const printed =
      "Promise {\n  1,\n  [Symbol(async_id_symbol)]: 12,\n  [Symbol(trigger_async_id_symbol)]: 3,\n  [Symbol(kResourceStore)]: 'a-b'\n}";
    expect(withoutAsyncIds(printed)).toBe('Promise {\n  1\n}');
    expect(withoutAsyncIds('Symbol(kResourceStore)')).toBe('Symbol(kResourceStore)');
  });
});

describe('a heat map', () => {
  const html = async (value: unknown) => String((await render(value)).data['text/html']);

  it('is shown between statistics and values, and says what its colours mean', async () => {
    const shown = await html(
      tf.tensor2d([
        [-2, 0],
        [1, 2],
      ]),
    );
    expect(shown).toContain('<b>Tensor float32 [2, 2]</b>');
    expect(shown).toContain('viewBox="0 0 2 2"');
    expect(shown).toContain('<path fill="#2166ac" d="M0 0h1v1h-1z"/><path fill="#f7f7f7" d="M1 0h1v1h-1z"/>');
    expect(shown).toContain('<small>blue -2, white 0, orange 2</small>');
    expect(await html(tf.tensor1d([1, 2, 3]))).toContain('viewBox="0 0 3 1"');
    expect(await html(tf.tensor1d([1, 2, 3]))).toContain('yellow 1, violet 3');
  });

  it('shows the first of several matrices, and is left out for scalars and strings', async () => {
    const shown = await html(tf.ones([5, 3, 4]));
    expect(shown).toContain('viewBox="0 0 4 3"');
    expect(shown).toContain('<small>first matrix [0, :, :]; yellow 1</small>');
    expect(await html(tf.scalar(1))).not.toContain('<svg');
    expect((await render(tf.tensor1d(['a', 'b']))).data['text/html']).not.toContain('<svg');
  });

  it('has a bounded size, by means of blocks', async () => {
    const shown = await html(tf.randomUniform([1000, 700], -1, 1));
    expect(shown.length).toBeLessThan(30_000);
    expect(shown).toContain('viewBox="0 0 32 32"');
    expect(shown).toContain('a cell is the mean of 32 x 22 values');
    const { values, rows, columns } = averageBlocks({ values: [1, 2, 3, 4, 5, 6], offset: 0, rows: 2, columns: 3 }, 2);
    expect([rows, columns, Array.from(values)]).toEqual([2, 2, [1.5, 3, 4.5, 6]]);
  });

  it('marks a block with a NaN or an infinity', async () => {
    const values = Array.from({ length: 6400 }, (_, index) => (index === 0 ? NaN : index === 6399 ? Infinity : 1));
    const shown = await html(tf.tensor2d(values, [80, 80]));
    expect(shown).toContain('<path fill="#d0021b" d="M0 0h1v1h-1zM26 26h1v1h-1z"/>');
    expect(shown).toContain('red if a value is NaN or infinite');
  });
});

describe('data frames', () => {
  it('show types under the column names, and series are frames with one column', async () => {
    const frame = {
      $isSeries: false,
      columns: ['n', 's'],
      index: [0, 'b'],
      values: [
        [1, 'x'],
        [2, 'y'],
      ],
      dtypes: ['int32', 'string'],
    };
    const { data } = await render(frame);
    expect(data['text/plain']).toBe('   n      s\n   int32  string\n0  1      x\nb  2      y');
    expect(data['text/html']).toContain('<th class="apolab-number" title="int32">n</th>');
    expect(data['text/html']).toContain('<th class="apolab-text" style="text-align:left" title="string">s</th>');
    const series = { $isSeries: true, columns: ['s'], index: [0, 1], values: [5, 6], dtypes: ['int32'] };
    expect(await text(series)).toBe('   s\n   int32\n0  5\n1  6');
  });

  it('that are wide are cut to a line of text, and have all columns in HTML', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `column ${index}`);
    const { data } = await render([Object.fromEntries(names.map((name) => [name, 1]))]);
    const lines = String(data['text/plain']).split('\n');
    expect(lines[0]!.length).toBeLessThanOrEqual(120);
    expect(lines.at(-1)).toBe('... 39 more columns');
    expect(String(data['text/html']).match(/>column \d+<\/th>/g)).toHaveLength(50);
  });
});

describe('odd values', () => {
  class Point {
    x = 1;
  }
  const circular: Record<string, unknown> = { name: 'c' };
  circular.self = circular;
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const answering = new Proxy({}, { get: () => () => 1 });
  const refusing = new Proxy(
    {},
    {
      get: () => {
        throw new Error('no');
      },
      has: () => {
        throw new Error('no');
      },
    },
  );

  it.each<[string, unknown, string | RegExp]>([
    [
      'an error',
      new RangeError('too far', { cause: new Error('deep') }),
      /^RangeError: too far\n {4}at .*\[cause\]: Error: deep/s,
    ],
    ['a set', new Set([1, 'a']), "Set(2) { 1, 'a' }"],
    ['a circular object', circular, "<ref *1> { name: 'c', self: [Circular *1] }"],
    ['a circular array of objects', [circular], /Circular/],
    [
      'a getter that throws',
      {
        get bad() {
          throw new Error('no');
        },
      },
      '{ bad: [Getter] }',
    ],
    [
      'a record whose getter throws',
      [
        {
          get bad(): number {
            throw new Error('no');
          },
        },
      ],
      /\[ \{ bad: \[Getter\] \} \]\n\(It can't be drawn as records: no\)/,
    ],
    [
      'a figure that contains itself',
      { data: [circular], layout: {} },
      /It can't be drawn as figure: .* can't be sent as JSON/,
    ],
    ['a class instance', new Point(), 'Point { x: 1 }'],
    [
      'an object without prototype',
      Object.assign(Object.create(null) as object, { a: 1 }),
      '[Object: null prototype] { a: 1 }',
    ],
    ['a typed array', new Float64Array([0.5]), 'Float64Array(1) [ 0.5 ]'],
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['a big integer', 12n, '12n'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    [
      'a function',
      function named() {
        return 1;
      },
      '[Function: named]',
    ],
    ['a revoked Proxy', revoked.proxy, '<Revoked Proxy>'],
    ['a Proxy that answers everything', answering, '{}'],
    ['a Proxy that refuses everything', refusing, '{}'],
    [
      'an inspection that throws',
      {
        [inspect.custom]() {
          throw new Error('shy');
        },
      },
      "[object that can't be shown: shy]",
    ],
    ['text that looks like HTML', '<b>x</b>', "'<b>x</b>'"],
  ])('%s is text', async (_, value, expected) => {
    const { data } = await render(value);
    expect(data['text/plain']).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
    if (typeof value === 'string') expect(Object.keys(data)).toEqual(['text/plain']);
  });

  it('of any size have text of bounded length', async () => {
    const deep = Array.from({ length: 200 }, () =>
      Array.from({ length: 200 }, () => Array.from({ length: 20 }, () => ({ a: [1, 2, 3] }))),
    );
    const nested = Array.from({ length: 100_000 }).reduce<object>((inner) => ({ inner }), {});
    const wide = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`key ${index}`, index]));
    const large = [
      deep,
      nested,
      wide,
      'x'.repeat(1_000_000),
      new Float64Array(1_000_000),
      new Map(Object.entries(wide)),
    ];
    for (const value of large) expect(String(await text(value)).length).toBeLessThan(31_000);
    expect(await text(wide)).toMatch(/\.\.\. \d+ more characters$/);
  });
});

describe('display', () => {
  const shown = (show: (display: Display) => void) => {
    const contents: { data: unknown; metadata: unknown }[] = [];
    show(createDisplays((_, content) => contents.push(content as never)).display);
    return contents.map(({ data, metadata }) => ({ data, metadata }));
  };

  it('shows data in the media type of the method', () => {
    expect(
      shown((display) => {
        display.html('<b>');
        display.markdown('# T');
        display.latex('$x$');
        display.svg('<svg/>');
        display.json({ a: 1n, list: new Set([1]) }, { expanded: true });
      }),
    ).toEqual([
      { data: { 'text/html': '<b>', 'text/plain': '<b>' }, metadata: {} },
      { data: { 'text/markdown': '# T', 'text/plain': '# T' }, metadata: {} },
      { data: { 'text/latex': '$x$', 'text/plain': '$x$' }, metadata: {} },
      { data: { 'image/svg+xml': '<svg/>', 'text/plain': 'SVG drawing' }, metadata: {} },
      {
        data: { 'application/json': { a: 1, list: [1] }, 'text/plain': '{ a: 1n, list: Set(1) { 1 } }' },
        metadata: { 'application/json': { expanded: true } },
      },
    ]);
  });

  it('shows images in the given size, and refuses bytes of another type', () => {
    const png = Buffer.from('89504e470d0a1a0a', 'hex');
    const [image] = shown((display) => display.png(png, { width: 40, alt: 'a dot' }));
    expect(image).toEqual({
      data: { 'image/png': png.toString('base64'), 'text/plain': 'a dot' },
      metadata: { 'image/png': { width: 40, alt: 'a dot' } },
    });
    expect(shown((display) => display.png(png.toString('base64')))[0]!.data).toMatchObject({
      'image/png': 'iVBORw0KGgo=',
    });
    expect(() => shown((display) => display.jpeg(png))).toThrow('these bytes are image/png, not image/jpeg');
  });

  it('publishes at once, and updates by id', () => {
    const publish = vi.fn();
    const { display } = createDisplays(publish);
    display(1, { id: 'n' });
    display(2, { id: 'n', update: true });
    expect(publish.mock.calls).toEqual([
      ['display_data', { data: { 'text/plain': '1' }, metadata: {}, transient: { display_id: 'n' } }],
      ['update_display_data', { data: { 'text/plain': '2' }, metadata: {}, transient: { display_id: 'n' } }],
    ]);
    expect(() => {
      display(3, { update: true });
    }).toThrow('needs the id');
  });
});

describe('a tensor on a backend that reads only asynchronously', () => {
  const values = Float32Array.of(1, 2, 3, 6);
  const head = 'Tensor float32 [2, 2]';
  const shown = `${head}  min 1  mean 3  max 6  std 1.87083\n[ [ 1, 2 ], [ 3, 6 ] ]`;
  /** Reads after `milliseconds`. */
  const tensor = (milliseconds: number) => ({
    dataId: {},
    shape: [2, 2],
    dtype: 'float32',
    size: 4,
    isDisposed: false,
    dataSync: (): Float32Array => {
      throw new Error('this backend reads asynchronously');
    },
    data: () => new Promise<Float32Array>((resolve) => setTimeout(() => resolve(values), milliseconds)),
  });
  const recorded = () => {
    const outputs: { type: string; text: string; id: string }[] = [];
    const displays = createDisplays((type, content) => {
      const { data, transient } = content as { data: Record<string, string>; transient: { display_id: string } };
      outputs.push({ type, text: data['text/plain']!, id: transient.display_id });
    });
    return { ...displays, outputs };
  };

  it('is rendered when it is read, also if the cell disposes it meanwhile', async () => {
    const read = tensor(1);
    const rendered = render(read);
    read.isDisposed = true;
    const { data } = await rendered;
    expect(data['text/plain']).toBe(shown);
    expect(data['text/html']).toContain('viewBox="0 0 2 2"');
    expect(await text({ ...read, size: 0 })).toBe(`${head} (disposed: its memory is freed)`);
  });

  it('keeps its place among the outputs, and the values replace its placeholder', async () => {
    const { display, settle, outputs } = recorded();
    display('before');
    display(tensor(20));
    display('after');
    display(tensor(1));
    const ids = outputs.map(({ id }) => id);
    expect(outputs.map(({ type, text: plain }) => [type, plain])).toEqual([
      ['display_data', "'before'"],
      ['display_data', `${head} ...`],
      ['display_data', "'after'"],
      ['display_data', `${head} ...`],
    ]);
    await settle();
    expect(outputs.slice(4)).toEqual([
      { type: 'update_display_data', text: shown, id: ids[3] },
      { type: 'update_display_data', text: shown, id: ids[1] },
    ]);
  });

  it('leaves the old output until it is read, and replaces no newer one', async () => {
    const { display, settleReads, outputs } = recorded();
    display('old', { id: 'x' });
    display(tensor(1), { id: 'x', update: true });
    await settleReads();
    display(tensor(1), { id: 'x', update: true });
    display('new', { id: 'x', update: true });
    await settleReads();
    expect(outputs.map(({ type, text: plain }) => [type, plain])).toEqual([
      ['display_data', "'old'"],
      ['update_display_data', shown],
      ['update_display_data', "'new'"],
    ]);
    expect(() => display(tensor(1), { update: true })).toThrow('needs the id');
  });

  it('shows the reason if the read fails', async () => {
    const failing = { ...tensor(0), data: () => Promise.reject(new Error('the device is lost')) };
    const { display, settle, outputs } = recorded();
    display(failing);
    await settle();
    expect(outputs[1]).toMatchObject({ type: 'update_display_data' });
    expect(outputs[1]!.text).toContain("(It can't be drawn as tensor: the device is lost)");
  });

  it('is named by its shape in console.log, which can not wait', () => {
    expect(tensorText(tensor(0))).toBe(`${head} (this backend reads asynchronously: display(tensor) shows the values)`);
  });
});

describe('progress', () => {
  const plain = (done: number, total: number | undefined, seconds: number) =>
    renderProgress({ label: 'pairs', done, total, seconds })['text/plain'];

  it('shows bar, rate and time left', () => {
    expect(plain(30, 120, 15)).toBe('pairs [######------------------] 30/120, 2.0/s, 0:45 left');
    const half = renderProgress({ label: '<i>', done: 1, total: 2, seconds: 1 })['text/html'];
    expect(half).toBe('&lt;i&gt; <progress value="1" max="2"></progress> <code>1/2, 1.0/s, 0:01 left</code>');
    expect(plain(120, 120, 65)).toBe('pairs [########################] 120/120, 1.8/s, 1:05 in all');
    expect(plain(7, undefined, 2)).toBe('pairs 7, 3.5/s');
    expect(plain(1, 7200, 1)).toContain('1:59:59 left');
  });

  it('shows unit and metrics, counts the rate from where it began, and says that it was stopped', () => {
    const state = {
      label: '',
      done: 60,
      total: 200,
      seconds: 5,
      before: 50,
      unit: 'steps',
      metrics: { loss: 0.61234, margin: 0.00021 },
    };
    const { 'text/plain': text, 'text/html': html } = renderProgress(state);
    expect(text).toBe('[#######-----------------] 60/200 steps, 2.0/s, 1:10 left, loss 0.612, margin 2.1e-4');
    expect(html).toBe(
      '<progress value="60" max="200"></progress> <code>60/200 steps, 2.0/s, 1:10 left</code> <code>loss 0.612  margin 2.1e-4</code>',
    );
    expect(renderProgress({ ...state, left: true })['text/plain']).toContain(
      '60/200 steps, 2.0/s, stopped after 0:05,',
    );
    expect(renderProgress({ ...state, left: true, done: 200 })['text/plain']).toContain(
      '200/200 steps, 30.0/s, 0:05 in all',
    );
  });

  it('shows what an iterable says of itself; options replace it', async () => {
    let done = 3;
    const steps = {
      [progressOf]: () => ({ done, total: 5, unit: 'steps', metrics: { loss: 1 / done } }),
      async *[Symbol.asyncIterator]() {
        while (done < 5) yield await Promise.resolve(++done);
      },
    };
    const publish = vi.fn();
    let now = 0;
    const progress = createProgress(createDisplays(publish).display, () => (now += 100));
    const shown = () =>
      publish.mock.calls.map(([, content]) => (content as { data: Record<string, string> }).data['text/plain']!);
    for await (const step of progress(steps)) expect(step).toBe(done);
    expect(shown().map((text) => /\d\/\d steps|loss .*/g[Symbol.match](text)?.join(' '))).toEqual([
      '3/5 steps loss 0.333',
      '4/5 steps loss 0.250',
      '5/5 steps loss 0.200',
      '5/5 steps loss 0.200',
    ]);
    publish.mockClear();
    for await (const step of progress(steps, { total: 9, metrics: () => ({ kl: 2 }) })) expect(step).toBe(0);
    expect(shown()[0]).toMatch(/5\/9 steps.*kl 2$/);
  });

  it('passes a return on at once, while the iterable still works', async () => {
    const calls: string[] = [];
    const endless = {
      [Symbol.asyncIterator]: () => endless,
      next: () => new Promise<IteratorResult<number, void>>(() => calls.push('next')),
      return: () => {
        calls.push('return');
        return Promise.resolve({ done: true, value: undefined } as const);
      },
    };
    const items = createProgress(createDisplays(() => undefined).display)(endless);
    void items.next();
    expect(await items.return()).toEqual({ done: true, value: undefined });
    expect(await items.next()).toEqual({ done: true, value: undefined });
    expect(calls).toEqual(['next', 'return']);
  });

  it('yields every item, draws at most ten times per second, and draws the last state if the loop breaks', () => {
    let now = 0;
    const publish = vi.fn();
    const progress = createProgress(createDisplays(publish).display, () => now);
    const seen: number[] = [];
    for (const item of progress([1, 2, 3, 4])) {
      seen.push(item);
      now += 60;
      if (item === 3) break;
    }
    expect(seen).toEqual([1, 2, 3]);
    const shown = publish.mock.calls.map(([type, content]) => [
      type as string,
      /\d+\/\d+/.exec((content as { data: Record<string, string> }).data['text/plain']!)?.[0],
    ]);
    expect(shown).toEqual([
      ['display_data', '0/4'],
      ['update_display_data', '2/4'],
      ['update_display_data', '2/4'],
    ]);
  });

  it('iterates over asynchronous iterables too', async () => {
    const progress = createProgress(createDisplays(() => undefined).display);
    async function* items() {
      yield await Promise.resolve('a');
      yield 'b';
    }
    const seen: string[] = [];
    for await (const item of progress(items())) seen.push(item);
    expect(seen).toEqual(['a', 'b']);
  });
});
