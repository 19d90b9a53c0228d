import { beforeAll, describe, expect, it, vi } from 'vitest';
import { withoutAsyncIds } from '../../kernel/display/bundle.js';
import { createDisplays } from '../../kernel/display/display.js';
import { createProgress, renderProgress } from '../../kernel/display/progress.js';
import { render, renderers } from '../../kernel/display/render.js';
import { tf, useBackend } from '../../src/tensor/index.js';

beforeAll(() => useBackend());

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

  it("asks a value's own method first, asynchronous ones too", async () => {
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
    ).toBe('Tensor float32 [2, 2]  min 1  mean 3  max 6\n[ [ 1, 2 ], [ 3, 6 ] ]');
    expect(await text(tf.scalar(5, 'int32'))).toBe('Tensor int32 []  min 5  mean 5  max 5\n5');
    expect(await text(tf.tensor1d(['a', 'b']))).toBe("Tensor string [2]\n[ 'a', 'b' ]");
  });

  it('never prints many numbers of a tensor, keeps NaN visible, and knows disposed ones', async () => {
    const large = tf.zeros([1000, 1000]);
    expect(await text(large)).toBe(
      'Tensor float32 [1000, 1000]  min 0  mean 0  max 0\n[ 0, 0, 0, 0, 0, 0, 0, 0, ... 999992 more values ]',
    );
    large.dispose();
    expect(await text(large)).toBe('Tensor float32 [1000, 1000] (disposed: its memory is freed)');
    expect(await text(tf.tensor1d([1, NaN, 2]))).toContain('mean NaN');
  });

  it('shows arrays of objects as a table, escaped, with missing and surplus cells in place', async () => {
    const { data } = await render([
      { a: 1, b: '<b>' },
      { a: 2, c: [1] },
    ]);
    expect(data['text/plain']).toBe('   a  b    c\n0  1  <b>\n1  2       [ 1 ]');
    expect(data['text/html']).toBe(
      '<table><thead><tr><th></th><th>a</th><th>b</th><th>c</th></tr></thead><tbody>' +
        '<tr><th>0</th><td>1</td><td>&lt;b&gt;</td><td></td></tr><tr><th>1</th><td>2</td><td></td><td>[ 1 ]</td></tr></tbody></table>',
    );
  });

  it('cuts long tables and says how much is missing', async () => {
    const rows = Array.from({ length: 1000 }, (_, index) => ({ index }));
    const lines = String(await text(rows)).split('\n');
    expect(lines).toHaveLength(22);
    expect(lines.at(-1)).toBe('... 980 more rows');
  });

  it('gives plotly figures their media type', async () => {
    const figure = { data: [{ type: 'bar', y: [1] }], layout: { title: { text: 'T' } } };
    expect((await render(figure)).data).toEqual({
      'application/vnd.plotly.v1+json': figure,
      'text/plain': 'Plotly figure: bar',
    });
  });

  it('has text beside every rich picture, whatever draws it', async () => {
    const samples = [tf.scalar(1), [{ a: 1 }], { data: [], layout: {} }, new Error('x'), () => 1];
    for (const sample of samples) expect(typeof (await text(sample))).toBe('string');
    expect(renderers.map(({ name }) => name)).toEqual([
      'own',
      'tensor',
      'frame',
      'figure',
      'records',
      'error',
      'inspect',
    ]);
  });

  it("drops Node's bookkeeping from promises", () => {
    const printed =
      "Promise {\n  1,\n  [Symbol(async_id_symbol)]: 12,\n  [Symbol(trigger_async_id_symbol)]: 3,\n  [Symbol(kResourceStore)]: 'a-b'\n}";
    expect(withoutAsyncIds(printed)).toBe('Promise {\n  1\n}');
    expect(withoutAsyncIds('Symbol(kResourceStore)')).toBe('Symbol(kResourceStore)');
  });
});

describe('display', () => {
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

describe('progress', () => {
  const plain = (done: number, total: number | undefined, seconds: number) =>
    renderProgress({ label: 'pairs', done, total, seconds })['text/plain'];

  it('shows bar, rate and time left', () => {
    expect(plain(30, 120, 15)).toBe('pairs [######------------------] 30/120, 2.0/s, 0:45 left');
    expect(plain(120, 120, 65)).toBe('pairs [########################] 120/120, 1.8/s, 1:05 in all');
    expect(plain(7, undefined, 2)).toBe('pairs 7, 3.5/s');
    expect(plain(1, 7200, 1)).toContain('1:59:59 left');
  });

  it('passes every item on, draws at most ten times a second, and ends complete when the loop is left', () => {
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

  it('goes over asynchronous iterables too', async () => {
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
