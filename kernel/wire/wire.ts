/** The main thread's end of the wire: what it sends leaves at once, even while this thread is busy. */
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import { createBell, hearInterrupt, waitForBell, type Bell } from './bell.js';
import { copyBytes, type Bytes } from './buffers.js';
import type { Connection } from './connection.js';
import type { InterruptGate } from './interruptGate.js';
import { createLineWriter } from './log.js';
import { createNativeOrder, type NativeStreams } from './nativeStreams.js';
import type { Answer, FromWire, Header, Message, Outgoing, StreamName, ToWire } from './messages.js';

export interface WireEvents {
  /** Asked for while no cell's code runs. */
  interrupt(): void;
  shell(message: Message): void;
  /** An answer to a question that nothing is blocked for. */
  answer(answer: Answer): void;
  shutdown(): void;
}

export interface Wire {
  /** Answers a request on shell. */
  reply(request: Message, type: string, content: object): void;
  /** Publishes to every client; the buffers are copied before this returns. */
  publish(type: string, content: object, parent: Partial<Header>, metadata?: object, buffers?: readonly Bytes[]): void;
  stream(name: StreamName, text: string, parent: Partial<Header>): void;
  /** A line for the log of the Jupyter server. */
  readonly log: (text: string) => void;
  /** Puts a question to the client that sent `request`; the answer carries the number. */
  ask(number: number, request: Message, content: object): void;
  /** No question is open any more, whatever a client still answers. */
  withdrawQuestions(): void;
  /** The next answer that has come, if any; never waits. */
  takeAnswer(): Answer | undefined;
  /** Asks, and blocks this thread until `take` finds something; `undefined` where an interrupt came first. */
  waitForAnswer<T>(ask: () => void, take: () => T | undefined): T | undefined;
}

/** What the wire thread is given at its start. */
export interface WireData {
  readonly connection: Connection;
  readonly gate: InterruptGate;
  readonly bell: Bell;
  readonly answers: MessagePort;
  readonly native: NativeStreams;
}

/** Its buffers own their memory. */
interface Transferable extends Outgoing {
  readonly buffers: readonly ReturnType<typeof copyBytes>[];
}

/** Starts the wire thread; resolves when the sockets are bound and rejects when they can't be. */
export function startWire(
  connection: Connection,
  gate: InterruptGate,
  native: NativeStreams,
  events: WireEvents,
): Promise<Wire> {
  const { port1: answers, port2 } = new MessageChannel();
  const bell = createBell();
  const worker = new Worker(new URL('./thread.js', import.meta.url), {
    workerData: { connection, gate, bell, answers: port2, native } satisfies WireData,
    transferList: [port2],
  });
  const tell = (message: ToWire, transferred: readonly ArrayBuffer[] = []) => worker.postMessage(message, transferred);
  const inOrder = createNativeOrder(native, (name, bytes) => tell({ kind: 'native', name, bytes }));
  const outgoing = (
    channel: 'shell' | 'stdin' | 'iopub',
    type: string,
    identities: readonly Uint8Array[],
    content: object,
    parent: Partial<Header>,
    metadata: object = {},
    given: readonly Bytes[] = [],
  ): Transferable => ({
    channel,
    type,
    identities,
    parent,
    content: JSON.stringify(content),
    metadata: JSON.stringify(metadata),
    buffers: given.map(copyBytes),
  });
  const send = (...parts: Parameters<typeof outgoing>) => {
    const message = outgoing(...parts);
    const transferred = message.buffers.map(({ buffer }) => buffer);
    inOrder(() => tell({ kind: 'send', message }, transferred), false);
  };

  const wire: Wire = {
    reply: (request, type, content) => send('shell', type, request.identities, content, request.header),
    publish: (type, content, parent, metadata, buffers) =>
      send('iopub', type, [Buffer.from(type)], content, parent, metadata, buffers),
    stream: (name, text, parent) => inOrder(() => tell({ kind: 'stream', name, text, parent }), true),
    ask: (number, { identities, header }, content) =>
      tell({
        kind: 'ask',
        question: { number, message: outgoing('stdin', 'input_request', identities, content, header) },
      }),
    log: (text) => tell({ kind: 'log', text }),
    withdrawQuestions: () => tell({ kind: 'withdraw' }),
    takeAnswer: () => receiveMessageOnPort(answers)?.message as Answer | undefined,
    waitForAnswer: (ask, take) => waitForBell(bell, ask, take),
  };

  return new Promise((resolve, reject) => {
    const receivers: { [K in FromWire['kind']]: (message: Extract<FromWire, { kind: K }>) => void } = {
      ready: () => resolve(wire),
      failed: ({ reason }) => reject(new Error(reason)),
      shell: ({ message }) => events.shell(message),
      interrupt: () => {
        hearInterrupt(bell);
        tell({ kind: 'heard' });
        events.interrupt();
      },
      shutdown: () => events.shutdown(),
    };
    answers.on('message', (answer: Answer) => events.answer(answer));
    worker.on('error', (error) => {
      reject(error);
      createLineWriter(native.log)(`the wire thread has ended: ${error.stack ?? error.message}`);
      // Later than that, a kernel without its wire is deaf: Jupyter restarts one that has ended.
      process.exitCode = 1;
      events.shutdown();
    });
    worker.on('message', (message: FromWire) => receivers[message.kind](message as never));
  });
}
