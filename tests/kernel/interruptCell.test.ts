/** Interrupts at every moment of a cell, and the channels while a cell computes. */
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

  it('really ends a for await: its loop does not continue in the background', async () => {
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

  it('does not end the kernel right after a cell that listens to SIGINT itself', async () => {
    await kernel.execute("process.on('SIGINT', () => undefined);");
    await kernel.call('interrupt');
    const answers = [];
    do answers.push(await kernel.execute('earlier'));
    while (resultOf(answers.at(-1)!) === undefined && answers.length < 2);
    expect(resultOf(answers.at(-1)!)).toBe("'here'");
    expect(await kernel.call('alive')).toBe(true);
  });

  // Each of a hundred cells is interrupted twice at a random moment: before, in, at the end of and after its code. Once, an
  // answer that was dropped there hung the kernel, and a signal outside the guarded code ended it.
  it('leaves every cell answered and the kernel running, at every moment', async () => {
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

  it('does not change an idle kernel and its variables', async () => {
    await kernel.call('interrupt');
    await kernel.call('interrupt');
    // On a busy machine a signal may arrive as late as the next cell, which it then rightly ends.
    const answers = [];
    do answers.push(await kernel.execute('earlier'));
    while (resultOf(answers.at(-1)!) === undefined && answers.length < 3);
    for (const late of answers.slice(0, -1)) expect(errorOf(late).ename).toBe('KeyboardInterrupt');
    expect(resultOf(answers.at(-1)!)).toBe("'here'");
  });
});

describe('while a cell computes', () => {
  it('its output is sent, the heartbeat echoes and control answers', async () => {
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
