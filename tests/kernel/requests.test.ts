import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, KernelProcess, resultOf, textOf, type KernelMessage } from './kernelProcess.js';

let kernel: KernelProcess;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'apolab-requests-'));
  kernel = await KernelProcess.start(folder);
});
afterAll(() => kernel.stop());

/** The reply and the iopub messages of a request on a channel. */
async function ask(type: string, content: object, channel: 'shell' | 'control') {
  const parent = await kernel.send(type, content, channel);
  const { type: name, content: reply } = await kernel.call<KernelMessage>('reply', { parent, channel });
  return { name, reply, outputs: await outputsOf(parent) };
}

async function outputsOf(parent: string): Promise<KernelMessage[]> {
  const outputs = [];
  do outputs.push(await kernel.call<KernelMessage>('output', { parent }));
  while (outputs.at(-1)!.content.execution_state !== 'idle');
  return outputs;
}

it('greets its first subscriber and sends that it is starting, before any request', async () => {
  const greeting = await kernel.call<KernelMessage[]>('greeting');
  expect(greeting.map(({ type, content }) => [type, content])).toEqual([
    ['iopub_welcome', { subscription: '' }],
    ['status', { execution_state: 'starting' }],
  ]);
});

describe('requests that the kernel does not know', () => {
  it.each([
    ['create_subshell_request', 'control'],
    ['delete_subshell_request', 'control'],
    ['list_subshell_request', 'control'],
    ['usage_request', 'control'],
    ['nonsense_request', 'control'],
    ['nonsense_request', 'shell'],
    ['create_subshell_request', 'shell'],
    ['execute_request', 'control'],
    ['constructor_request', 'shell'],
  ] as const)('are answered with an error, between busy and idle (%s on %s)', async (type, channel) => {
    const { name, reply, outputs } = await ask(type, {}, channel);
    expect(name).toBe(type.replace('request', 'reply'));
    expect(reply).toMatchObject({ status: 'error', ename: 'UnknownRequest' });
    expect(reply.evalue).toContain(`'${type}' is not a request that apolab answers on ${channel}`);
    expect(outputs.map(({ content }) => content.execution_state)).toEqual(['busy', 'idle']);
  });

  it('are not announced in kernel_info', async () => {
    expect((await ask('kernel_info_request', {}, 'shell')).reply.supported_features).toEqual([]);
  });

  it('of a debugger are answered in its own protocol', async () => {
    const { reply } = await ask(
      'debug_request',
      { type: 'request', seq: 3, command: 'attach', arguments: {} },
      'control',
    );
    expect(reply).toMatchObject({ type: 'response', request_seq: 3, success: false, command: 'attach' });
  });

  it('that are not requests end in idle, and are logged', async () => {
    for (const type of ['nonsense', '__proto__']) {
      const outputs = await outputsOf(await kernel.send(type, {}));
      expect(outputs.map(({ content }) => content.execution_state)).toEqual(['busy', 'idle']);
    }
    expect(await kernel.call('log')).toContain("'nonsense' is not a message on shell");
  });
});

describe('old clients, which use only shell', () => {
  it('interrupt a cell there', async () => {
    const parent = await kernel.sendCell("console.log('running');\nwhile (true) {}");
    await kernel.untilPrinted(parent, 'running');
    const { reply } = await ask('interrupt_request', {}, 'shell');
    expect(reply).toEqual({ status: 'ok' });
    expect(errorOf(await kernel.finish(parent)).ename).toBe('KeyboardInterrupt');
  });

  it.each([
    [true, 'control'],
    [false, 'shell'],
  ])('and new ones shut the kernel down, with their restart flag (%s on %s)', async (restart, channel) => {
    const short = await KernelProcess.start();
    const parent = await short.sendCell("console.log('running');\nwhile (true) {}");
    await short.untilPrinted(parent, 'running');
    const { content } = await short.call<KernelMessage>('shutdown', { restart, channel });
    expect(content).toEqual({ status: 'ok', restart });
    expect(await short.call('alive')).toBe(false);
    await short.stop();
  });
});

describe('cells behind one that fails', () => {
  const failing = "await new Promise((r) => setTimeout(r, 50)); throw new Error('wrong');";

  it('are aborted, each with a reply between busy and idle', async () => {
    const first = await kernel.sendCell(failing);
    const others = [await kernel.sendCell('1'), await kernel.sendCell('2')];
    const info = await kernel.send('kernel_info_request', {});
    expect((await kernel.finish(first)).reply).toMatchObject({ status: 'error', ename: 'Error', evalue: 'wrong' });
    for (const parent of others) {
      const { reply, sequence } = await kernel.finish(parent);
      expect(reply.status).toBe('aborted');
      expect(sequence).toEqual(['busy', 'idle']);
    }
    expect((await kernel.call<KernelMessage>('reply', { parent: info })).content.status).toBe('ok');
  });

  it('run if the failing cell has stop_on_error false', async () => {
    const first = await kernel.sendCell(failing, { stop_on_error: false });
    const second = await kernel.sendCell('1 + 1');
    expect((await kernel.finish(first)).reply.status).toBe('error');
    expect(resultOf(await kernel.finish(second))).toBe('2');
  });
});

describe('two clients at once', () => {
  it('each get the messages of their own cells, also of timers that fire during the other’s cell', async () => {
    const flag = path.join(folder, 'fired');
    const second = await kernel.call<number>('connect');
    await kernel.call('use', { client: 0 });
    const mine = await kernel.sendCell(
      `import fs from 'node:fs';
const timer = setInterval(() => { if (!fs.existsSync(${JSON.stringify(flag)})) return; clearInterval(timer); console.log('late, of the first'); display('shown late'); }, 5);
console.log('first');`,
    );
    expect(textOf(await kernel.finish(mine))).toBe('first\n');

    await kernel.call('use', { client: second });
    const theirs = await kernel.sendCell(
      `fs.writeFileSync(${JSON.stringify(flag)}, '');
console.log('second begins');
await new Promise((r) => setTimeout(r, 100));
console.log('second ends');`,
    );
    expect(textOf(await kernel.finish(theirs))).toBe('second begins\nsecond ends\n');

    await kernel.call('use', { client: 0 });
    const late = [await kernel.call<KernelMessage>('output', { parent: mine })];
    late.push(await kernel.call<KernelMessage>('output', { parent: mine }));
    expect(late.map(({ type, parent }) => [type, parent])).toEqual([
      ['stream', mine],
      ['display_data', mine],
    ]);
    expect(late[0]!.content.text).toBe('late, of the first\n');
  });

  it('are answered in turn, and control answers both while a cell computes', async () => {
    const flag = path.join(folder, 'go-on');
    const second = 1;
    await kernel.call('use', { client: 0 });
    const spinning = await kernel.sendCell(
      `console.log('running');\nwhile (!fs.existsSync(${JSON.stringify(flag)})) {}\n'mine'`,
    );
    await kernel.untilPrinted(spinning, 'running');
    await kernel.call('use', { client: second });
    const waiting = await kernel.sendCell("'theirs'");
    expect((await ask('kernel_info_request', {}, 'control')).reply.implementation).toBe('apolab');
    expect(await kernel.call('has_reply', { parent: waiting })).toBe(false);
    await writeFile(flag, '');
    expect(resultOf(await kernel.finish(waiting))).toBe("'theirs'");
    await kernel.call('use', { client: 0 });
    expect((await ask('kernel_info_request', {}, 'control')).reply.implementation).toBe('apolab');
    expect(resultOf(await kernel.finish(spinning))).toBe("'mine'");
  });
});
