/** The main thread's end of the wire: what it sends leaves at once, even while this thread is busy. */
import { Worker } from 'node:worker_threads';
import { copyBytes, type Bytes } from './buffers.js';
import type { Connection } from './connection.js';
import type { InterruptGate } from './interruptGate.js';
import type { FromWire, Header, Message, StreamName, ToWire } from './messages.js';

export interface WireEvents {
  /** Asked for while no cell's code runs. */
  interrupt(): void;
  shell(message: Message): void;
  stdin(message: Message): void;
  shutdown(): void;
}

export interface Wire {
  /** Answers a request on the channel it came from. */
  reply(request: Message, channel: 'shell' | 'stdin', type: string, content: object): void;
  /** Publishes to every client; the buffers are copied before this returns. */
  publish(type: string, content: object, parent: Partial<Header>, metadata?: object, buffers?: readonly Bytes[]): void;
  stream(name: StreamName, text: string, parent: Partial<Header>): void;
}

/** Starts the wire thread; resolves when the sockets are bound and rejects when they can't be. */
export function startWire(connection: Connection, gate: InterruptGate, events: WireEvents): Promise<Wire> {
  const worker = new Worker(new URL('./thread.js', import.meta.url), { workerData: { connection, gate } });
  const tell = (message: ToWire, transferred: readonly ArrayBuffer[] = []) => worker.postMessage(message, transferred);
  const send = (
    channel: 'shell' | 'stdin' | 'iopub',
    type: string,
    identities: readonly Uint8Array[],
    content: object,
    parent: Partial<Header>,
    metadata: object = {},
    given: readonly Bytes[] = [],
  ) => {
    const buffers = given.map(copyBytes);
    const message = {
      channel,
      type,
      identities,
      parent,
      content: JSON.stringify(content),
      metadata: JSON.stringify(metadata),
      buffers,
    };
    tell(
      { kind: 'send', message },
      buffers.map(({ buffer }) => buffer),
    );
  };

  const wire: Wire = {
    reply: (request, channel, type, content) => send(channel, type, request.identities, content, request.header),
    publish: (type, content, parent, metadata, buffers) =>
      send('iopub', type, [Buffer.from(type)], content, parent, metadata, buffers),
    stream: (name, text, parent) => tell({ kind: 'stream', name, text, parent }),
  };

  return new Promise((resolve, reject) => {
    const receivers: { [K in FromWire['kind']]: (message: Extract<FromWire, { kind: K }>) => void } = {
      ready: () => resolve(wire),
      failed: ({ reason }) => reject(new Error(reason)),
      shell: ({ message }) => events.shell(message),
      stdin: ({ message }) => events.stdin(message),
      interrupt: () => events.interrupt(),
      shutdown: () => events.shutdown(),
    };
    worker.on('error', (error) => {
      reject(error);
      // Later than that, a kernel without its wire is deaf: Jupyter restarts one that has ended.
      process.exitCode = 1;
      events.shutdown();
    });
    worker.on('message', (message: FromWire) => receivers[message.kind](message as never));
  });
}
