/** JupyterLab in a browser, used by keyboard and mouse. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { patience } from './labPage.js';
import { lab, notebook } from './openLab.js';

describe('a notebook in JupyterLab', () => {
  it('shows what was typed, its result and the count of both', async () => {
    const first = notebook.cell(0);
    expect(await first.prompt()).toBe('[ ]:');
    await first.editor.click();
    await notebook.page.keyboard.type('1 + 2');
    await notebook.runSelected();
    await first.untilCounted();
    await first.untilShown('3');
    expect(await first.prompt()).toBe('[1]:');
    expect((await first.root.locator('.jp-OutputPrompt').innerText()).trim()).toBe('[1]:');
    expect(await first.text()).toBe('3');
    const second = await notebook.run(1, 'const declared = 5;');
    expect(await second.prompt()).toBe('[2]:');
    expect(await second.text()).toBe('');
  });

  it('asks in an input box and continues with the answer', async () => {
    const cell = await notebook.enter(0, "const name = await input('Name? ');\n`Hello ${name}`");
    await notebook.runSelected();
    const box = cell.root.locator('.jp-Stdin-input');
    await box.waitFor();
    expect((await cell.root.locator('.jp-Stdin-prompt').innerText()).trim()).toBe('Name?');
    expect(await cell.prompt()).toBe('[*]:');
    await box.fill('Ada');
    await box.press('Enter');
    await cell.untilCounted();
    await cell.untilShown("'Hello Ada'");
    expect(await cell.text()).toContain('Name?  Ada');
  });

  it('completes by Tab with a list to choose from', async () => {
    const cell = await notebook.enter(0, 'tf.matM');
    const offered = notebook.page.locator('.jp-Completer-item .jp-Completer-match');
    const complete = async () => {
      await notebook.page.keyboard.press('Tab');
      await offered.first().waitFor();
      return offered.allInnerTexts();
    };
    expect(await complete()).toEqual(['matMul']);
    await notebook.page.keyboard.press('Enter');
    await expect.poll(() => cell.editor.innerText(), { timeout: patience }).toBe('tf.matMul');
    await notebook.page.keyboard.insertText('; Math.f');
    expect(await complete()).toEqual(['floor', 'fround']);
    await notebook.page.keyboard.press('ArrowDown');
    await notebook.page.keyboard.press('Enter');
    await expect.poll(() => cell.editor.innerText(), { timeout: patience }).toBe('tf.matMul; Math.fround');
  });

  it('explains what the cursor is at by Shift+Tab', async () => {
    await notebook.enter(0, 'tf.matMul');
    await notebook.page.keyboard.press('Shift+Tab');
    const tooltip = notebook.page.locator('.jp-Tooltip');
    await tooltip.filter({ hasText: 'matMul' }).waitFor();
    expect(await tooltip.innerText()).toContain('transposeA?: boolean, transposeB?: boolean');
  });

  it('stops an endless loop by the stop button, keeps the variables and goes on', async () => {
    await notebook.run(0, 'let kept = 41;');
    const loop = await notebook.enter(1, "console.log('started');\nwhile (true) {}");
    await notebook.runSelected();
    await loop.untilShown('started');
    await notebook.clickToolbar('interrupt');
    await loop.untilCounted();
    await loop.untilShown('KeyboardInterrupt');
    const next = await notebook.run(2, 'kept + 1');
    await next.untilShown('42');
    expect(await next.prompt()).toBe('[3]:');
  });

  it('restarts by the restart button: the variables are gone and counting starts at 1', async () => {
    await notebook.run(0, 'let gone = 1;');
    await notebook.clickToolbar('restart');
    await notebook.page.locator('.jp-Dialog .jp-mod-accept').click();
    const next = await notebook.run(1, 'gone');
    await next.untilShown("Cannot find name 'gone'");
    expect(await next.prompt()).toBe('[1]:');
  });

  it('shows an error with its line and does not run the cells queued behind it', async () => {
    const failing = [
      "import { existsSync } from 'node:fs';",
      "while (!existsSync('go-on')) await new Promise((resolve) => setTimeout(resolve, 20));",
      "function fail(): never { throw new RangeError('out of range'); }",
      'fail();',
    ];
    const cells = [await notebook.enter(0, failing.join('\n'))];
    await notebook.runSelected();
    for (const index of [1, 2]) {
      cells.push(await notebook.enter(index, `console.log('cell ${index} ran')`));
      await notebook.runSelected();
      await cells[index]!.untilStarted();
    }
    await writeFile(path.join(lab.folder, 'go-on'), '');
    await cells[0]!.untilShown('RangeError: out of range');
    expect(await cells[0]!.text()).toMatch(
      /> 3 \| function fail.*\n.*\^\n[^]*at fail \(cell-1\.ts:3:\d+\)\n\s+at cell-1\.ts:4:1/,
    );
    for (const cell of cells.slice(1)) {
      await expect.poll(() => cell.prompt(), { timeout: patience }).toBe('[ ]:');
      expect(await cell.text()).toBe('');
    }
    const next = await notebook.run(3, "'goes on'");
    await next.untilShown("'goes on'");
    expect(await next.prompt()).toBe('[2]:');
  });

  it('draws a figure', async () => {
    const figure = "({ data: [{ type: 'bar', x: ['a', 'b'], y: [1, 3] }], layout: { title: { text: 'Two bars' } } })";
    const cell = await notebook.run(0, `Plotly;\n${figure}`);
    const plot = cell.root.locator('.js-plotly-plot svg.main-svg').first();
    await plot.waitFor();
    await expect.poll(() => plot.locator('.bars path').count(), { timeout: patience }).toBe(2);
    expect(await cell.root.locator('.js-plotly-plot .gtitle').textContent()).toBe('Two bars');
  });

  it('updates a progress bar in its output, also while a loop blocks the thread', async () => {
    const cell = await notebook.enter(
      0,
      "const bar = progress(1e12, { label: 'Steps' });\nwhile (true) bar.advance();",
    );
    await notebook.runSelected();
    const bar = cell.outputs.locator('progress');
    const done = async () => Number(await bar.getAttribute('value'));
    await expect.poll(done, { timeout: patience }).toBeGreaterThan(0);
    const before = await done();
    await expect.poll(done, { timeout: patience }).toBeGreaterThan(before);
    expect(await cell.prompt()).toBe('[*]:');
    expect(await cell.outputs.count()).toBe(1);
    await notebook.clickToolbar('interrupt');
    await cell.untilCounted();
    await notebook.run(1, 'bar.finish();');
    await expect.poll(() => bar.count(), { timeout: patience }).toBe(1);
  });
});
