import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { backendIds, backends } from '../../src/tensor/index.js';
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

  it('gives a function without a name as that', async () => {
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

  it('keeps stdout and stderr apart and in order', async () => {
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

  it('leaves no trace when it is silent, and no history when it is not to be stored', async () => {
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

describe('an error', () => {
  it('of type shows code, line, column and caret, and the cell does not run', async () => {
    await kernel.execute('let untouched = 1;');
    const answer = await kernel.execute("untouched = 2;\nconst wrong: number = 'text';");
    const { ename, evalue, traceback } = errorOf(answer);
    const name = `cell-${String(answer.reply.execution_count)}.ts`;
    expect(ename).toBe('TypeScriptError');
    expect(evalue).toBe(`Type 'string' is not assignable to type 'number'. (TS2322, ${name}:2:7)`);
    expect(traceback).toContain("> 2 | const wrong: number = 'text';\n    |       ^^^^^");
    expect(answer.reply).toMatchObject({ status: 'error', ename, evalue });
    expect(resultOf(await kernel.execute('untouched'))).toBe('1');
  });

  it('of syntax is a SyntaxError at its place', async () => {
    const { ename, traceback } = errorOf(await kernel.execute('const fine = 1;\nlet = = 3;'));
    expect(ename).toBe('SyntaxError');
    expect(traceback).toContain('> 2 | let = = 3;');
  });

  it('at the end of what was typed, an unclosed brace, points at the last line', async () => {
    const { traceback } = errorOf(await kernel.execute('function open() {\n  return 1;'));
    expect(traceback).toContain('> 2 |   return 1;\n    |            ^');
    const header = errorOf(await kernel.execute('function (\n'));
    expect(header.evalue).toContain('Identifier expected. (TS1003');
    expect(header.traceback).not.toContain('export');
  });

  it('of type names what it is about without paths of the installation', async () => {
    const { evalue } = errorOf(await kernel.execute('training.trian();'));
    expect(evalue).toContain("Property 'trian' does not exist on type 'typeof training'. Did you mean 'train'?");
  });

  it('of type on a promise asks for the missing await', async () => {
    const { traceback } = errorOf(await kernel.execute('const later = Promise.resolve([1]);\nlater.length'));
    expect(traceback).toContain(
      "Property 'length' does not exist on type 'Promise<number[]>'.\n  Did you forget 'await'?",
    );
  });

  it('below many frames of a package still shows the line of the cell', async () => {
    const code = 'function multiply() {\n  return tf.ones([2, 3]).matMul(tf.ones([2, 3]));\n}\nmultiply();';
    expect(errorOf(await kernel.execute(code)).traceback).toContain('> 2 |   return tf.ones([2, 3])');
  });

  it('that is thrown shows the line that threw, below lines that only TypeScript has', async () => {
    const answer = await kernel.execute("interface Gone {\n  a: number;\n}\n\nthrow new Error('x');");
    const name = `cell-${String(answer.reply.execution_count)}.ts`;
    const { ename, evalue, traceback } = errorOf(answer);
    expect([ename, evalue]).toEqual(['Error', 'x']);
    expect(traceback).toContain(`${name}:5:7\n  4 | \n> 5 | throw new Error('x');\n    |       ^`);
    expect(traceback.split('\n').filter((line) => line.startsWith('    at '))).toEqual([`    at ${name}:5:7`]);
  });

  it('after an await shows the line that threw', async () => {
    const { traceback } = errorOf(
      await kernel.execute("type T = 1;\nawait new Promise((r) => setTimeout(r, 5));\n  throw new TypeError('late');"),
    );
    expect(traceback).toMatch(/^TypeError: late\ncell-\d+\.ts:3:9\n/);
  });

  it('in a function of an earlier cell shows that cell first, then the call', async () => {
    const first = await kernel.execute(
      'interface A { n: number }\nfunction fails(a: A) {\n  return a.n.toFixed(-1);\n}',
    );
    const second = await kernel.execute('// call it\nfails({ n: 1 });');
    const { ename, traceback } = errorOf(second);
    const frames = traceback.split('\n').filter((line) => line.startsWith('    at '));
    expect(ename).toBe('RangeError');
    expect(traceback).toContain('> 3 |   return a.n.toFixed(-1);');
    expect(frames.slice(1)).toEqual([
      `    at fails (cell-${String(first.reply.execution_count)}.ts:3:14)`,
      `    at cell-${String(second.reply.execution_count)}.ts:2:1`,
    ]);
  });

  it('in an imported file shows the file and its line', async () => {
    await writeFile(
      path.join(folder, 'broken.ts'),
      "interface B {}\nexport function broken(): void {\n  throw new Error('in file');\n}\n",
    );
    const { traceback } = errorOf(await kernel.execute("import { broken } from './broken.js';\nbroken();"));
    expect(traceback).toContain(`${path.join(folder, 'broken.ts')}:3:9`);
    expect(traceback).toContain("> 3 |   throw new Error('in file');");
  });

  it('that is no Error shows the statement that threw it', async () => {
    const { ename, evalue, traceback } = errorOf(await kernel.execute("const before = 1;\nthrow 'just text';"));
    expect([ename, evalue]).toEqual(['Thrown', 'just text']);
    expect(traceback).toContain("> 2 | throw 'just text';");
  });

  it('is what process.exit() becomes in a cell; the kernel lives on', async () => {
    const { ename, traceback } = errorOf(await kernel.execute('const reached = 1;\nprocess.exit(3);'));
    expect(ename).toBe('ProcessExit');
    expect(traceback).toContain('> 2 | process.exit(3);');
    expect(resultOf(await kernel.execute('reached'))).toBe('1');
  });

  it('keeps what the cell assigned before it, and what earlier cells had', async () => {
    await kernel.execute("let kept = 'old'; let other = 1;");
    await kernel.execute("let reached = 5;\nif (reached) throw new Error('stop');\nlet kept = 6;");
    expect(resultOf(await kernel.execute('[reached, kept.length, other]'))).toBe('[ 5, 3, 1 ]');
  });

  it('aborts the cells that were queued behind it, unless the client says otherwise', async () => {
    const failing = await kernel.sendCell("await null; throw new Error('first');");
    const queued = await kernel.sendCell('globalThis.ranAfterError = true;');
    expect((await kernel.finish(failing)).reply.status).toBe('error');
    expect((await kernel.finish(queued)).reply.status).toBe('aborted');
    expect(resultOf(await kernel.execute("'ranAfterError' in globalThis"))).toBe('false');

    const tolerated = await kernel.sendCell("throw new Error('tolerated');", { stop_on_error: false });
    const next = await kernel.sendCell('8');
    await kernel.finish(tolerated);
    expect(resultOf(await kernel.finish(next))).toBe('8');
  });

  it('of a timer or a forgotten promise is shown and does not end the kernel', async () => {
    const code =
      "setTimeout(() => { throw new Error('from timer'); }, 20);\nvoid Promise.reject(new Error('forgotten'));\nawait new Promise((r) => setTimeout(r, 200));";
    const { outputs, reply } = await kernel.execute(code);
    expect(outputs.map(({ content }) => content.evalue)).toEqual(['forgotten', 'from timer']);
    expect(reply.status).toBe('ok');
  });
});

describe('an interrupt', () => {
  const interrupted = async (code: string) => {
    const parent = await kernel.sendCell(code);
    await kernel.untilPrinted(parent, 'running');
    await kernel.call('interrupt');
    return kernel.finish(parent);
  };

  it('stops `while (true) {}` at its line and keeps all variables', async () => {
    await kernel.execute("const earlier = 'here';");
    const answer = await interrupted("type Unused = 1;\nlet own = 4;\nconsole.log('running');\nwhile (true) {}");
    const { ename, traceback } = errorOf(answer);
    expect(ename).toBe('KeyboardInterrupt');
    expect(traceback).toContain(`cell-${String(answer.reply.execution_count)}.ts:4:1`);
    expect(traceback).toContain('> 4 | while (true) {}');
    expect(answer.reply.status).toBe('error');
    expect(resultOf(await kernel.execute('[earlier, own]'))).toBe("[ 'here', 4 ]");
  });

  it.each([
    ['a promise that never settles', "console.log('running');\nawait new Promise(() => undefined);", 2],
    ['a loop over microtasks alone', "console.log('running');\nfor (;;) await null;", 2],
    [
      'a loop after a timer',
      "await new Promise((r) => setTimeout(r, 5));\nconsole.log('running');\nwhile (true) {}",
      3,
    ],
    [
      'an endless for await',
      "async function* ticks() { for (;;) { await new Promise((r) => setTimeout(r, 5)); yield 1; } }\nlet seen = 0;\nfor await (const one of ticks()) { seen += one; console.log('running'); }",
      3,
    ],
  ])('stops %s', async (_name, code, line) => {
    const { ename, traceback } = errorOf(await interrupted(code));
    expect(ename).toBe('KeyboardInterrupt');
    expect(traceback).toMatch(new RegExp(`cell-\\d+\\.ts:${line}:1\n`));
    expect(resultOf(await kernel.execute('1 + 1'))).toBe('2');
  });

  it('really ends a for await: its loop does not go on in the background', async () => {
    await interrupted(
      "let turns = 0;\nasync function* forever() { for (;;) { await new Promise((r) => setTimeout(r, 2)); yield 1; } }\nfor await (const one of forever()) { turns += one; console.log('running'); }",
    );
    const turns = resultOf(await kernel.execute('turns'));
    await kernel.execute('await new Promise((r) => setTimeout(r, 100));');
    expect(resultOf(await kernel.execute('turns'))).toBe(turns);
  });

  it('works by message on the control channel too', async () => {
    const parent = await kernel.sendCell("console.log('running');\nwhile (true) {}");
    await kernel.untilPrinted(parent, 'running');
    const request = await kernel.send('interrupt_request', {}, 'control');
    const reply = await kernel.call<KernelMessage>('reply', { parent: request, channel: 'control' });
    expect(reply.content).toEqual({ status: 'ok' });
    expect(errorOf(await kernel.finish(parent)).ename).toBe('KeyboardInterrupt');
  });

  it('leaves the kernel alive right after a cell that listens to SIGINT itself', async () => {
    await kernel.execute("process.on('SIGINT', () => undefined);");
    await kernel.call('interrupt');
    const answers = [];
    do answers.push(await kernel.execute('earlier'));
    while (resultOf(answers.at(-1)!) === undefined && answers.length < 2);
    expect(resultOf(answers.at(-1)!)).toBe("'here'");
    expect(await kernel.call('alive')).toBe(true);
  });

  // Each of a hundred cells is interrupted twice at a moment of chance: before, in, at the end of and after its code. An
  // answer that was dropped there once hung the kernel, and a signal beside the guarded code ended it.
  it('at whatever moment it comes leaves every cell answered and the kernel alive', async () => {
    const random = createRandom(1, 'moments of interrupts');
    const codes = [
      'earlier',
      'await 1; earlier',
      'await new Promise((r) => setTimeout(r, 1)); earlier',
      'display(earlier)',
    ];
    const pause = () => new Promise((resolve) => setTimeout(resolve, 60 * random.uniform()));
    const seen = new Set<unknown>();
    await kernel.execute("const earlier = 'here';");
    for (let cell = 0; cell < 100; cell++) {
      const parent = await kernel.sendCell(random.pick(codes));
      await pause();
      await kernel.call('interrupt');
      await pause();
      await kernel.call('interrupt');
      seen.add((await kernel.finish(parent)).reply.status);
    }
    for (const status of seen) expect(['ok', 'error']).toContain(status);
    expect(await kernel.call('alive')).toBe(true);
    expect(resultOf(await kernel.execute('earlier'))).toBe("'here'");
  });

  it('leaves an idle kernel and its variables alone', async () => {
    await kernel.call('interrupt');
    await kernel.call('interrupt');
    // Signals take their own way: on a busy machine one may come as late as the next cell, which it then rightly ends.
    const answers = [];
    do answers.push(await kernel.execute('earlier'));
    while (resultOf(answers.at(-1)!) === undefined && answers.length < 3);
    for (const late of answers.slice(0, -1)) expect(errorOf(late).ename).toBe('KeyboardInterrupt');
    expect(resultOf(answers.at(-1)!)).toBe("'here'");
  });
});

describe('while a cell spins', () => {
  it('its output is there, the heartbeat echoes and control answers', async () => {
    const flag = path.join(folder, 'go-on');
    const parent = await kernel.sendCell(
      `import { existsSync } from 'node:fs';\nconsole.log('before');\ndisplay.html('<i>live</i>');\nwhile (!existsSync(${JSON.stringify(flag)})) {}\nconsole.log('after');`,
    );
    await kernel.untilPrinted(parent, 'before');
    expect((await kernel.call<KernelMessage>('output', { parent })).type).toBe('display_data');
    expect(await kernel.call('heartbeat')).toBe('ping');
    const request = await kernel.send('kernel_info_request', {}, 'control');
    const info = await kernel.call<KernelMessage>('reply', { parent: request, channel: 'control' });
    expect(info.content.implementation).toBe('apolab');
    expect(await kernel.call('has_reply', { parent })).toBe(false);

    await writeFile(flag, '');
    expect(textOf(await kernel.finish(parent))).toBe('after\n');
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

  it('are dropped on every channel, run nothing, and the next good request is answered', async () => {
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

describe('the prelude', () => {
  it('computes with tensors on a backend that is ready, and shows them in short', async () => {
    await kernel.execute('const matrix: tf.Tensor2D = tf.tensor2d([[1, 2], [3, 4]]);');
    const answer = await kernel.execute('matrix.matMul(matrix)');
    expect(resultOf(answer)).toBe(
      'Tensor float32 [2, 2]  min 7  mean 13.5  max 22  std 5.67891\n[ [ 7, 10 ], [ 15, 22 ] ]',
    );
    const quickest = backendIds.find((id) => backends[id].isInstalled())!;
    expect(resultOf(await kernel.execute('tf.getBackend()'))).toBe(`'${quickest}'`);
  });

  it('prints tensors in short too, also inside other values', async () => {
    const { outputs } = await kernel.execute('console.log(tf.scalar(3)); console.log({ inside: tf.zeros([0]) });');
    const printed = outputs.map(({ content }) => content.text).join('');
    expect(printed).toContain('Tensor float32 []\n3\n');
    expect(printed).toContain('inside: Tensor float32 [0]');
  });

  it('checks calls of the globals', async () => {
    const { evalue } = errorOf(await kernel.execute('tf.matMul(1);'));
    expect(evalue).toContain('Expected 2-4 arguments, but got 1.');
  });

  it('shares its tensors with danfojs and shows a frame as a table', async () => {
    const answer = await kernel.execute("const frame = new dfd.DataFrame({ n: [1, 2], s: ['a', '<b>'] });\nframe");
    const { data } = answer.outputs.find(({ type }) => type === 'execute_result')!.content as {
      data: Record<string, string>;
    };
    expect(data['text/plain']).toBe('   n      s\n   int32  string\n0  1      a\n1  2      <b>');
    expect(data['text/html']).toContain('<td>&lt;b&gt;</td>');
    const same = await kernel.execute("frame['n'].tensor instanceof tf.Tensor");
    expect(resultOf(same)).toBe('true');
  });

  it('draws plotly figures', async () => {
    const { outputs } = await kernel.execute(
      "Plotly.newPlot([{ type: 'scatter', y: [1, 2] }], { title: { text: 'T' } })",
    );
    const { data } = outputs[0]!.content as { data: Record<string, unknown> };
    expect(data['application/vnd.plotly.v1+json']).toMatchObject({
      data: [{ type: 'scatter', y: [1, 2] }],
      layout: { title: { text: 'T' } },
    });
  });

  it('lets a cell have its own variable of a global name', async () => {
    await kernel.execute("const datasets = ['mine'];");
    expect(resultOf(await kernel.execute('datasets[0]'))).toBe("'mine'");
  });

  it.each([
    'tf',
    'dfd',
    'Plotly',
    'objectives',
    'preference',
    'models',
    'training',
    'world',
    'evaluation',
    'ablation',
    'charts',
    'display',
    'progress',
    'input',
  ])('has %s, typed', async (name) => {
    expect(resultOf(await kernel.execute(`typeof ${name}`))).toMatch(/^'(?:object|function)'$/);
    const reply = await kernel.request('inspect_request', { code: name, cursor_pos: 1, detail_level: 0 });
    expect(String((reply.data as Record<string, unknown>)['text/plain'])).not.toMatch(/: any$/);
  });
});

describe('display', () => {
  it('sends display_data, replaces it by id, and clears', async () => {
    const { outputs } = await kernel.execute(
      "display('one', { id: 'x' }); display('two', { id: 'x', update: true }); display.clear();",
    );
    expect(outputs.map(({ type }) => type)).toEqual(['display_data', 'update_display_data', 'clear_output']);
    expect(outputs[1]!.content).toMatchObject({ data: { 'text/plain': "'two'" }, transient: { display_id: 'x' } });
  });

  it("awaits a value's own asynchronous picture before the cell ends", async () => {
    const { sequence } = await kernel.execute(
      "display({ async [Symbol.for('Jupyter.display')]() { await new Promise((r) => setTimeout(r, 30)); return { 'text/html': '<b>' }; } });",
    );
    expect(sequence).toEqual(['busy', 'execute_input', 'display_data', 'idle']);
  });

  it.each([
    ['a cell', ''],
    ['a cell that fails', "throw new Error('later');"],
  ])('awaits the values of tensors that are read asynchronously before %s ends', async (_, last) => {
    const { sequence, outputs } = await kernel.execute(
      `const late = { dataId: {}, shape: [1], dtype: 'float32', size: 1, isDisposed: false,
        dataSync() { throw new Error('asynchronous only'); },
        data: () => new Promise<number[]>((resolve) => setTimeout(() => resolve([7]), 30)) };
      display(late); console.log('after'); ${last}`,
    );
    const failed = last === '' ? [] : ['error'];
    const shown = ['display_data', 'stream', 'update_display_data', ...failed];
    expect(sequence).toEqual(['busy', 'execute_input', ...shown, 'idle']);
    const [placeholder, , value] = outputs.map(({ content }) => content.data as Record<string, string>);
    expect([placeholder!['text/plain'], value!['text/plain']]).toEqual([
      'Tensor float32 [1] ...',
      'Tensor float32 [1]\n[ 7 ]',
    ]);
  });

  it('shows progress in one place that is updated', async () => {
    const { outputs } = await kernel.execute('for (const step of progress([1, 2], { label: "steps" })) {}');
    expect(outputs[0]!.type).toBe('display_data');
    expect(outputs.slice(1).every(({ type }) => type === 'update_display_data')).toBe(true);
    const { data } = outputs.at(-1)!.content as { data: Record<string, string> };
    expect(data['text/plain']).toContain('steps [########################] 2/2');
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

  it('says what to do where nobody can be asked', async () => {
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

  it('history counts cells as they were counted', async () => {
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
