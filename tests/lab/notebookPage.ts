/** A notebook in its window of JupyterLab, used by keyboard and mouse. All waits are for something on the page. */
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { Cell, patience } from './cell.js';

/** The folder of screenshots: `APOLAB_SCREENSHOTS`, or one whose files each run overwrites. */
export const screenshotFolder = process.env.APOLAB_SCREENSHOTS ?? path.join(tmpdir(), 'apolab-lab-screenshots');

/** One notebook in its window. */
export class Notebook {
  readonly page: Page;
  readonly #panel: Locator;
  readonly #endKernels: () => Promise<void>;

  constructor(page: Page, endKernels: () => Promise<void>) {
    this.#endKernels = endKernels;
    this.page = page;
    this.#panel = page.locator('.jp-NotebookPanel:not(.lm-mod-hidden)');
  }

  /** The cell at an index, counted from 0. */
  cell(index: number): Cell {
    return new Cell(this.#panel.locator('.jp-Notebook .jp-Cell').nth(index));
  }

  /** The code cell whose text has these words, in sight. */
  async cellWith(words: string): Promise<Cell> {
    const cell = this.#panel.locator('.jp-CodeCell', { hasText: words }).first();
    await this.scrollTo(cell);
    return new Cell(cell);
  }

  /** Resolves when the kernel is ready and idle. */
  async untilIdle(): Promise<void> {
    // The status bar, because the toolbar's indicator is idle also before there is a kernel.
    await this.page.locator('#jp-main-statusbar', { hasText: 'TypeScript (apolab) | Idle' }).waitFor();
  }

  /** Puts code into the cell at an index, as pasted text: typing would let the editor indent it. */
  async enter(index: number, code: string): Promise<Cell> {
    const cell = this.cell(index);
    await cell.editor.click();
    await this.page.keyboard.insertText(code);
    return cell;
  }

  /** Shift+Enter: runs the selected cell and selects the next one, which it makes if there is none. */
  async runSelected(): Promise<void> {
    await this.page.keyboard.press('Shift+Enter');
  }

  /** Enters code into the cell at an index, runs it and waits for its execution count. */
  async run(index: number, code: string): Promise<Cell> {
    const cell = await this.enter(index, code);
    await this.runSelected();
    await cell.untilCounted();
    return cell;
  }

  /** Clicks a button of the notebook's toolbar by its name in JupyterLab, such as `interrupt`. */
  async clickToolbar(name: string): Promise<void> {
    await this.#panel.locator(`[data-jp-item-name="${name}"] jp-button`).click();
  }

  /** Saves the notebook under the name that JupyterLab proposes; returns it, with its ending. */
  async save(): Promise<string> {
    await this.clickToolbar('save');
    const dialog = this.page.locator('.jp-Dialog');
    const name = await dialog.locator('input[type=text]').inputValue();
    await dialog.locator('.jp-mod-accept').click();
    await expect.poll(() => this.page.locator('.jp-mod-dirty').count(), { timeout: patience }).toBe(0);
    return name.endsWith('.ipynb') ? name : `${name}.ipynb`;
  }

  /** Ends the kernel; the page stays. */
  async endKernel(): Promise<void> {
    await this.#endKernels();
  }

  /** Scrolls through the notebook until an element is in it: JupyterLab draws only the cells that are near. */
  async scrollTo(element: Locator): Promise<void> {
    const scrolled = '.jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer';
    await this.#panel.locator('.jp-Cell').first().waitFor();
    let from = 0;
    const next = async () => {
      await this.page.evaluate(`document.querySelector('${scrolled}').scrollTo(0, ${String(from)})`);
      from += 500;
      return element.isVisible();
    };
    await expect.poll(next, { timeout: patience }).toBe(true);
    await element.scrollIntoViewIfNeeded();
  }

  /** Chooses an entry of the menu bar by its labels, such as `Run`, `Run All Cells`. */
  async choose(menu: string, ...entries: readonly string[]): Promise<void> {
    await this.page.locator('.lm-MenuBar-itemLabel').getByText(menu, { exact: true }).click();
    for (const entry of entries)
      await this.page.locator('.lm-Menu-itemLabel').getByText(entry, { exact: true }).click();
  }

  /** Chooses a theme by its name, such as `JupyterLab Dark`. */
  async useTheme(name: string): Promise<void> {
    await this.choose('Settings', 'Theme', name);
  }

  /** Writes a screenshot; returns its file. */
  async screenshot(name: string): Promise<string> {
    mkdirSync(screenshotFolder, { recursive: true });
    const file = path.join(screenshotFolder, `${name.replace(/[^a-z0-9]+/gi, '-')}.png`);
    await this.page.screenshot({ path: file });
    return file;
  }

  /** Closes the window and ends the kernel. */
  async close(): Promise<void> {
    await this.page.context().close();
    await this.#endKernels();
  }
}
