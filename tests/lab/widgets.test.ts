/** Controls in JupyterLab: the user's changes reach the kernel, and cells' changes are shown. */
import { describe, expect, it } from 'vitest';
import { patience } from './labPage.js';
import { notebook } from './openLab.js';

const press = async (selector: string, key: string, times: number) => {
  await notebook.page.locator(selector).focus();
  for (let time = 0; time < times; time++) await notebook.page.keyboard.press(key);
};

describe('controls in JupyterLab', () => {
  it('are drawn, are moved by the user and by a cell, and call their handlers', async () => {
    const code = [
      "const slider = widgets.slider({ label: 'beta', max: 10, value: 3 });",
      "const objective = widgets.dropdown({ label: 'objective', options: ['apo_zero', 'apo_down', 'sft'] });",
      "const shuffle = widgets.checkbox({ label: 'shuffle' });",
      "const name = widgets.text({ label: 'name' });",
      'widgets.column([widgets.row([slider, objective]), shuffle, name])',
    ];
    const controls = await notebook.run(0, code.join('\n'));
    const readout = controls.root.locator('.widget-readout');
    await expect.poll(() => readout.innerText(), { timeout: patience }).toBe('3');
    const listener = [
      "display('untouched', { id: 'state' });",
      'const all = [slider, objective, shuffle, name] as const;',
      "const show = () => display(all.map(({ value }) => value).join(' '), { id: 'state', update: true });",
      'all.forEach((control) => control.onChange(show));',
    ];
    const shown = await notebook.run(1, listener.join('\n'));
    await press('.widget-slider .noUi-handle', 'ArrowRight', 2);
    await shown.untilShown('5 apo_zero false');
    await controls.root.locator('select').selectOption('sft');
    await shown.untilShown('5 sft false');
    await controls.root.locator('input[type=checkbox]').check();
    await controls.root.locator('input[type=text]').fill('Ada');
    await shown.untilShown('5 sft true Ada');
    await notebook.run(2, "slider.value = 9; objective.value = 'apo_down';");
    await expect.poll(() => readout.innerText(), { timeout: patience }).toBe('9');
    expect(await controls.root.locator('select').inputValue()).toBe('apo_down');
    await shown.untilShown('9 apo_down true Ada');
  });

  it('reach a cell that waits for a click', async () => {
    const cell = await notebook.enter(
      0,
      "const go = widgets.button({ label: 'Go' });\ndisplay(go);\nconsole.log('clicked', await go.next());",
    );
    await notebook.runSelected();
    const button = cell.root.locator('button.widget-button');
    await button.waitFor();
    expect(await cell.prompt()).toBe('[*]:');
    await button.click();
    await cell.untilShown('clicked 1');
    await cell.untilCounted();
  });

  it('are there again, in their current state, when the page is reloaded', async () => {
    await notebook.run(0, 'const slider = widgets.slider({ max: 10, value: 1 });\nslider');
    await press('.widget-slider .noUi-handle', 'ArrowRight', 3);
    await expect.poll(() => notebook.page.locator('.widget-readout').innerText(), { timeout: patience }).toBe('4');
    await notebook.clickToolbar('save');
    // JupyterLab asks for a name when a notebook is saved for the first time.
    await notebook.page.locator('.jp-Dialog .jp-mod-accept').click();
    await expect.poll(() => notebook.page.locator('.jp-mod-dirty').count(), { timeout: patience }).toBe(0);
    await notebook.page.reload();
    await expect.poll(() => notebook.page.locator('.widget-readout').innerText(), { timeout: patience }).toBe('4');
    await press('.widget-slider .noUi-handle', 'ArrowRight', 1);
    await notebook.untilIdle();
    const next = await notebook.run(1, 'slider.value');
    await next.untilShown('5');
  });
});
