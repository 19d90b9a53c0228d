/** Tables in a real JupyterLab: sorted, filtered and paged in the page, also without a kernel, after saving and in an export. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { jupyterEnvironment, venvPython } from '../../src/commands/jupyterEnvironment.js';
import { patience, screenshotFolder } from './labPage.js';
import { lab, notebook } from './openLab.js';

const frame = `const names = ['pear', 'apple', 'fig', 'quince', 'medlar'];
const frame = new dfd.DataFrame(Array.from({ length: 45 }, (_, index) => ({
  fruit: names[index % 5] + '-' + index, score: (index * 37) % 45 + 0.570312499999957, half: index / 2,
  ...Object.fromEntries(Array.from({ length: 30 }, (_, column) => ['column ' + column, index * column])) })));
frame`;

const table = (place: Locator) => place.locator('.apolab-paged');
const column = (place: Locator, index: number) => place.locator(`tbody tr td:nth-child(${index + 1})`).allInnerTexts();
const head = (place: Locator, text: string) => place.locator('thead th').getByText(text, { exact: true });
const status = (place: Locator) => place.locator('.apolab-bar span').innerText();

/** Sorts, filters and pages through the frame's table. */
async function useTable(place: Locator) {
  await expect.poll(() => status(place), { timeout: patience }).toBe('1–20 of 45');
  expect((await column(place, 1)).slice(0, 3)).toEqual(['pear-0', 'apple-1', 'fig-2']);
  await head(place, 'score').click();
  expect((await column(place, 2)).slice(0, 3)).toEqual(
    ['0.570312', '1.570310', '2.570310'].map((text) => expect.stringContaining(text.slice(0, 5)) as string),
  );
  await head(place, 'score').click();
  expect((await column(place, 2))[0]).toMatch(/^44\.57/);
  for (let times = 0; times < 2; times++) await place.getByTitle('next page').click();
  expect(await status(place)).toBe('41–45 of 45');
  expect(await place.locator('tbody tr').count()).toBe(5);
  expect((await column(place, 2)).at(-1)).toMatch(/^0\.57/);
  expect(await place.getByTitle('next page').isDisabled()).toBe(true);
  await place.getByPlaceholder('Filter').fill('apple-1');
  expect(await status(place)).toBe('1–3 of 3 found in 45');
  expect((await column(place, 1)).sort()).toEqual(['apple-1', 'apple-11', 'apple-16']);
  await place.getByPlaceholder('Filter').fill('');
  // A third click on the head gives the order of the frame again.
  await head(place, 'score').click();
  expect((await column(place, 1)).slice(0, 3)).toEqual(['pear-0', 'apple-1', 'fig-2']);
}

describe('a table in JupyterLab', () => {
  it('has text on the left, rounded numbers on the right, types in tooltips and all columns in reach', async () => {
    const cell = await notebook.run(0, frame);
    const place = table(cell.root);
    await expect.poll(() => status(place), { timeout: patience }).toBe('1–20 of 45');
    const aligned = (index: number) =>
      place
        .locator(`tbody tr:first-child td:nth-child(${index + 1})`)
        .evaluate(
          (node) =>
            (globalThis as unknown as { getComputedStyle(node: unknown): { textAlign: string } }).getComputedStyle(node)
              .textAlign,
        );
    expect([await aligned(1), await aligned(2)]).toEqual(['left', 'right']);
    const score = place.locator('tbody tr:first-child td:nth-child(3)');
    expect((await score.innerText()).length).toBeLessThan(9);
    expect(await score.getAttribute('title')).toBe('0.570312499999957');
    expect(await head(place, 'fruit').getAttribute('title')).toBe('string');
    expect(await head(place, 'score').getAttribute('title')).toBe('float32');
    const last = head(place, 'column 29');
    await last.scrollIntoViewIfNeeded();
    const [page, box] = [notebook.page.viewportSize()!, (await last.boundingBox())!];
    expect(box.x + box.width).toBeLessThanOrEqual(page.width);
  });

  it('is sorted, filtered and paged without a kernel, and again after it was saved and opened', async () => {
    const cell = await notebook.run(0, frame);
    await useTable(table(cell.root));
    await notebook.save();
    await notebook.endKernel();
    await useTable(table(cell.root));
    await notebook.page.reload();
    await useTable(table(notebook.cell(0).root));
  });

  it('works in an exported page, with the pictures of the figures', async () => {
    await notebook.run(0, frame);
    await notebook.run(1, "charts.figure([{ y: [1, 4, 9], name: 'squares' }], { title: { text: 'Squares' } })");
    const name = await notebook.save();
    await promisify(execFile)(venvPython, ['-m', 'jupyter', 'nbconvert', '--to', 'html', '--embed-images', name], {
      cwd: lab.folder,
      env: jupyterEnvironment(),
    });
    const page = await notebook.page.context().newPage();
    await page.goto(pathToFileURL(path.join(lab.folder, name.replace('.ipynb', '.html'))).href);
    await useTable(table(page.locator('body')));
    const picture = page.locator('img[src^="data:image/svg+xml;base64,"]');
    const [, encoded = ''] = (await picture.getAttribute('src'))!.split('base64,');
    expect(Buffer.from(encoded, 'base64').toString()).toContain('Squares');
    expect((await picture.boundingBox())!.height).toBe(450);
    await page.screenshot({ path: path.join(screenshotFolder, 'exported-page.png') });
  });

  it('is redrawn by a slider, like text', async () => {
    const code = [
      'const slider = widgets.slider({ min: 1, max: 4, value: 1 });',
      'const rows = (power: number) => [1, 2, 3].map((base) => ({ base, power: base ** power }));',
      "const [view, words] = [live(rows(1)), live('power 1')];",
      "slider.onChange((power) => { view.update(rows(power)); words.update('power ' + power); });",
      'slider',
    ];
    const cell = await notebook.run(0, code.join('\n'));
    const place = table(cell.root);
    await expect.poll(() => column(place, 2), { timeout: patience }).toEqual(['1', '2', '3']);
    await notebook.page.locator('.widget-slider .noUi-handle').focus();
    await notebook.page.keyboard.press('ArrowRight');
    await expect.poll(() => column(place, 2), { timeout: patience }).toEqual(['1', '4', '9']);
    await cell.untilShown('power 2');
  });

  it('keeps its order, filter and page when it is replaced in its place', async () => {
    const code = [
      'const slider = widgets.slider({ min: 1, max: 4, value: 1 });',
      'const rows = (factor: number) => Array.from({ length: 60 }, (_, index) => ({ index, value: ((index * 7) % 60) * factor }));',
      "display(rows(1), { id: 'rows' });",
      "slider.onChange((factor) => display(rows(factor), { id: 'rows', update: true }));",
      'slider',
    ];
    const cell = await notebook.run(0, code.join('\n'));
    const place = table(cell.root);
    await expect.poll(() => status(place), { timeout: patience }).toBe('1–20 of 60');
    for (let times = 0; times < 2; times++) await head(place, 'value').click();
    await place.getByPlaceholder('Filter').fill('5');
    await place.getByTitle('next page').click();
    const before = await status(place);
    expect(before).toMatch(/^21–\d+ of \d+ found in 60$/);
    await place.getByPlaceholder('Filter').fill('');
    await place.getByTitle('next page').click();
    expect((await column(place, 2)).slice(0, 3)).toEqual(['39', '38', '37']);
    await notebook.page.locator('.widget-slider .noUi-handle').focus();
    for (const factor of [2, 3]) {
      await notebook.page.keyboard.press('ArrowRight');
      const expected = [39, 38, 37].map((value) => String(value * factor));
      await expect.poll(async () => (await column(place, 2)).slice(0, 3), { timeout: patience }).toEqual(expected);
      expect(await status(place)).toBe('21–40 of 60');
      expect(await head(place, 'value').getAttribute('aria-sort')).toBe('descending');
    }
    // The filter too; the next version holds other rows.
    await place.getByPlaceholder('Filter').fill('59');
    await notebook.page.locator('.widget-slider .noUi-handle').focus();
    await notebook.page.keyboard.press('ArrowRight');
    await expect.poll(() => column(place, 2), { timeout: patience }).toEqual([String(4 * ((59 * 7) % 60))]);
    expect(await place.getByPlaceholder('Filter').inputValue()).toBe('59');
  });

  it('that is too large for a notebook saves its beginning, and loads the rest from the kernel', async () => {
    const code = `const long = 'word '.repeat(1_500);
      const many = Array.from({ length: 700 }, (_, index) => ({ prompt: 'How many? ' + index, chosen: long + index, rejected: long + 'none' }));
      many`;
    const cell = await notebook.run(0, code);
    const place = table(cell.root);
    await expect.poll(() => status(place), { timeout: patience }).toMatch(/^1–50 of \d+ \(700 in all\)$/);
    const saved = Number(/of (\d+)/.exec(await status(place))![1]);
    expect(saved).toBeLessThan(700);
    await notebook.save();
    const rest = place.locator('.apolab-bar button', { hasText: 'load the other' });
    expect(await rest.innerText()).toBe(`load the other ${700 - saved}`);
    await rest.click();
    await expect.poll(() => status(place), { timeout: patience }).toBe('1–50 of 700');
    expect(await rest.count()).toBe(0);
    for (let times = 0; times < 2; times++) await head(place, 'prompt').click();
    expect(await place.locator('tbody tr').first().locator('td').nth(1).innerText()).toBe('How many? 699');
    // Opened again, without the kernel that has the rest.
    await notebook.endKernel();
    await notebook.page.reload();
    const opened = table(notebook.cell(0).root);
    await expect.poll(() => status(opened), { timeout: patience }).toBe(`1–50 of ${saved} (700 in all)`);
    await notebook.untilIdle();
    await opened.locator('.apolab-bar button', { hasText: 'load the other' }).click();
    await opened
      .locator('.apolab-bar', {
        hasText: `The other ${700 - saved} are not saved in this notebook: run the cell again.`,
      })
      .waitFor();
  });

  it('of pairs can be paged through to the last one, and pairs in records and maps are differences', async () => {
    const code = `const pair = (index: number) => ({ prompt: 'How many? ' + index, chosen: 'There are ' + index, rejected: 'There are many' });
      const pairs = Array.from({ length: 130 }, (_, index) => pair(index));
      display(pairs);
      display({ first: pair(1), others: [pair(2), pair(3)] });
      display(new Map([['clair', pair(4)]]));
      display([{ score: 1, pair: pair(5) }]);`;
    const cell = await notebook.run(0, code);
    const place = table(cell.outputs.nth(0));
    await expect.poll(() => status(place), { timeout: patience }).toBe('1–50 of 130');
    for (let times = 0; times < 2; times++) await place.getByTitle('next page').click();
    expect(await status(place)).toBe('101–130 of 130');
    expect(await place.locator('tbody tr').last().locator('ins').innerText()).toBe('129');
    const inserted = async (output: number) =>
      (await cell.outputs.nth(output).locator('ins').allInnerTexts()).filter((text) => /^\d+$/.test(text));
    expect(await inserted(1)).toEqual(['1', '2', '3']);
    expect(await inserted(2)).toEqual(['4']);
    expect(await inserted(3)).toEqual(['5']);
  });
});
