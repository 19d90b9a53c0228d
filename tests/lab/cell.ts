/** A cell of a notebook in JupyterLab. */
import type { Locator } from 'playwright-core';
import { expect } from 'vitest';

/** Milliseconds after which a wait fails. */
export const patience = 60_000;

/** A cell on the page. */
export class Cell {
  readonly root: Locator;
  readonly editor: Locator;
  readonly #prompt: Locator;
  /** Its outputs, one element each. */
  readonly outputs: Locator;

  constructor(root: Locator) {
    this.root = root;
    this.editor = root.locator('.cm-content');
    this.#prompt = root.locator('.jp-InputPrompt');
    this.outputs = root.locator('.jp-OutputArea-output');
  }

  /** `[3]:`, `[*]:` while it runs, `[ ]:` while it hasn't. */
  async prompt(): Promise<string> {
    return (await this.#prompt.innerText()).trim();
  }

  /** Resolves when it has run: its prompt shows a count. */
  async untilCounted(): Promise<void> {
    await expect.poll(() => this.prompt(), { timeout: patience }).toMatch(/^\[\d+\]:$/);
  }

  /** Resolves when it runs or waits to run. */
  async untilStarted(): Promise<void> {
    await expect.poll(() => this.prompt(), { timeout: patience }).toBe('[*]:');
  }

  /** Waits until an output contains `text`. */
  async untilShown(text: string | RegExp): Promise<void> {
    await this.outputs.filter({ hasText: text }).first().waitFor();
  }

  /** The text of all outputs. */
  async text(): Promise<string> {
    return (await this.outputs.allInnerTexts()).join('\n').trim();
  }
}
