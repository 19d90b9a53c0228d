import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, KernelProcess, resultOf, textOf, type KernelMessage } from './kernelProcess.js';

let kernel: KernelProcess;

beforeAll(async () => {
  kernel = await KernelProcess.start();
});
afterAll(() => kernel.stop());

const megabyte = 1 << 20;

/** A comm as a page opens it. */
async function open(target: string, data: object = {}) {
  const id = randomUUID();
  const opening = await kernel.shown(await kernel.send('comm_open', { comm_id: id, target_name: target, data }));
  const send = (content: object, buffers: readonly string[] = [], metadata = {}) =>
    kernel.send('comm_msg', { comm_id: id, data: content }, 'shell', { buffers, metadata });
  return { id, opening, send, ask: async (content: object) => kernel.shown(await send(content)) };
}

const sent = (outputs: readonly KernelMessage[]) =>
  outputs.filter(({ type }) => type.startsWith('comm_')).map(({ type, content }) => [type, content.data]);

describe('a comm that a page opens', () => {
  it('is answered by the handler of its target, each message between busy and idle and without a reply', async () => {
    const cell = await kernel.execute(`
      comms.register<{ side: number }, { area: number }>('squares', (comm, { data }) => {
        comm.send({ area: (data as { side: number }).side ** 2 });
        comm.onMessage(({ data }) => comm.send({ area: data.side ** 2 }));
      });`);
    expect(cell.sequence).toEqual(['busy', 'execute_input', 'idle']);
    const comm = await open('squares', { side: 3 });
    expect(comm.opening.sequence).toEqual(['busy', 'comm_msg', 'idle']);
    expect(comm.opening.outputs[0]!.content).toEqual({ comm_id: comm.id, data: { area: 9 } });
    const answer = await comm.ask({ side: 4 });
    expect(answer.sequence).toEqual(['busy', 'comm_msg', 'idle']);
    expect(sent(answer.outputs)).toEqual([['comm_msg', { area: 16 }]]);
  });

  it('is closed at once if its target is not registered, with a message on stderr', async () => {
    const { id, opening } = await open('unheard-of');
    expect(opening.outputs.at(-1)).toMatchObject({ type: 'comm_close', content: { comm_id: id, data: {} } });
    expect(textOf(opening, 'stderr')).toContain("No comm target 'unheard-of' is registered");
  });

  it('is opened in its turn: after an earlier cell that registers its target', async () => {
    const cell = kernel.sendCell("comms.register('in turn', (comm) => comm.send({ open: true }));");
    const comm = open('in turn');
    expect(sent((await comm).opening.outputs)).toEqual([['comm_msg', { open: true }]]);
    await kernel.finish(await cell);
  });

  it('is handled by a cell that was interrupted, also after an await', async () => {
    const parent = await kernel.sendCell(`
      comms.register('from a stopped cell', async (comm) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        comm.send({ awaited: true });
      });
      console.log('waiting');
      await new Promise(() => undefined);`);
    await kernel.untilPrinted(parent, 'waiting');
    await kernel.call('interrupt');
    expect(errorOf(await kernel.finish(parent)).ename).toBe('KeyboardInterrupt');
    expect(sent((await open('from a stopped cell')).opening.outputs)).toEqual([['comm_msg', { awaited: true }]]);
  });

  it('can be closed from either side', async () => {
    await kernel.execute(`
      comms.register<{ leave: boolean }>('guests', (comm) => {
        comm.onClose(({ data }) => console.log('goodbye', data, comm.closed));
        comm.onMessage(() => { comm.close({ so: 'long' }); comm.close(); });
      });`);
    const left = await open('guests');
    const goodbye = await kernel.shown(await kernel.send('comm_close', { comm_id: left.id, data: { by: 'page' } }));
    expect(textOf(goodbye)).toBe("goodbye { by: 'page' } true\n");
    const thrownOut = await open('guests');
    expect(sent((await thrownOut.ask({ leave: true })).outputs)).toEqual([['comm_close', { so: 'long' }]]);
    const late = await thrownOut.ask({});
    expect(textOf(late, 'stderr')).toContain(`A message came for the comm ${thrownOut.id}, which is not open here.`);
  });
});

describe('comm_info', () => {
  it('lists the open comms, of one target or of all', async () => {
    await kernel.execute("comms.register('counted', () => {}); comms.register('others', () => {});");
    const [first, second, other] = [await open('counted'), await open('counted'), await open('others')];
    const counted = { [first.id]: { target_name: 'counted' }, [second.id]: { target_name: 'counted' } };
    const info = (content: object) => kernel.request('comm_info_request', content);
    expect(await info({ target_name: 'counted' })).toEqual({ status: 'ok', comms: counted });
    expect((await info({})).comms).toMatchObject({ ...counted, [other.id]: { target_name: 'others' } });
    await kernel.shown(await kernel.send('comm_close', { comm_id: first.id, data: {} }));
    expect(Object.keys((await info({ target_name: 'counted' })).comms as object)).toEqual([second.id]);
    expect(await info({ target_name: 'nobody' })).toEqual({ status: 'ok', comms: {} });
  });
});

describe('buffers', () => {
  it('of a megabyte come back byte for byte, in order, with their metadata', async () => {
    await kernel.execute(`
      comms.register<object>('echo', (comm) => {
        comm.onMessage(({ data, metadata, buffers }) => comm.send(data as object, { metadata, buffers }));
      });`);
    const comm = await open('echo');
    const buffers = [randomBytes(megabyte), Buffer.alloc(0), randomBytes(7)].map((bytes) => bytes.toString('base64'));
    const { outputs } = await kernel.shown(await comm.send({ many: buffers.length }, buffers, { kind: 'bytes' }));
    expect(outputs[0]!.buffers.map((text) => text.length)).toEqual(buffers.map((text) => text.length));
    expect(outputs[0]!.buffers).toEqual(buffers);
    expect(outputs[0]).toMatchObject({ content: { data: { many: 3 } }, metadata: { kind: 'bytes' } });
  });

  it('are sent with a comm that a cell opens: only the given part of a larger array, as it was when it was sent', async () => {
    const answer = await kernel.execute(`
      const floats = new Float32Array(1000).fill(0.5);
      const part = floats.subarray(10, 12);
      const opened = comms.open('page side', { title: 'x' }, { buffers: [part, new Uint8Array([1, 2]).buffer] });
      part.fill(7);
      opened.id`);
    const [opening] = answer.outputs;
    expect(opening).toMatchObject({ type: 'comm_open', content: { target_name: 'page side', data: { title: 'x' } } });
    expect(resultOf(answer)).toBe(`'${String(opening!.content.comm_id)}'`);
    const halves = Buffer.from(new Float32Array([0.5, 0.5]).buffer).toString('base64');
    expect(opening!.buffers).toEqual([halves, Buffer.from([1, 2]).toString('base64')]);
    expect(resultOf(await kernel.execute('part[0]! + floats[9]!'))).toBe('7.5');
  });

  it('arrive aligned for typed arrays', async () => {
    await kernel.execute(`
      comms.register('doubles', (comm) => {
        comm.onMessage(({ buffers: [bytes] }) => console.log(new Float64Array(bytes!.buffer, bytes!.byteOffset, 2)));
      });`);
    const comm = await open('doubles');
    const bytes = Buffer.from(new Float64Array([0.25, -3]).buffer).toString('base64');
    expect(textOf(await kernel.shown(await comm.send({}, [bytes])))).toBe('Float64Array(2) [ 0.25, -3 ]\n');
  });
});

describe('a handler', () => {
  it('prints under the message that it handles, also after its end', async () => {
    await kernel.execute(`
      comms.register<{ text: string }>('printer', (comm) => comm.onMessage(async ({ data }) => {
        console.log('now', data.text);
        await new Promise((resolve) => setTimeout(resolve, 20));
        console.log('late', data.text);
      }));`);
    const comm = await open('printer');
    const [first, second] = [await comm.send({ text: 'a' }), await comm.send({ text: 'b' })];
    expect(textOf(await kernel.shown(first))).toBe('now a\nlate a\n');
    expect(textOf(await kernel.shown(second))).toBe('now b\nlate b\n');
  });

  it('that throws shows its error under its message, with the line of its cell, and the kernel goes on', async () => {
    await kernel.execute(`
comms.register<{ late: boolean }>('failing', (comm) => {
  comm.onMessage(async ({ data }) => {
    if (data.late) await null;
    throw new RangeError('no such colour');
  });
});`);
    const comm = await open('failing');
    for (const late of [false, true]) {
      const answer = await comm.ask({ late });
      expect(answer.sequence).toEqual(['busy', 'error', 'idle']);
      const { ename, evalue, traceback } = errorOf(answer);
      expect([ename, evalue]).toEqual(['RangeError', 'no such colour']);
      expect(traceback).toContain("> 5 |     throw new RangeError('no such colour');");
    }
    expect(resultOf(await kernel.execute('1 + 1'))).toBe('2');
  });

  it('of an opening that throws closes the comm', async () => {
    await kernel.execute("comms.register('refused', () => { throw new Error('not today'); });");
    const { id, opening } = await open('refused');
    expect(errorOf(opening).evalue).toBe('not today');
    expect(opening.outputs.map(({ type }) => type)).toContain('comm_close');
    expect((await kernel.request('comm_info_request', {})).comms).not.toHaveProperty(id);
  });

  it('that computes or waits forever is interrupted, and its comm can be used again', async () => {
    await kernel.execute(`
      comms.register<{ how: string }>('stuck', (comm) => comm.onMessage(async ({ data }) => {
        console.log(data.how);
        if (data.how === 'spin') for (;;);
        if (data.how === 'wait') await new Promise(() => {});
      }));`);
    const comm = await open('stuck');
    for (const how of ['spin', 'wait', 'spin']) {
      const stuck = await comm.send({ how });
      await kernel.untilPrinted(stuck, how);
      await kernel.call('interrupt');
      expect(errorOf(await kernel.shown(stuck)).ename).toBe('KeyboardInterrupt');
    }
    expect(textOf(await comm.ask({ how: 'well' }))).toBe('well\n');
  });
});

describe('while a cell runs', () => {
  it('that awaits, messages of open comms reach it; busy is sent again after their idle', async () => {
    const opened = await kernel.execute("const line = comms.open<{ n: number }>('page numbers');");
    const { comm_id: id } = opened.outputs[0]!.content;
    const send = (n: number) => kernel.send('comm_msg', { comm_id: id, data: { n } });
    const cell = await kernel.sendCell(`
      console.log('waiting');
      const { data: first } = await line.next();
      console.log('cell', first.n);
      let sum = 0;
      for await (const { data } of line) { sum += data.n; if (sum >= 6) break; console.log('sum', sum); }
      sum`);
    const queued = await kernel.sendCell("'after'");
    await kernel.untilPrinted(cell, 'waiting');
    const { sequence } = await kernel.shown(await send(1));
    expect(sequence).toEqual(['busy', 'idle']);
    await kernel.untilPrinted(cell, 'cell 1');
    for (const n of [2, 2, 2]) await kernel.shown(await send(n));
    const answer = await kernel.finish(cell);
    expect(resultOf(answer)).toBe('6');
    expect(textOf(answer)).toBe('sum 2\nsum 4\n');
    expect(answer.sequence).toContain('busy');
    expect(resultOf(await kernel.finish(queued))).toBe("'after'");
  });

  it('that computes, they wait, and keep their order', async () => {
    await kernel.execute(`
      comms.register<{ n: number }, { n: number }>('ordered', (comm) => comm.onMessage(({ data }) => comm.send(data)));`);
    const comm = await open('ordered');
    const cell = await kernel.sendCell(
      "console.log('spinning'); const end = Date.now() + 300; while (Date.now() < end);",
    );
    await kernel.untilPrinted(cell, 'spinning');
    const messages = await Promise.all(Array.from({ length: 100 }, (_, n) => comm.send({ n })));
    await kernel.finish(cell);
    const answers = [];
    for (const message of messages) answers.push(...sent((await kernel.shown(message)).outputs));
    expect(answers).toEqual(Array.from({ length: 100 }, (_, n) => ['comm_msg', { n }]));
  });
});
