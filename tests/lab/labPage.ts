/**
 * A real JupyterLab in a real browser: `npm start` in its own folder, and a notebook that is used by keyboard and mouse. All waits
 * are for something on the page, never for a fixed time.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { packageRoot } from '../../src/core/packageRoot.js';
import { startLaunch } from '../setup/miniature.js';
import { Cell, patience } from './cell.js';
import { launchChromium } from './chromium.js';

export { Cell, patience };

/** The folder of screenshots: `APOLAB_SCREENSHOTS`, or one whose files each run overwrites. */
export const screenshotFolder = process.env.APOLAB_SCREENSHOTS ?? path.join(tmpdir(), 'apolab-lab-screenshots');

/** A running JupyterLab and its browser. */
export interface Lab {
  /** The server's folder, a temporary one. */
  readonly folder: string;
  /** The address that `npm start` prints, with the token. */
  readonly address: string;
  /** Opens JupyterLab in a new browser window and makes a notebook with this kernel from the launcher. */
  openNotebook(): Promise<Notebook>;
  /** Opens a notebook of the folder, or, by default, whatever page the printed address opens, in a new browser window. */
  openPage(file?: string): Promise<Notebook>;
  /** Ends browser, server and kernels, and deletes the folder. */
  close(): Promise<void>;
}

/**
 * Starts `npm start -- --no-browser` in a temporary folder, so that neither the notebooks nor the user's settings change. With
 * `copies`, the folder holds copies of these files and folders of the repository.
 */
export async function startLab({ copies = [] }: { copies?: readonly string[] } = {}): Promise<Lab> {
  const chromium = await launchChromium();
  const folder = mkdtempSync(path.join(tmpdir(), 'apolab-lab-'));
  for (const name of copies) cpSync(path.join(packageRoot, name), path.join(folder, name), { recursive: true });
  const settings = path.join(folder, '.settings');
  const completer = path.join(settings, '@jupyterlab/completer-extension');
  mkdirSync(completer, { recursive: true });
  // The default is a second; on a loaded machine the compiler's first answer takes longer.
  writeFileSync(path.join(completer, 'manager.jupyterlab-settings'), JSON.stringify({ providerTimeout: patience }));
  const { child, outcome } = startLaunch(packageRoot, [
    'lab',
    '--no-browser',
    `--root=${folder}`,
    `--LabApp.workspaces_dir=${path.join(folder, '.workspaces')}`,
    `--LabApp.user_settings_dir=${settings}`,
  ]);
  const address = await new Promise<string>((resolve, reject) => {
    let printed = '';
    child.stdout.on('data', (data: Buffer) => {
      printed += data.toString();
      const found = /http:\S+\?token=\S+/.exec(printed);
      if (found) resolve(found[0]);
    });
    void outcome.then(({ stderr }) => reject(new Error(`JupyterLab did not start: ${stderr}`)));
  });
  return {
    folder,
    address,
    openNotebook: () => openNotebook(chromium.browser, address),
    openPage: (file) => openPage(chromium.browser, address, file),
    close: async () => {
      await chromium.close();
      child.kill('SIGINT');
      // A server that is stopped while a kernel starts waits forever; the second signal ends it at once.
      const again = setTimeout(() => child.kill('SIGINT'), 15_000);
      await outcome;
      clearTimeout(again);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

let windows = 0;

async function openNotebook(browser: Browser, address: string): Promise<Notebook> {
  const notebook = await openPage(browser, address, '');
  await notebook.page.locator('.jp-LauncherCard[data-category="Notebook"][title^="TypeScript (apolab)"]').click();
  await notebook.untilIdle();
  return notebook;
}

/** Opens the printed address, or the page of a file; the file `''` is JupyterLab without a file. */
async function openPage(browser: Browser, address: string, file?: string): Promise<Notebook> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 1000 } });
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  const url = new URL(address);
  if (file !== undefined) url.pathname = file === '' ? '/lab' : `/lab/tree/${file}`;
  // A new workspace: otherwise JupyterLab opens what the last window had open.
  url.pathname = url.pathname.replace('/lab', `/lab/workspaces/window-${String((windows += 1))}`);
  await page.goto(url.href);
  return new Notebook(page, () => endKernels(address));
}

/** Ends a window's kernel, which would otherwise go on running and use memory. */
async function endKernels(address: string): Promise<void> {
  const { origin, searchParams } = new URL(address);
  const ask = (name: string, method: string) =>
    fetch(`${origin}/api/kernels${name}`, {
      method,
      headers: { Authorization: `token ${searchParams.get('token') ?? ''}` },
    });
  const running = (await (await ask('', 'GET')).json()) as { id: string }[];
  await Promise.all(running.map(({ id }) => ask(`/${id}`, 'DELETE')));
}

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
