/** Cells and requests through a real Jupyter client. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { errorOf, KernelProcess, resultOf, textOf, type KernelMessage } from './kernelProcess.js';

let kernel: KernelProcess;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'apolab-notebook-'));
  kernel = await KernelProcess.start(folder);
});
afterAll(() => kernel.stop());

describe('a cell', () => {
  it('gives its last expression as execute_result, between busy and idle', async () => {
    const answer = await kernel.execute('1 + 2');
    expect(resultOf(answer)).toBe('3');
    expect(answer.sequence).toEqual(['busy', 'execute_input', 'execute_result', 'idle']);
    expect(answer.reply).toMatchObject({ status: 'ok', user_expressions: {} });
  });

  it('gives no result for a declaration', async () => {
    expect((await kernel.execute('const declared = 5;')).outputs).toEqual([]);
  });

  it('shows a function without a name as anonymous', async () => {
    expect(resultOf(await kernel.execute('() => 1'))).toBe('[Function (anonymous)]');
  });

  it('declares variables, functions, types and classes for later cells, and may declare them again', async () => {
    await kernel.execute('let again = 1; interface Point { x: number }\nfunction double(p: Point) { return p.x * 2; }');
    expect(resultOf(await kernel.execute('double({ x: again + 20 })'))).toBe('42');
    await kernel.execute("const again = 'now text';");
    expect(resultOf(await kernel.execute('again.toUpperCase()'))).toBe("'NOW TEXT'");
  });

  it('awaits at the top level, for await too', async () => {
    await kernel.execute('const awaited = await new Promise<number>((resolve) => setTimeout(resolve, 5, 7));');
    const code =
      'async function* count() { yield 1; yield 2; }\nlet sum = awaited;\nfor await (const n of count()) sum += n;\nsum';
    expect(resultOf(await kernel.execute(code))).toBe('10');
  });

  it('keeps stdout and stderr separate and in order', async () => {
    const answer = await kernel.execute("console.log('a'); console.error('b'); console.log('c');");
    const streams = answer.outputs.map(({ content }) => [content.name, content.text]);
    expect(streams).toEqual([
      ['stdout', 'a\n'],
      ['stderr', 'b\n'],
      ['stdout', 'c\n'],
    ]);
  });

  it('prints ten thousand lines completely and in order', async () => {
    const answer = await kernel.execute('for (let line = 0; line < 10_000; line++) console.log(line);');
    expect(textOf(answer)).toBe(Array.from({ length: 10_000 }, (_, line) => `${line}\n`).join(''));
    expect(answer.outputs.length).toBeLessThan(5_000);
  });

  it('publishes nothing if it is silent, and has no history if it is not to be stored', async () => {
    const before = (await kernel.execute('0')).reply.execution_count as number;
    const silent = await kernel.execute('globalThis.quiet = 1; 5', { silent: true });
    expect(silent.sequence).toEqual(['busy', 'idle']);
    expect(silent.reply.execution_count).toBe(before);
    expect((await kernel.execute('6', { store_history: false })).reply.execution_count).toBe(before);
    expect((await kernel.execute('7')).reply.execution_count).toBe(before + 1);
  });

  it('answers user_expressions, failing ones too', async () => {
    const { reply } = await kernel.execute('1', { user_expressions: { sum: '20 + 2', wrong: 'nothing.here' } });
    expect(reply.user_expressions).toMatchObject({
      sum: { status: 'ok', data: { 'text/plain': '22' } },
      wrong: { status: 'error', ename: 'TypeScriptError' },
    });
  });

  it('imports from the folder of its notebook: TypeScript, JSON and packages of Node', async () => {
    await writeFile(path.join(folder, 'area.ts'), 'export const area = (side: number): number => side ** 2;\n');
    await writeFile(path.join(folder, 'sides.json'), '{ "side": 9 }');
    const code = [
      "import { area } from './area.js';",
      "import { area as sameArea } from './area.ts';",
      "import sides from './sides.json';",
      "import { basename } from 'node:path';",
      '[basename(`/x/${area(sides.side)}`), sameArea === area]',
    ].join('\n');
    expect(resultOf(await kernel.execute(code))).toBe("[ '81', true ]");
  });

  it('shows output of its timers under its own parent, after it has ended', async () => {
    const parent = await kernel.sendCell("setTimeout(() => console.log('late'), 200);");
    await kernel.finish(parent);
    const other = kernel.sendCell('await new Promise((resolve) => setTimeout(resolve, 600));');
    await kernel.untilPrinted(parent, 'late');
    await kernel.finish(await other);
  });
});

describe('frames of strangers', () => {
  const delimiter = Buffer.from('<IDS|MSG>');
  const forged = (signature: string, ...parts: string[]) => [
    delimiter,
    ...[signature, ...parts].map((part) => Buffer.from(part)),
  ];
  const header = JSON.stringify({
    msg_id: 'm',
    session: 's',
    username: 'u',
    date: '',
    version: '5.4',
    msg_type: 'execute_request',
  });
  const attack = JSON.stringify({ code: 'globalThis.forged = true', silent: false });

  it('are dropped on every channel and run nothing, and the next good request is answered', async () => {
    const random = createRandom(3, 'frames');
    const noise = () => Buffer.from(Array.from({ length: random.integer(40) }, () => random.integer(256)));
    const messages = [
      forged('', header, '{}', '{}', attack),
      forged('0'.repeat(64), header, '{}', '{}', attack),
      forged('0'.repeat(63), header, '{}', '{}', attack),
      forged('0'.repeat(64), '{', '{}', '{}', attack),
      [delimiter],
      [Buffer.from('no delimiter at all')],
      ...Array.from({ length: 200 }, () =>
        Array.from({ length: 1 + random.integer(7) }, () => (random.chance(0.3) ? delimiter : noise())),
      ),
    ].map((frames) => frames.map((frame) => frame.toString('base64')));
    for (const channel of ['shell', 'control', 'stdin']) await kernel.call('raw', { channel, messages });
    expect(resultOf(await kernel.execute("'forged' in globalThis"))).toBe('false');
    expect(await kernel.call('alive')).toBe(true);
  });

  it('are dropped when they repeat a signed message', async () => {
    await kernel.execute('let replays = 0;');
    const content = {
      code: 'replays += 1;',
      silent: false,
      store_history: true,
      user_expressions: {},
      stop_on_error: true,
    };
    const parent = await kernel.call<string>('replay', { type: 'execute_request', content, times: 3 });
    await kernel.finish(parent);
    expect(resultOf(await kernel.execute('replays'))).toBe('1');
  });
});

describe('language help', () => {
  it('completes members of typed globals and of variables', async () => {
    const members = await kernel.request('complete_request', { code: 'tf.matM', cursor_pos: 7 });
    expect(members).toMatchObject({ status: 'ok', matches: ['matMul'], cursor_start: 3, cursor_end: 7 });
    await kernel.execute("const words = ['a'];");
    const own = await kernel.request('complete_request', { code: 'words.flatM', cursor_pos: 11 });
    expect(own.matches).toEqual(['flatMap']);
  });

  it('counts the cursor in code points, as clients do', async () => {
    const code = "'😀😀'.padSt";
    const reply = await kernel.request('complete_request', { code, cursor_pos: Array.from(code).length });
    expect(reply).toMatchObject({ matches: ['padStart'], cursor_start: 5, cursor_end: 10 });
  });

  it('inspects signature and documentation', async () => {
    await kernel.execute('/** Adds one. */\nfunction increment(n: number): number { return n + 1; }');
    const reply = await kernel.request('inspect_request', { code: 'increment', cursor_pos: 9, detail_level: 0 });
    expect(reply.found).toBe(true);
    expect((reply.data as Record<string, string>)['text/plain']).toContain('function increment(n: number): number');
    const nothing = await kernel.request('inspect_request', { code: ' ', cursor_pos: 1, detail_level: 0 });
    expect(nothing).toEqual({ status: 'ok', found: false, data: {}, metadata: {} });
  });

  it.each([
    ['1 + 1', 'complete'],
    ['function f() {', 'incomplete'],
    ['`text', 'incomplete'],
    ['const = ;', 'invalid'],
  ])('says that %j is %s', async (code, status) => {
    expect((await kernel.request('is_complete_request', { code })).status).toBe(status);
  });
});

describe('input', () => {
  it('asks the client that runs the cell', async () => {
    const parent = await kernel.sendCell("const answer = await input('Name? ');\nanswer.length");
    const question = await kernel.call<KernelMessage>('question', { parent });
    expect(question).toMatchObject({ type: 'input_request', content: { prompt: 'Name? ', password: false } });
    await kernel.call('answer', { value: 'Grace' });
    expect(resultOf(await kernel.finish(parent))).toBe('5');
  });

  it('says what to do if the client has no stdin', async () => {
    const { evalue } = errorOf(await kernel.execute('await input();', { allow_stdin: false }));
    expect(evalue).toContain("can't ask");
  });
});

describe('other requests', () => {
  it('kernel_info describes kernel and language', async () => {
    expect(await kernel.request('kernel_info_request', {})).toMatchObject({
      status: 'ok',
      protocol_version: '5.4',
      implementation: 'apolab',
      language_info: { name: 'typescript', mimetype: 'text/typescript', file_extension: '.ts' },
    });
  });

  it('comm_info and connect answer', async () => {
    expect(await kernel.request('comm_info_request', {})).toEqual({ status: 'ok', comms: {} });
    expect(Object.keys(await kernel.request('connect_request', {})).sort()).toEqual([
      'control_port',
      'hb_port',
      'iopub_port',
      'shell_port',
      'status',
      'stdin_port',
    ]);
  });

  it('history has the execution counts of the cells', async () => {
    const { reply } = await kernel.execute("'remember me'");
    const { history } = await kernel.request('history_request', {
      output: true,
      raw: true,
      hist_access_type: 'tail',
      n: 1,
    });
    expect(history).toEqual([[1, reply.execution_count, ["'remember me'", "'remember me'"]]]);
  });

  it('shutdown is answered and the process ends by itself', async () => {
    const short = await KernelProcess.start();
    const spinning = await short.sendCell("console.log('running');\nwhile (true) {}");
    await short.untilPrinted(spinning, 'running');
    expect((await short.call<KernelMessage>('shutdown')).content).toEqual({ status: 'ok', restart: false });
    expect(await short.call('alive')).toBe(false);
    await short.stop();
  });
});
