import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, KernelProcess, resultOf, textOf, type Answer, type KernelMessage } from './kernelProcess.js';

let kernel: KernelProcess;

beforeAll(async () => {
  kernel = await KernelProcess.start();
});
afterAll(() => kernel.stop());

type State = Readonly<Record<string, unknown>>;

const dataOf = ({ content }: KernelMessage) => content.data as { method?: string; state: State; buffer_paths: unknown };

/** Runs a cell; returns the id of the widget that it opens last. */
async function make(code: string) {
  const answer = await kernel.execute(code);
  const openings = answer.outputs.filter(({ type }) => type === 'comm_open');
  const opening = openings.at(-1);
  if (opening === undefined) throw new Error(`no widget was opened: ${JSON.stringify(answer)}`);
  const id = String(opening.content.comm_id);
  const send = (data: object, buffers: readonly string[] = []) =>
    kernel.send('comm_msg', { comm_id: id, data }, 'shell', { buffers });
  return {
    id,
    answer,
    openings,
    opening,
    send,
    update: async (state: State) => kernel.shown(await send({ method: 'update', state, buffer_paths: [] })),
  };
}

const messages = ({ outputs }: Pick<Answer, 'outputs'>) =>
  outputs.filter(({ type }) => type === 'comm_msg').map((message) => dataOf(message));

describe('a control', () => {
  it('opens a layout, a style and itself with protocol 2.1.0, and shows a view with text beside it', async () => {
    const { id, answer, openings } = await make(
      "widgets.slider({ label: 'beta', min: 0, max: 1, step: 0.05, value: 0.1 })",
    );
    const states = openings.map((opening) => dataOf(opening).state);
    expect(states.map(({ _model_module: module, _model_name: name }) => [module, name])).toEqual([
      ['@jupyter-widgets/controls', 'SliderStyleModel'],
      ['@jupyter-widgets/base', 'LayoutModel'],
      ['@jupyter-widgets/controls', 'FloatSliderModel'],
    ]);
    expect(openings.map(({ metadata, content }) => [metadata.version, content.target_name])).toEqual(
      Array(3).fill(['2.1.0', 'jupyter.widget']),
    );
    const [style, layout] = openings.map(({ content }) => `IPY_MODEL_${String(content.comm_id)}`);
    expect(states[2]).toMatchObject({ style, layout, description: 'beta', min: 0, max: 1, step: 0.05, value: 0.1 });
    expect(states[2]).toMatchObject({
      _view_name: 'FloatSliderView',
      readout_format: '.2f',
      _model_module_version: '2.0.0',
    });
    expect(answer.outputs.at(-1)!.content.data).toEqual({
      'application/vnd.jupyter.widget-view+json': { version_major: 2, version_minor: 0, model_id: id },
      'text/plain': "FloatSlider 'beta': 0.1",
    });
  });

  it('takes what the user sets: it is echoed, read, and handled under its message', async () => {
    const slider = await make('const one = widgets.slider({ value: 3 });');
    await kernel.execute("one.onChange((value) => console.log('now', value));");
    const answer = await slider.update({ value: 42 });
    expect(answer.sequence).toEqual(['busy', 'comm_msg', 'stream', 'idle']);
    expect(messages(answer)).toEqual([{ method: 'echo_update', state: { value: 42 }, buffer_paths: [] }]);
    expect(textOf(answer)).toBe('now 42\n');
    expect(resultOf(await kernel.execute('one.value'))).toBe('42');
    expect(textOf(await slider.update({ value: 42 }))).toBe('');
  });

  it('that a cell sets is updated on the page, under the cell; an unchanged value is not sent', async () => {
    await make('const two = widgets.slider({ max: 10 });');
    const answer = await kernel.execute(
      'const off = two.onChange((v) => console.log(v)); two.value = 7; two.value = 7; off(); two.value = 8;',
    );
    expect(messages(answer).map(({ method, state }) => [method, state])).toEqual([
      ['update', { value: 7 }],
      ['update', { value: 8 }],
    ]);
    expect(textOf(answer)).toBe('7\n');
    expect(messages(await kernel.execute('two.disabled = true;'))[0]!.state).toEqual({ disabled: true });
  });

  it('refuses values that it cannot have, and names those that it can', async () => {
    await make(
      "const three = widgets.dropdown({ options: ['a', 'b'] }); const four = widgets.slider({ min: 1, max: 2 });",
    );
    expect(errorOf(await kernel.execute("three.value = 'c'")).traceback).toContain("'c'");
    expect(errorOf(await kernel.execute("three.value = String('c') as 'a'")).evalue).toBe(
      'The dropdown has no c; its choices are a, b.',
    );
    expect(errorOf(await kernel.execute('four.value = 3')).evalue).toBe('The slider goes from 1 to 2; 3 is outside.');
    expect(errorOf(await kernel.execute('widgets.slider({ min: 2, max: 1 })')).evalue).toContain(
      'must be less than max',
    );
    expect(errorOf(await kernel.execute('widgets.dropdown({ options: [] })')).evalue).toContain('options is empty');
  });

  it('dropdown has values of any type', async () => {
    const dropdown = await make(
      'const rates = widgets.dropdown({ options: { small: 1e-5, large: 1e-3 }, value: 1e-3 });',
    );
    expect(dataOf(dropdown.opening).state).toMatchObject({ _options_labels: ['small', 'large'], index: 1 });
    await dropdown.update({ index: 0 });
    expect(resultOf(await kernel.execute('const rate: number = rates.value; rate'))).toBe('0.00001');
  });

  it('button counts clicks, for handlers, and for a cell that waits or loops', async () => {
    const button = await make("const go = widgets.button({ label: 'Train' });");
    await kernel.execute("go.onClick((clicks) => console.log('handler', clicks));");
    const click = async () => kernel.shown(await button.send({ method: 'custom', content: { event: 'click' } }));
    expect(textOf(await click())).toBe('handler 1\n');
    const cell = await kernel.sendCell(
      "console.log('ready'); for await (const click of go) { console.log('loop', click); if (click === 3) break; }\nconsole.log('then'); await go.next()",
    );
    await kernel.untilPrinted(cell, 'ready');
    await click();
    await click();
    await kernel.untilPrinted(cell, 'then');
    await click();
    expect(resultOf(await kernel.finish(cell))).toBe('4');
  });

  it('checkbox and text carry their values', async () => {
    const check = await make("const check = widgets.checkbox({ label: 'shuffle' });");
    await check.update({ value: true });
    const text = await make("const text = widgets.text({ placeholder: 'Ask' });");
    await text.update({ value: 'ägypten 😀' });
    expect(resultOf(await kernel.execute('[check.value, text.value]'))).toBe("[ true, 'ägypten 😀' ]");
  });

  it('shows the error of a handler, and calls the others', async () => {
    const slider = await make('const five = widgets.slider();');
    await kernel.execute(
      "five.onChange(() => { throw new Error('bad handler'); }); five.onChange((v) => console.log('good', v));",
    );
    const answer = await slider.update({ value: 2 });
    expect(errorOf(answer).evalue).toBe('bad handler');
    expect(textOf(answer)).toBe('good 2\n');
    expect(resultOf(await kernel.execute('five.value'))).toBe('2');
  });

  it('closes with its parts, ends loops and waits, and shows itself as text from then on', async () => {
    const slider = await make("const six = widgets.slider({ label: 'x' }); const waits = six.next();");
    const answer = await kernel.execute(
      'six.close(); for await (const _ of six) {}\nconst why = await waits.catch(String);\n[why, six]',
    );
    expect(answer.outputs.filter(({ type }) => type === 'comm_close')).toHaveLength(3);
    expect(resultOf(answer)).toBe("[ 'Error: The control was closed.', IntSlider 'x': 0 (closed) ]");
    expect((await kernel.request('comm_info_request', {})).comms).not.toHaveProperty(slider.id);
  });

  it('takes many updates completely and in order, both ways', async () => {
    const slider = await make('const storm = widgets.slider({ max: 2000 });');
    const out = await kernel.execute('for (let value = 1; value <= 1000; value++) storm.value = value;');
    expect(messages(out).map(({ state }) => state.value)).toEqual(
      Array.from({ length: 1000 }, (_, index) => index + 1),
    );
    await kernel.execute('const heard: number[] = []; storm.onChange((value) => { heard.push(value); });');
    let last = '';
    for (let value = 1001; value <= 2000; value++)
      last = await slider.send({ method: 'update', state: { value }, buffer_paths: [] });
    await kernel.shown(last);
    expect(
      resultOf(await kernel.execute('heard.length === 1000 && heard.every((value, index) => value === 1001 + index)')),
    ).toBe('true');
  });
});

describe('a page', () => {
  it('that requests one model gets its current state', async () => {
    const slider = await make('const asked = widgets.slider(); asked.value = 9;');
    const answer = await kernel.shown(await slider.send({ method: 'request_state' }));
    expect(messages(answer)[0]).toMatchObject({ method: 'update', state: { value: 9, _model_name: 'IntSliderModel' } });
  });

  it('that is opened later gets all models over the control comm', async () => {
    const box = await make("const inside = widgets.text({ value: 'x' }); const box = widgets.row([inside]);");
    const comm_id = randomUUID();
    const open = { comm_id, target_name: 'jupyter.widget.control', data: {} };
    await kernel.shown(await kernel.send('comm_open', open, 'shell', { metadata: { version: '1.0.0' } }));
    const asked = await kernel.send('comm_msg', { comm_id, data: { method: 'request_states' } });
    const { outputs } = await kernel.shown(asked);
    const { states } = outputs[0]!.content.data as { states: Record<string, { model_name: string; state: State }> };
    const { comms } = (await kernel.request('comm_info_request', { target_name: 'jupyter.widget' })) as {
      comms: object;
    };
    expect(Object.keys(states).sort()).toEqual(Object.keys(comms).sort());
    expect(states[box.id]).toMatchObject({ model_name: 'HBoxModel', model_module: '@jupyter-widgets/controls' });
    const [child] = states[box.id]!.state.children as string[];
    expect(states[child!.replace('IPY_MODEL_', '')]!.state.value).toBe('x');
  });

  it('that sends an unknown message gets an error', async () => {
    const slider = await make('widgets.slider()');
    expect(errorOf(await kernel.shown(await slider.send({ method: 'explode' }))).evalue).toContain("sent 'explode'");
    const lost = { method: 'update', state: { value: 1 }, buffer_paths: [['nowhere', 'x']] };
    expect(errorOf(await kernel.shown(await slider.send(lost, ['AAAA']))).evalue).toContain("has no 'nowhere'");
  });
});

describe('a custom control', () => {
  it('opens anywidget’s model, with bytes separate from the rest of its state', async () => {
    const custom = await make(`
      const custom = widgets.custom({
        esm: 'export default { render() {} }',
        css: '.x {}',
        state: { count: 1, image: { width: 2, pixels: new Uint8Array([1, 2]) }, list: [new Uint8Array([3]), null] },
      });`);
    const { state, buffer_paths: paths } = dataOf(custom.opening);
    expect(state).toMatchObject({ _model_module: 'anywidget', _model_name: 'AnyModel', _view_name: 'AnyView' });
    expect(state).toMatchObject({
      _esm: 'export default { render() {} }',
      _css: '.x {}',
      count: 1,
      image: { width: 2 },
      list: [null, null],
    });
    expect(paths).toEqual([
      ['image', 'pixels'],
      ['list', 0],
    ]);
    expect(custom.opening.buffers).toEqual(['AQI=', 'Aw==']);
    expect(resultOf(await kernel.execute('custom.state.count + custom.state.image.pixels[1]!'))).toBe('3');
  });

  it('takes a megabyte that the page sets, echoes it byte for byte, and calls its handlers', async () => {
    const custom = await make(
      "const sized = widgets.custom({ esm: '', state: { count: 0, bytes: new Uint8Array(1) } });",
    );
    await kernel.execute(
      'sized.onChange((changes) => console.log(Object.keys(changes), sized.state.bytes.length, sized.state.bytes[5]));',
    );
    const bytes = randomBytes(1 << 20);
    const update = { method: 'update', state: { count: 2 }, buffer_paths: [['bytes']] };
    const answer = await kernel.shown(await custom.send(update, [bytes.toString('base64')]));
    expect(messages(answer)).toEqual([{ ...update, method: 'echo_update' }]);
    expect(Buffer.from(answer.outputs[0]!.buffers[0]!, 'base64').equals(bytes)).toBe(true);
    expect(textOf(answer)).toBe(`[ 'count', 'bytes' ] 1048576 ${bytes[5]!}\n`);
  });

  it('exchanges messages with its module, both ways', async () => {
    const custom = await make("const talker = widgets.custom({ esm: '' });");
    await kernel.execute(
      'talker.onMessage((content, [bytes]) => talker.send({ got: content }, [new Uint8Array([...bytes!].reverse())]));',
    );
    const answer = await kernel.shown(await custom.send({ method: 'custom', content: 'hi' }, ['AQID']));
    expect(answer.outputs[0]).toMatchObject({
      content: { data: { method: 'custom', content: { got: 'hi' } } },
      buffers: ['AwIB'],
    });
  });
});
