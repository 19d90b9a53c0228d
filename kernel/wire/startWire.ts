/** Starts the wire thread, and makes the main thread's end of it. */
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import { copyBytes, type Bytes } from '../messages/bytes.js';
import type { Connection } from '../messages/connection.js';
import type { InterruptGate } from '../messages/interruptGate.js';
import type { Answer, Header, Message, Outgoing } from '../messages/messages.js';
import type { Wire } from '../messages/wire.js';
import { createBell, receiveInterrupt, waitForBell, type Bell } from './bell.js';
import { createLineWriter } from './log.js';
import { createNativeOrder, type NativeStreams } from './nativeStreams.js';
import type { FromWire, ToWire } from './threadMessages.js';

/** What the wire thread calls on the main thread. */
export interface WireEvents {
  /** An interrupt that came while no cell's code ran. */
  interrupt(): void;
  shell(message: Message): void;
  /** An answer to a question that nothing is blocked for. */
  answer(answer: Answer): void;
  shutdown(): void;
}

/** What `startWire` needs. */
export interface WireOptions {
  readonly connection: Connection;
  readonly gate: InterruptGate;
  readonly native: NativeStreams;
  /** Names of the globals, for the banner in kernel_info. */
  readonly globals: readonly string[];
}

/** What the wire thread is given at its start. */
export interface WireData extends WireOptions {
  readonly bell: Bell;
  readonly answers: MessagePort;
}

/** A message whose buffers own their memory. */
interface Transferable extends Outgoing {
  readonly buffers: readonly ReturnType<typeof copyBytes>[];
}

/** Starts the wire thread; resolves when the sockets are bound and rejects if they can't be. */
export function startWire({ connection, gate, native, globals }: WireOptions, events: WireEvents): Promise<Wire> {
  const { port1: answers, port2 } = new MessageChannel();
  const bell = createBell();
  const worker = new Worker(new URL('./thread.js', import.meta.url), {
    workerData: { connection, gate, bell, answers: port2, native, globals } satisfies WireData,
    transferList: [port2],
  });
  const toWire = (message: ToWire, transferred: readonly ArrayBuffer[] = []) =>
    worker.postMessage(message, transferred);
  const inOrder = createNativeOrder(native, (name, bytes) => toWire({ kind: 'native', name, bytes }));
  const send = (...parts: Parameters<typeof outgoing>) => {
    const message = outgoing(...parts);
    const transferred = message.buffers.map(({ buffer }) => buffer);
    inOrder(() => toWire({ kind: 'send', message }, transferred), false);
  };

  const wire: Wire = {
    reply: (request, type, content) => send('shell', type, request.identities, content, request.header),
    publish: (type, content, parent, metadata, buffers) =>
      send('iopub', type, [Buffer.from(type)], content, parent, metadata, buffers),
    stream: (name, text, parent) => inOrder(() => toWire({ kind: 'stream', name, text, parent }), true),
    ask: (number, { identities, header }, content) =>
      toWire({
        kind: 'ask',
        question: { number, message: outgoing('stdin', 'input_request', identities, content, header) },
      }),
    log: (text) => toWire({ kind: 'log', text }),
    withdrawQuestions: () => toWire({ kind: 'withdraw' }),
    takeAnswer: () => receiveMessageOnPort(answers)?.message as Answer | undefined,
    waitForAnswer: (ask, take) => waitForBell(bell, ask, take),
  };

  return new Promise((resolve, reject) => {
    const receivers: { [K in FromWire['kind']]: (message: Extract<FromWire, { kind: K }>) => void } = {
      ready: () => resolve(wire),
      failed: ({ reason }) => reject(new Error(reason)),
      shell: ({ message }) => events.shell(message),
      interrupt: () => {
        receiveInterrupt(bell);
        toWire({ kind: 'interruptReceived' });
        events.interrupt();
      },
      shutdown: () => events.shutdown(),
    };
    answers.on('message', (answer: Answer) => events.answer(answer));
    worker.on('error', (error) => {
      reject(error);
      createLineWriter(native.log)(`the wire thread has ended: ${error.stack ?? error.message}`);
      // A kernel without its wire can't be reached: it ends, and Jupyter restarts it.
      process.exitCode = 1;
      events.shutdown();
    });
    worker.on('message', (message: FromWire) => receivers[message.kind](message as never));
  });
}

function outgoing(
  channel: 'shell' | 'stdin' | 'iopub',
  type: string,
  identities: readonly Uint8Array[],
  content: object,
  parent: Partial<Header>,
  metadata: object = {},
  buffers: readonly Bytes[] = [],
): Transferable {
  return {
    channel,
    type,
    identities,
    parent,
    content: JSON.stringify(content),
    metadata: JSON.stringify(metadata),
    buffers: buffers.map(copyBytes),
  };
}
