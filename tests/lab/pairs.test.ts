/** Pairs in a real JupyterLab: what a person sees of them, in both themes and where the page is not trusted. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lab, type Notebook, startLab } from './labPage.js';

// Where a browser has to be installed first, that takes its time.
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

describe('pairs in JupyterLab', () => {
  it('are a table of differences to scroll and to unfold, whose texts are no markup', async () => {
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
    // The head stays in sight while the rows move under it.
    const box = cell.outputs.locator('.apolab-box');
    const top = async () => (await box.locator('thead th').first().boundingBox())!.y - (await box.boundingBox())!.y;
    const before = await top();
    await box.evaluate((element) => element.scrollTo(0, 400));
    expect(Math.abs((await top()) - before)).toBeLessThanOrEqual(1);
    await notebook.screenshot('pairs, light');
  });
});
