/** JupyterLab as `npm start` opens it: on the first notebook, with a list of notebooks, and with links that open. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linkedFromNotebooks } from '../../src/commands/labFolder.js';
import { packageRoot } from '../../src/core/packageRoot.js';
import { type Lab, type Notebook, patience, startLab } from './labPage.js';

// A browser may have to be installed first, which takes long.
const setUpTimeout = 900_000;

const notebooks = ['ablation-grid.ipynb', 'first-steps.ipynb', 'preference-data.ipynb'];

let lab: Lab;

beforeAll(async () => {
  lab = await startLab({ copies: ['notebooks', ...linkedFromNotebooks] });
}, setUpTimeout);
afterAll(() => lab.close());

/** Does something in a window, and closes it. */
async function inWindow(opened: Promise<Notebook>, use: (notebook: Notebook) => Promise<void>): Promise<void> {
  const notebook = await opened;
  try {
    await use(notebook);
  } catch (error) {
    console.error(`what the page showed: ${await notebook.screenshot(expect.getState().currentTestName ?? 'links')}`);
    throw error;
  } finally {
    await notebook.close();
  }
}

/** The targets of the links in a notebook's text that are not addresses. */
function linksOf(file: string): string[] {
  const { cells } = JSON.parse(readFileSync(path.join(packageRoot, 'notebooks', file), 'utf8')) as {
    cells: { cell_type: string; source: string[] }[];
  };
  const text = cells.filter(({ cell_type }) => cell_type === 'markdown').map(({ source }) => source.join(''));
  return [...text.join('\n').matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, target]) => target!);
}

describe('JupyterLab as npm start opens it', () => {
  it('opens on first-steps, and lists notebooks only', async () => {
    expect(new URL(lab.address).pathname).toBe('/lab/tree/notebooks/first-steps.ipynb');
    await inWindow(lab.openPage(), async ({ page }) => {
      await page.locator('.jp-NotebookPanel h1', { hasText: 'First steps' }).waitFor();
      const listed = page.locator('.jp-DirListing-content .jp-DirListing-itemName');
      await expect.poll(() => listed.allInnerTexts(), { timeout: patience }).toEqual(notebooks);
    });
  });

  const linked = notebooks.flatMap((file) => linksOf(file).map((target) => ({ file, target })));

  it('has links, and an installed package copies what they open', () => {
    const targets = [...new Set(linked.map(({ target }) => path.posix.join('notebooks', target)))];
    const others = targets.filter((target) => !target.startsWith('notebooks/'));
    expect(targets).toContain('notebooks/ablation-grid.ipynb');
    expect(others).toEqual(linkedFromNotebooks);
  });

  it.each(linked)('opens $target from $file', async ({ file, target }) => {
    await inWindow(lab.openPage(`notebooks/${file}`), async (notebook) => {
      const { page } = notebook;
      const link = page.locator(`.jp-NotebookPanel .jp-RenderedMarkdown a`, { hasText: textOf(file, target) });
      await notebook.scrollTo(link.first());
      await link.first().click();
      const name = path.basename(target);
      await page.locator('.lm-DockPanel-tabBar .lm-TabBar-tab.jp-mod-current', { hasText: name }).waitFor();
      await openedPage(page.locator('.lm-DockPanel-widget:not(.lm-mod-hidden)'), target);
      expect(await page.locator('.jp-Dialog').count()).toBe(0);
    });
  });

  it('opens the report of a grid in a tab of the browser, with its figures, and the numbers in JupyterLab', () =>
    opensReport(lab, '/'));

  it("writes a notebook's results beside it", async () => {
    await inWindow(lab.openNotebook(), async (notebook) => {
      const write =
        "await preference.writePairs('results/pairs.jsonl', [{ prompt: 'a', chosen: 'b', rejected: 'c' }]);";
      await notebook.run(0, write);
      expect(existsSync(path.join(lab.folder, 'notebooks/results/pairs.jsonl'))).toBe(true);
    });
  });
});

it('under another address, as on JupyterHub, the links and the report open, too', async () => {
  const elsewhere = await startLab({
    copies: ['notebooks', ...linkedFromNotebooks],
    options: ['--ServerApp.base_url=/user/ann/'],
  });
  try {
    expect(new URL(elsewhere.address).pathname).toBe('/user/ann/lab/tree/notebooks/first-steps.ipynb');
    await inWindow(elsewhere.openPage('notebooks/preference-data.ipynb'), async (notebook) => {
      const { page } = notebook;
      const link = page.locator('.jp-NotebookPanel .jp-RenderedMarkdown a', { hasText: 'workshop set' });
      await notebook.scrollTo(link.first());
      await link.first().click();
      await openedPage(page.locator('.lm-DockPanel-widget:not(.lm-mod-hidden)'), '../datasets/workshop/README.md');
    });
    await opensReport(elsewhere, '/user/ann/');
  } finally {
    await elsewhere.close();
  }
});

/** Trains a small grid in a notebook, and opens its report and its numbers by their links. */
async function opensReport(lab: Lab, base: string): Promise<void> {
  await inWindow(lab.openNotebook(), async (notebook) => {
    const { page } = notebook;
    const out = path.join(lab.folder, 'results', 'small grid');
    // No step changes a weight, so both objectives score the same on every prompt.
    const learningRates = { kto: 1e-12, apo_zero: 1e-12 };
    const settings = {
      datasets: ['clair'],
      objectives: ['kto', 'apo_zero'],
      epochs: 1,
      pairCount: 32,
      learningRates,
      out,
    };
    const code = `const grid = await ablation.runGrid(ablation.runSettings(${JSON.stringify(settings)}));\nawait ablation.saveGrid(grid)`;
    const cell = await notebook.run(0, code);
    const opened = page.context().waitForEvent('page');
    const link = cell.outputs.locator('a', { hasText: 'report.html' });
    // JupyterLab makes the server's address of it.
    await expect.poll(() => link.getAttribute('href'), { timeout: patience }).toContain(`${base}files/`);
    await link.click();
    const report = await opened;
    const heading = report.locator('h2', { hasText: 'Beside the paper' });
    await heading.waitFor();
    expect(new URL(report.url()).pathname).toBe(`${base}files/results/small%20grid/report.html`);
    for (const figure of ['scores', 'rewards', 'contrastiveness'])
      await report.locator(`#${figure} svg.main-svg`).first().waitFor();
    // What is known comes first, in a sentence; two cells that score the same are not "undecided".
    expect(await heading.locator('xpath=following-sibling::p[1]').innerText()).toMatch(/^Known from the paper .+\.$/);
    expect(await report.locator('td .identical').allInnerTexts()).toEqual(['identical here']);
    await report.close();
    await cell.outputs.locator('a', { hasText: 'grid.csv' }).click();
    await page.locator('.jp-CSVViewer').waitFor();
  });
}

/** The text of a link in a notebook. */
function textOf(file: string, target: string): string {
  const text = readFileSync(path.join(packageRoot, 'notebooks', file), 'utf8');
  return text
    .slice(0, text.indexOf(`](${target})`))
    .split('[')
    .at(-1)!;
}

/** Resolves when the front tab shows the file: a notebook, or a page with its heading. */
async function openedPage(front: Locator, target: string): Promise<void> {
  const file = path.join(packageRoot, 'notebooks', target);
  if (target.endsWith('.ipynb')) {
    const { cells } = JSON.parse(readFileSync(file, 'utf8')) as { cells: { source: string[] }[] };
    await front.locator('h1', { hasText: cells[0]!.source[0]!.replace('# ', '').trim() }).waitFor();
    return;
  }
  const [title] = readFileSync(file, 'utf8').split('\n');
  await front.locator('.jp-MarkdownViewer h1', { hasText: title!.replace('# ', '') }).waitFor();
}
