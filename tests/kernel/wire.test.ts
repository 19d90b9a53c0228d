import { createHmac } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { address, readConnection } from '../../kernel/messages/connection.js';
import { createCodec, FrameError } from '../../kernel/wire/frames.js';
import type { Outgoing } from '../../kernel/messages/messages.js';
import { createStreamBatch } from '../../kernel/wire/streamBatch.js';

const key = 'a-key';
const header = { msg_id: 'id', msg_type: 'execute_request', session: 's', username: 'u', date: 'd', version: '5.4' };

function signed(parts: readonly string[], signer = key): Buffer[] {
  const hmac = createHmac('sha256', signer);
  parts.forEach((part) => hmac.update(part));
  return [Buffer.from('<IDS|MSG>'), Buffer.from(hmac.digest('hex')), ...parts.map((part) => Buffer.from(part))];
}
const good = [JSON.stringify(header), '{}', '{"m":1}', '{"code":"1"}'];

describe('decoding frames', () => {
  it('gives header, content, routing prefix and buffers of a signed message', () => {
    const buffer = Buffer.from([1, 2, 3]);
    const message = createCodec(key, 'hmac-sha256').decode([Buffer.from('route'), ...signed(good), buffer]);
    expect(message).toEqual({
      identities: [Buffer.from('route')],
      header,
      parentHeader: {},
      metadata: { m: 1 },
      content: { code: '1' },
      buffers: [buffer],
    });
  });

  it.each([
    ['another key', signed(good, 'other'), 'the signature does not match'],
    ['an empty signature', signed(good).with(1, Buffer.alloc(0)), 'the signature does not match'],
    ['a changed content', signed(good).with(5, Buffer.from('{"code":"2"}')), 'the signature does not match'],
    ['no delimiter', signed(good).slice(1), 'no <IDS|MSG> delimiter'],
    ['too few frames', signed(good).slice(0, 4), '3 frames after the delimiter'],
    ['signed text that is not JSON', signed([good[0]!, '{}', '{}', '{']), 'a part is not JSON in UTF-8'],
    ['signed JSON that is no object', signed([good[0]!, '{}', '[]', '{}']), 'a part is not a JSON object'],
    ['a header without fields', signed(['{}', '{}', '{}', '{}']), 'the header has no msg_id'],
  ])('refuses %s', (_name, frames, reason) => {
    const codec = createCodec(key, 'hmac-sha256');
    expect(() => codec.decode(frames)).toThrow(FrameError);
    expect(() => codec.decode(frames)).toThrow(reason.startsWith('a part is not JSON in') ? 'used before' : /./);
    expect(() => createCodec(key, 'hmac-sha256').decode(frames)).toThrow(reason);
  });

  it('never parses what is not signed', () => {
    const parse = vi.spyOn(JSON, 'parse');
    expect(() => createCodec(key, 'hmac-sha256').decode(signed(good, 'other'))).toThrow(FrameError);
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
  });

  it('refuses a signed message that comes a second time', () => {
    const codec = createCodec(key, 'hmac-sha256');
    codec.decode(signed(good));
    expect(() => codec.decode(signed(good))).toThrow('used before');
  });

  it('takes unsigned messages if the connection has no key', () => {
    const frames = signed(good).with(1, Buffer.alloc(0));
    const codec = createCodec('', 'hmac-sha256');
    expect(codec.decode(frames).content).toEqual(codec.decode(frames).content);
  });
});

it('encodes messages that another holder of the key decodes', () => {
  const outgoing: Outgoing = {
    channel: 'shell',
    type: 'execute_reply',
    identities: [Buffer.from('client')],
    parent: header,
    content: '{"status":"ok"}',
    metadata: '{}',
    buffers: [Buffer.from([7])],
  };
  const frames = createCodec(key, 'hmac-sha256', 'kernel-session').encode(outgoing);
  const message = createCodec(key, 'hmac-sha256').decode(frames);
  expect(message).toMatchObject({
    identities: [Buffer.from('client')],
    parentHeader: header,
    content: { status: 'ok' },
  });
  expect(message.header).toMatchObject({ msg_type: 'execute_reply', session: 'kernel-session', version: '5.4' });
  expect(message.buffers).toEqual([Buffer.from([7])]);
});

describe('joining stream output', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('sends short writes of one stream together after a moment', () => {
    const send = vi.fn();
    const batch = createStreamBatch(send);
    batch.add('stdout', 'a', header);
    batch.add('stdout', 'b', header);
    expect(send).not.toHaveBeenCalled();
    vi.runAllTimers();
    expect(send.mock.calls).toEqual([['stdout', 'ab', header]]);
  });

  it('keeps the order of streams and of cells', () => {
    const send = vi.fn();
    const batch = createStreamBatch(send);
    const next = { ...header, msg_id: 'next' };
    batch.add('stdout', 'a', header);
    batch.add('stderr', 'b', header);
    batch.add('stderr', 'c', next);
    batch.flush();
    expect(send.mock.calls).toEqual([
      ['stdout', 'a', header],
      ['stderr', 'b', header],
      ['stderr', 'c', next],
    ]);
  });

  it('sends much text at once', () => {
    const send = vi.fn();
    createStreamBatch(send).add('stdout', 'x'.repeat(70_000), header);
    expect(send).toHaveBeenCalledOnce();
  });
});

describe('the connection file', () => {
  const ports = { shell_port: 1, iopub_port: 2, stdin_port: 3, control_port: 4, hb_port: 5 };
  const write = async (content: object) => {
    const file = path.join(await mkdtemp(path.join(tmpdir(), 'apolab-connection-')), 'kernel.json');
    await writeFile(file, JSON.stringify(content));
    return file;
  };

  it('names the address of each socket, over tcp and ipc', async () => {
    const given = { ...ports, transport: 'tcp', ip: '127.0.0.1', key: 'k', signature_scheme: 'hmac-sha256' };
    const connection = readConnection(await write(given));
    expect(connection).toEqual(given);
    expect(address(connection, 'control_port')).toBe('tcp://127.0.0.1:4');
    expect(address({ ...connection, transport: 'ipc', ip: '/run/k' }, 'hb_port')).toBe('ipc:///run/k-5');
  });

  it('is refused with the name of the missing port', async () => {
    const file = await write({ ...ports, stdin_port: undefined });
    expect(() => readConnection(file)).toThrow(`${file}: 'stdin_port' is not a port number`);
  });
});
