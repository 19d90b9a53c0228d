/** A real JupyterLab in a real browser: `npm start` in its own folder, and windows of notebooks. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { packageRoot } from '../../src/core/packageRoot.js';
import { startLaunch } from '../setup/miniature.js';
import { Cell, patience } from './cell.js';
import { launchChromium } from './chromium.js';
import { Notebook, screenshotFolder } from './notebookPage.js';

export { Cell, Notebook, patience, screenshotFolder };

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

/** JupyterLab's settings, by the name of a plug-in. */
type Settings = Readonly<Record<string, object>>;

// The default is a second; on a loaded machine the compiler's first answer takes longer.
const usualSettings: Settings = { '@jupyterlab/completer-extension/manager': { providerTimeout: patience } };

/** How JupyterLab is started. */
export interface LabOptions {
  readonly copies?: readonly string[];
  readonly options?: readonly string[];
  readonly settings?: Settings;
  /** Environment variables of the server and its kernels. */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Starts `npm start -- --no-browser` in a temporary folder, so that neither the notebooks nor the user's settings change. With
 * `copies`, the folder holds copies of these files and folders of the repository; `options` are further arguments of JupyterLab's.
 */
export async function startLab({
  copies = [],
  options = [],
  env = {},
  settings: given = {},
}: LabOptions = {}): Promise<Lab> {
  const chromium = await launchChromium();
  const folder = mkdtempSync(path.join(tmpdir(), 'apolab-lab-'));
  for (const name of copies) cpSync(path.join(packageRoot, name), path.join(folder, name), { recursive: true });
  const settings = path.join(folder, '.settings');
  for (const [name, values] of Object.entries({ ...usualSettings, ...given })) {
    const file = path.join(settings, `${name}.jupyterlab-settings`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(values));
  }
  const { child, outcome } = startLaunch(
    packageRoot,
    [
      'lab',
      '--no-browser',
      `--root=${folder}`,
      `--LabApp.workspaces_dir=${path.join(folder, '.workspaces')}`,
      `--LabApp.user_settings_dir=${settings}`,
      ...options,
    ],
    env,
  );
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
  const { base, token } = serverOf(address);
  const shown =
    file === undefined ? address.slice(base.length).split('?')[0]! : file === '' ? 'lab' : `lab/tree/${file}`;
  // A new workspace: otherwise JupyterLab opens what the last window had open.
  const path = shown.replace('lab', `lab/workspaces/window-${String((windows += 1))}`);
  await page.goto(`${base}${path}?token=${token}`);
  return new Notebook(page, () => endKernels(address));
}

/** The parts of the printed address: the server's own, and the token. */
function serverOf(address: string): { base: string; token: string } {
  const [, base, token] = /^(.*?\/)lab\b.*[?]token=(.*)$/.exec(address)!;
  return { base: base!, token: token! };
}

/** Ends a window's kernel, which would otherwise go on running and use memory. */
async function endKernels(address: string): Promise<void> {
  const { base, token } = serverOf(address);
  const ask = (name: string, method: string) =>
    fetch(`${base}api/kernels${name}`, { method, headers: { Authorization: `token ${token}` } });
  const running = (await (await ask('', 'GET')).json()) as { id: string }[];
  await Promise.all(running.map(({ id }) => ask(`/${id}`, 'DELETE')));
}
