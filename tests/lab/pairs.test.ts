/** Pairs in a real JupyterLab: how they look in both themes, and in a notebook that is not trusted. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jupyterDisplay } from '../../src/core/display.js';
import { packageRoot } from '../../src/core/packageRoot.js';
import { showPairs } from '../../src/pairs/contrast/showPairs.js';
import { rows } from '../../src/datasets/workshop.js';
import { type Lab, type Notebook, startLab } from './labPage.js';

// A browser may have to be installed first, which takes long.
const setUpTimeout = 900_000;

let lab: Lab;
let notebook: Notebook;

beforeAll(async () => {
  lab = await startLab();
  notebook = await lab.openNotebook();
}, setUpTimeout);
afterAll(async () => {
  await notebook.close();
  await lab.close();
});

const pairs = `const pairs = [
  { prompt: 'Why is the sky blue?', chosen: 'Air scatters blue light.', rejected: 'Air scatters red light.', rationale: 'Blue, not red.',
    scores: { chosen: 9, rejected: 2 } },
  { prompt: '<img src=x onerror="window.broken = true">', chosen: '\u0628\u0627\u0631\u064a\u0633', rejected: '<script>window.broken = true</script>' },
  ...Array.from({ length: 60 }, (_, index) => ({ prompt: 'How many? ' + index, chosen: 'same words. '.repeat(100) + index, rejected: 'same words. '.repeat(100) + 'none' })),
];
pairs`;

/** The lightness of the page and of the texts of a row, 0 to 1. */
interface Shades {
  readonly ground: number;
  readonly texts: readonly number[];
}

// As text: it runs in the page, which has other types than the tests.
const measureShades = `(() => {
  const luminance = (color) => {
    const [red, green, blue] = color.match(/[0-9.]+/g).map(Number);
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
  };
  const row = document.querySelector('.apolab-pairs tbody tr');
  const ground = luminance(getComputedStyle(document.querySelector('.jp-Notebook')).backgroundColor);
  return { ground, texts: ['del', 'ins', 'td'].map((name) => luminance(getComputedStyle(row.querySelector(name)).color)) };
})()`;

describe('pairs in JupyterLab', () => {
  it('are a table of differences to scroll and to unfold, with texts that are not read as markup', async () => {
    const cell = await notebook.run(0, pairs);
    const rows = cell.outputs.locator('.apolab-pairs tbody tr');
    await expect.poll(() => rows.count()).toBe(50);
    expect(await rows.nth(0).locator('del').innerText()).toBe('red');
    expect(await rows.nth(0).locator('ins').innerText()).toBe('blue');
    expect(await rows.nth(1).locator('td').nth(1).innerText()).toBe('<img src=x onerror="window.broken = true">');
    expect(await notebook.page.evaluate(() => 'broken' in globalThis)).toBe(false);
    const fold = rows.nth(2).locator('details');
    const height = async () => (await rows.nth(2).boundingBox())!.height;
    const folded = await height();
    await fold.locator('summary').click();
    expect(await height()).toBeGreaterThan(2 * folded);
    // The head stays visible while the rows scroll.
    const box = cell.outputs.locator('.apolab-box');
    const top = async () => (await box.locator('thead th').first().boundingBox())!.y - (await box.boundingBox())!.y;
    const before = await top();
    const firstRow = async () => (await rows.nth(0).boundingBox())!.y;
    const place = await firstRow();
    await box.hover();
    await notebook.page.mouse.wheel(0, 300);
    await expect.poll(firstRow).toBeLessThan(place);
    expect(Math.abs((await top()) - before)).toBeLessThanOrEqual(1);
    await notebook.screenshot('pairs, light');
  });

  it('are legible in either theme', async () => {
    const { page } = notebook;
    const shades = () => page.evaluate<Shades>(measureShades);
    const light = await shades();
    await notebook.useTheme('JupyterLab Dark');
    await expect.poll(async () => (await shades()).ground).toBeLessThan(0.2);
    const dark = await shades();
    expect(light.ground).toBeGreaterThan(0.9);
    for (const text of light.texts) expect(text).toBeLessThan(0.6);
    for (const text of dark.texts) expect(text).toBeGreaterThan(0.6);
    await notebook.screenshot('pairs, dark');
  });

  it('keep their marks in a notebook that is not trusted, whose style sheets are dropped', async () => {
    const { page } = notebook;
    const shown = showPairs([
      { prompt: 'Why?', chosen: `${'So. '.repeat(100)}new`, rejected: `${'So. '.repeat(100)}old` },
    ]);
    const output = { output_type: 'display_data', data: shown[jupyterDisplay](), metadata: {} };
    const cell = { cell_type: 'code', id: 'pairs', source: '', metadata: {}, execution_count: null, outputs: [output] };
    const untrusted = { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell] };
    writeFileSync(path.join(lab.folder, 'untrusted.ipynb'), JSON.stringify(untrusted));
    await page.goto(`${new URL(page.url()).origin}/lab/workspaces/untrusted/tree/untrusted.ipynb`);
    const table = page.locator('.jp-OutputArea-output table');
    await table.waitFor();
    expect(await page.locator('.jp-OutputArea-output style').count()).toBe(0);
    expect(await table.locator('del').allInnerTexts()).toEqual(['rejected', 'old']);
    expect(await table.locator('ins').allInnerTexts()).toEqual(['chosen', 'new']);
    expect(await table.locator('details summary').allInnerTexts()).toEqual([
      expect.stringContaining('characters alike'),
    ]);
    const style = (property: string) =>
      page.evaluate<string>(
        `getComputedStyle(document.querySelector('.jp-OutputArea-output td del').parentElement).${property}`,
      );
    expect([await style('textAlign'), await style('whiteSpace')]).toEqual(['left', 'pre-wrap']);
    await notebook.screenshot('pairs, untrusted');
  });
});

// The picture is the README's; CONTRIBUTING.md says how to take it.
it("the README's cell shows the workshop set's CLAIR pairs, with the rationale beside each", async () => {
  const readme = readFileSync(path.join(packageRoot, 'README.md'), 'utf8');
  const [, code = ''] = /<!-- preference-data -->\s+```ts\n(.*?)\n```/s.exec(readme) ?? [];
  const shown = await lab.openNotebook();
  try {
    // The side bar is closed to make room for the notebook.
    await shown.page.keyboard.press('Control+b');
    await shown.page.setViewportSize({ width: 1360, height: 1000 });
    const cell = await shown.run(0, code);
    const row = cell.outputs.locator('.apolab-pairs tbody tr').first();
    await row.waitFor();
    expect(await cell.text()).toContain('CLAIR: 72 pairs');
    const [first] = rows();
    expect(await row.innerText()).toContain(first!.prompt.split('\n')[0]!);
    expect(await row.innerText()).toContain(first!.rationale.slice(0, 40));
    // Deleted text is the policy's, inserted text the revision's.
    const [deleted, inserted] = [await row.locator('del').allInnerTexts(), await row.locator('ins').allInnerTexts()];
    expect(deleted.length).toBeGreaterThan(0);
    expect(inserted.length).toBeGreaterThan(0);
    for (const text of deleted) expect(first!.policy).toContain(text.trim());
    for (const text of inserted) expect(first!.revision).toContain(text.trim());
    await shown.page.evaluate(
      "document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer').scrollTo(0, 0)",
    );
    await shown.screenshot('preference-data');
  } finally {
    await shown.close();
  }
});
