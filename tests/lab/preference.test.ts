/** Preference pairs in JupyterLab: the cell that the README shows, and its picture. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageRoot } from '../../src/packageRoot.js';
import { rows } from '../../src/workshop.js';
import { type Lab, type Notebook, startLab } from './labPage.js';

let lab: Lab;
let notebook: Notebook;

beforeAll(async () => {
  lab = await startLab();
  notebook = await lab.openNotebook();
}, 900_000);
afterAll(async () => {
  await notebook.close();
  await lab.close();
});

const readme = readFileSync(path.join(packageRoot, 'README.md'), 'utf8');
const [, readmeCell = ''] = /<!-- preference-data -->\s+```ts\n(.*?)\n```/s.exec(readme) ?? [];

/** A property as the page computes it, by Chromium's own words for it. */
const styleOf = (element: Locator, property: string): Promise<string> =>
  element.evaluate(`(element) => getComputedStyle(element).getPropertyValue('${property}')`);

// The picture is the README's: APOLAB_SCREENSHOTS=notebooks npx vitest run --project default tests/lab/preference.test.ts
it("shows the workshop set's CLAIR pairs as a table of differences, with the rationale beside each", async () => {
  // Room for the notebook, as a person makes it.
  await notebook.page.keyboard.press('Control+b');
  await notebook.page.setViewportSize({ width: 1360, height: 1000 });
  const cell = await notebook.run(0, readmeCell);
  const table = cell.outputs.locator('table');
  await table.waitFor();
  expect(await cell.text()).toContain('CLAIR: 72 pairs');
  const bodyRows = table.locator('tbody tr');
  expect(await bodyRows.count()).toBe(50);
  const [first] = rows();
  const row = bodyRows.first();
  expect(await row.innerText()).toContain(first!.prompt.split('\n')[0]!);
  expect(await row.innerText()).toContain(first!.rationale.slice(0, 40));
  // What is crossed out is the student's, what is put in the revision's, and the rest stands in both.
  const [deleted, inserted] = [await row.locator('del').allInnerTexts(), await row.locator('ins').allInnerTexts()];
  expect(deleted.length).toBeGreaterThan(0);
  expect(inserted.length).toBeGreaterThan(0);
  for (const text of deleted) expect(first!.student).toContain(text.trim());
  for (const text of inserted) expect(first!.revision).toContain(text.trim());
  const crossedOut = await styleOf(row.locator('del').first(), 'text-decoration-line');
  const putIn = await styleOf(row.locator('ins').first(), 'background-color');
  expect(crossedOut).toContain('line-through');
  expect(putIn).not.toBe('rgba(0, 0, 0, 0)');
  await cell.root.scrollIntoViewIfNeeded();
  await notebook.page.locator('.jp-Notebook').first().evaluate('(element) => element.scrollTo(0, 0)');
  await notebook.screenshot('preference-data');
});
