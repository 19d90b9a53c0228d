/** Figures in a real JupyterLab: their height, their colours, and that they are redrawn in place. */
import { describe, expect, it } from 'vitest';
import { type Cell, patience } from './labPage.js';
import { drawnIn, drawnTraces, figuresIn } from './drawn.js';
import { notebook } from './openLab.js';

const history = `const rows = Array.from({ length: 20 }, (_, step) => ({
  'rewards/chosen': step / 10, 'rewards/rejected': -step / 20, 'rewards/margins': step / 7 }));`;

/** The size of a cell's figure as it is drawn, once it has been drawn. */
async function sizeOf(cell: Cell) {
  const svg = cell.root.locator('.js-plotly-plot svg.main-svg').first();
  await svg.waitFor();
  const { width, height } = (await svg.boundingBox())!;
  return { width: Math.round(width), height: Math.round(height) };
}

/** The values of the first trace, as plotly has drawn them. */
const drawnValues = async (cell: Cell) => (await drawnIn(cell.root))[0]!.y;

describe('a figure in JupyterLab', () => {
  it('keeps its height and takes the width of the page, whatever is resized', async () => {
    const library = await notebook.run(0, `${history}\ncharts.rewards(rows)`);
    const own = await notebook.run(
      1,
      '({ data: [{ y: [1, 3, 2] }], layout: { height: 240 }, config: { responsive: true } })',
    );
    expect((await sizeOf(library)).height).toBe(360);
    const before = await sizeOf(own);
    expect(before.height).toBe(240);
    const toggleSidebar = () => notebook.page.keyboard.press('Control+b');
    const untilWidth = (wanted: 'wider' | 'narrower' | 'as before') =>
      expect
        .poll(async () => Math.sign((await sizeOf(own)).width - before.width), { timeout: patience })
        .toBe({ wider: 1, narrower: -1, 'as before': 0 }[wanted]);
    await toggleSidebar();
    await untilWidth('wider');
    expect([(await sizeOf(library)).height, (await sizeOf(own)).height]).toEqual([360, 240]);
    await toggleSidebar();
    await untilWidth('as before');
    expect([(await sizeOf(library)).height, (await sizeOf(own)).height]).toEqual([360, 240]);
    await notebook.page.setViewportSize({ width: 900, height: 700 });
    await untilWidth('narrower');
    expect([(await sizeOf(library)).height, (await sizeOf(own)).height]).toEqual([360, 240]);
  });

  it('is redrawn in place by a slider, with the new numbers and the same element', async () => {
    const code = [
      "const slider = widgets.slider({ label: 'power', min: 1, max: 4, value: 1 });",
      'const powers = (power: number) => charts.figure([{ y: [1, 2, 3].map((each) => each ** power) }], { height: 220 });',
      "display(powers(1), { id: 'powers' });",
      "display(powers(1), { id: 'cube' });",
      "slider.onChange((power) => display(powers(power), { id: 'powers', update: true }));",
      'slider',
    ];
    const cell = await notebook.run(0, code.join('\n'));
    expect((await sizeOf(cell)).height).toBe(220);
    // What flickers is removed and made again, or changes its height in between.
    await cell.root
      .locator('.js-plotly-plot')
      .first()
      .evaluate((node) => {
        const page = globalThis as unknown as {
          drawn: unknown;
          heights: number[];
          requestAnimationFrame(action: () => void): void;
        };
        const graph = node as unknown as { offsetHeight: number; isConnected: boolean };
        page.drawn = node;
        page.heights = [];
        const watch = () => {
          page.heights.push(graph.isConnected ? graph.offsetHeight : 0);
          page.requestAnimationFrame(watch);
        };
        watch();
      });
    await notebook.page.locator('.widget-slider .noUi-handle').focus();
    for (const values of [
      [1, 4, 9],
      [1, 8, 27],
      [1, 16, 81],
    ]) {
      await notebook.page.keyboard.press('ArrowRight');
      await expect.poll(() => drawnValues(cell), { timeout: patience }).toEqual(values);
    }
    const kept = await cell.root
      .locator('.js-plotly-plot')
      .first()
      .evaluate((node) => {
        const page = globalThis as unknown as { drawn: unknown; heights: number[] };
        return { same: page.drawn === node, heights: [...new Set(page.heights)] };
      });
    expect(kept).toEqual({ same: true, heights: [220] });
    expect((await drawnTraces(figuresIn(cell.root).nth(1)))[0]!.y).toEqual([1, 2, 3]);
  });

  it('follows a loop through a live handle, and ends with the last value', async () => {
    const code = [
      'const view = live(charts.figure([{ y: [0] }]));',
      'for (let step = 1; step <= 300; step++) {',
      '  view.update(charts.figure([{ y: [step, 2 * step] }]));',
      '  await new Promise((resolve) => setTimeout(resolve, 1));',
      '}',
      'view',
    ];
    const cell = await notebook.run(0, code.join('\n'));
    await expect.poll(() => drawnValues(cell), { timeout: patience }).toEqual([300, 600]);
    expect(await cell.outputs.count()).toBe(1);
    await notebook.run(1, "view.update('now text')");
    await cell.untilShown('now text');
  });

  it('is in the saved notebook as it was shown last, and is drawn from there without the kernel', async () => {
    const cell = await notebook.run(
      0,
      'const view = live(charts.figure([{ y: [1, 2] }], { height: 240 }));\nview.update(charts.figure([{ y: [3, 5, 4] }], { height: 240 }));',
    );
    await expect.poll(() => drawnValues(cell), { timeout: patience }).toEqual([3, 5, 4]);
    await notebook.save();
    await notebook.endKernel();
    await notebook.page.reload();
    const opened = notebook.cell(0);
    expect((await sizeOf(opened)).height).toBe(240);
    await expect.poll(() => drawnValues(opened), { timeout: patience }).toEqual([3, 5, 4]);
  });

  it("of a grid's rewards has a scale per panel, and shows which objectives coincide", async () => {
    const code = `const history = (scale: number) => [1, 2, 3].map((epoch) => ({ 'rewards/chosen': scale * epoch, 'rewards/rejected': -scale * epoch }));
const cellOf = (dataset: 'clair' | 'judge_on_policy', objective: string, scale: number) =>
  ({ dataset, objective, seed: 0, baseScore: 50, scores: [51, 52, 53], maxChange: 3, meanChange: 2, history: history(scale) });
const datasets2 = ['clair', 'judge_on_policy'] as const;
charts.rewardCurves({
  run: { datasets: datasets2, objectives: ['kto', 'apo_zero', 'dpo'] },
  base: { score: 50 },
  cells: [
    cellOf('clair', 'kto', 10), cellOf('clair', 'apo_zero', 10), cellOf('clair', 'dpo', 25),
    cellOf('judge_on_policy', 'kto', 0.01), cellOf('judge_on_policy', 'apo_zero', 0.02), cellOf('judge_on_policy', 'dpo', 0.03),
  ],
})`;
    const cell = await notebook.run(0, code);
    await sizeOf(cell);
    const drawn = await figuresIn(cell.root)
      .first()
      .evaluate((node) => {
        const page = node as unknown as {
          _fullLayout: Record<string, { range: [number, number] }>;
          querySelectorAll(
            selector: string,
          ): Iterable<{ textContent: string; getAttribute(name: string): string; style: { strokeWidth: string } }>;
        };
        const all = (selector: string) => [...page.querySelectorAll(selector)];
        return {
          ranges: ['yaxis', 'yaxis2'].map((axis) => page._fullLayout[axis]!.range),
          titles: all('.annotation-text').map(({ textContent }) => textContent),
          widths: all('.xy .js-line').map(({ style }) => parseFloat(style.strokeWidth)),
        };
      });
    const [large, small] = drawn.ranges;
    expect(large![1]).toBeGreaterThan(75);
    // The small rewards are not a flat line: they fill their panel.
    expect(small![1]).toBeGreaterThan(0.09);
    expect(small![1]).toBeLessThan(0.15);
    expect(drawn.titles.filter((title) => title.includes('KTO = APO-zero'))).toHaveLength(1);
    // Stripes: the line under another one is wider.
    expect([...new Set(drawn.widths)].sort()).toEqual([2, 4]);
  });

  it("of a user's own has the theme's colours in both themes, and changes with the theme", async () => {
    const cell = await notebook.run(
      0,
      "({ data: [{ y: [1, 3, 2], name: 'own' }], layout: { title: { text: 'Mine' }, showlegend: true, height: 240 } })",
    );
    await sizeOf(cell);
    const colors = () =>
      cell.root
        .locator('.js-plotly-plot')
        .first()
        .evaluate((node) => {
          const page = globalThis as unknown as {
            getComputedStyle(element: unknown): { fill: string; getPropertyValue(name: string): string };
            document: { body: unknown };
          };
          const find = (selector: string) =>
            (node as unknown as { querySelector(text: string): unknown }).querySelector(selector);
          const fill = (selector: string) => page.getComputedStyle(find(selector)).fill.replaceAll(' ', '');
          const channels = (color: string) => (color.match(/[0-9.]+/g) ?? []).slice(0, 3).map(Number);
          return {
            title: channels(fill('.gtitle')),
            tick: channels(fill('.xtick text')),
            legend: channels(fill('.legendtext')),
            theme: page.getComputedStyle(page.document.body).getPropertyValue('--jp-content-font-color1').trim(),
            background: (page.getComputedStyle(find('svg.main-svg')) as unknown as { backgroundColor: string })
              .backgroundColor,
          };
        });
    const light = await colors();
    expect([light.title, light.tick, light.legend]).toEqual(Array(3).fill([0, 0, 0]));
    expect(light.background).toBe('rgba(0, 0, 0, 0)');
    await notebook.useTheme('JupyterLab Dark');
    await expect.poll(async () => (await colors()).title, { timeout: patience }).toEqual([255, 255, 255]);
    const dark = await colors();
    expect([dark.tick, dark.legend]).toEqual(Array(2).fill([255, 255, 255]));
    expect(dark.background).toBe('rgba(0, 0, 0, 0)');
    expect((await sizeOf(cell)).height).toBe(240);
  });
});
