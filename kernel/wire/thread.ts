/**
 * The wire thread: it owns the five ZeroMQ sockets and runs no user code, so heartbeat, interrupt and shutdown are answered
 * and output is sent while a cell spins on the main thread.
 */
import { randomUUID } from 'node:crypto';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { Router, XPublisher } from 'zeromq';
import { controlHandlers, isControlRequest } from '../protocol/control.js';
import type { MainThread } from '../protocol/interrupt.js';
import { replyType, unknownRequest } from '../protocol/unknown.js';
import { interruptBell, ringBell } from './bell.js';
import { copyBytes } from './buffers.js';
import { address } from './connection.js';
import { createCodec, FrameError } from './frames.js';
import { signalThrough } from './interruptGate.js';
import type { Channel, FromWire, Header, Message, Outgoing, ToWire } from './messages.js';
import { readNativeStreams } from './nativeStreams.js';
import { createLineWriter, createLog } from './log.js';
import { createQuestions } from './questions.js';
import { createStreamBatch } from './streamBatch.js';
import type { WireData } from './wire.js';

const { connection, gate, bell, answers, native } = workerData as WireData;
const main = parentPort!;
const codec = createCodec(connection.key, connection.signature_scheme);

// A frame longer than its socket's bound ends its connection before a byte of it is kept: strangers hold no key, but may connect.
const megabyte = 2 ** 20;
// Handover: a client that comes back with its old identity takes over at once.
const shell = new Router({ handover: true, maxMessageSize: 1024 * megabyte });
const control = new Router({ handover: true, maxMessageSize: 16 * megabyte });
const stdin = new Router({ handover: true, maxMessageSize: 1024 * megabyte });
/** Topics are kernel ids and message types. */
const longestTopic = 1024;
// Unlimited queue: ZeroMQ's default drops everything beyond 1,000 messages that a client has not read yet.
// XPUB hears of every subscription, also of a second client's to the same topic.
const iopub = new XPublisher({ sendHighWaterMark: 0, verbosity: 'allSubs', maxMessageSize: longestTopic + 1 });
// No Reply socket: that one reports a request without the empty frame and then has nothing to read, which ends the process.
const heartbeat = new Router({ maxMessageSize: megabyte });

const log = createLog(createLineWriter(native.log));

type Outbox = (message: Outgoing, id?: string) => Promise<void>;

/** ZeroMQ refuses a send while another is under way on the same socket: each socket has its own queue. */
function createOutbox(socket: Router | XPublisher): Outbox {
  let last = Promise.resolve();
  return (message, id) => {
    last = last
      .then(() => socket.send(codec.encode(message, id) as Buffer[]))
      .catch((error: unknown) => {
        log(`'${message.type}' was not sent: ${String(error)}`);
      });
    return last;
  };
}

const outboxes: Record<Channel, Outbox> = {
  shell: createOutbox(shell),
  control: createOutbox(control),
  stdin: createOutbox(stdin),
  iopub: createOutbox(iopub),
};

function send(
  channel: Channel,
  type: string,
  content: object,
  parent: Partial<Header>,
  to: readonly Uint8Array[] = [],
) {
  return outboxes[channel]({
    channel,
    type,
    identities: channel === 'iopub' ? [Buffer.from(type)] : to,
    parent,
    content: JSON.stringify(content),
    metadata: '{}',
    buffers: [],
  });
}

const streams = createStreamBatch((name, text, parent) => void send('iopub', 'stream', { name, text }, parent));
const tell = (message: FromWire) => main.postMessage(message);

const questions = createQuestions(
  (message) => {
    const id = randomUUID();
    void outboxes.stdin(message, id);
    return id;
  },
  (answer) => {
    answers.postMessage(answer);
    ringBell(bell);
  },
);

function takeAnswer(message: Message) {
  const reason = questions.take(message);
  if (reason !== undefined) log(`a message on stdin was dropped: ${reason}`);
}

/** All that comes in on a socket until it is closed; nothing that fails for one message ends the socket for all others. */
async function receiveFrames(
  socket: Router | XPublisher,
  name: string,
  handle: (frames: Buffer[]) => Promise<void> | void,
) {
  const isOpen = () => !socket.closed;
  while (isOpen()) {
    try {
      await handle(await socket.receive());
    } catch (error) {
      if (!isOpen()) return;
      const reason = error instanceof FrameError ? error.message : String(error instanceof Error ? error.stack : error);
      log(`a message on ${name} was dropped: ${reason}`);
    }
  }
}

/** Frames that aren't a signed message are counted out loud and dropped; they never reach a handler. */
const receive = (socket: Router, name: string, handle: (message: Message) => Promise<void> | void) =>
  receiveFrames(socket, name, (frames) => handle(codec.decode(frames)));

/** Milliseconds after which a person is told that the stop button has not worked. */
const patience = 5000;
const unheardText =
  'The interrupt has not been heard yet: native code or the callback of a socket or an emitter keeps the kernel busy. ' +
  'Wait for its end, or restart the kernel, which loses all variables.\n';
let unheard: NodeJS.Timeout | undefined;

const mainThread: MainThread = {
  interrupt: () => {
    if (signalThrough(gate)) return;
    interruptBell(bell);
    tell({ kind: 'interrupt' });
    clearTimeout(unheard);
    unheard = setTimeout(() => streams.add('stderr', unheardText, cell), patience);
  },
};

async function answerControl(channel: 'shell' | 'control', { header, content, identities }: Message) {
  isStarting = false;
  const type = header.msg_type;
  const known = isControlRequest(type);
  if (!known) log(`'${type}' is no request on control`);
  await send('iopub', 'status', { execution_state: 'busy' }, header);
  const reply = known ? controlHandlers[type](content, mainThread) : unknownRequest(type, 'control');
  const name = replyType(type);
  if (name !== undefined) await send(channel, name, reply, header, identities);
  if (type === 'shutdown_request') await send('iopub', 'shutdown_reply', reply, header);
  await send('iopub', 'status', { execution_state: 'idle' }, header);
  if (type === 'shutdown_request') shutDown();
}

/** Clients of protocols before 5.3 interrupt and shut down on shell: these don't wait for the cell that they are to stop. */
function takeShell(message: Message): Promise<void> | void {
  isStarting = false;
  const type = message.header.msg_type;
  if (type === 'interrupt_request' || type === 'shutdown_request') return answerControl('shell', message);
  const buffers = message.buffers.map(copyBytes);
  main.postMessage(
    { kind: 'shell', message: { ...message, buffers } } satisfies FromWire,
    buffers.map(({ buffer }) => buffer),
  );
}

/** The main thread ends the process; where it can't because a cell spins, this thread does. */
function shutDown() {
  for (const socket of [shell, control, stdin, iopub, heartbeat]) socket.close();
  tell({ kind: 'shutdown' });
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), 1000);
}

const receivers: { [K in ToWire['kind']]: (message: Extract<ToWire, { kind: K }>) => void } = {
  stream: ({ name, text, parent }) => streams.add(name, text, parent),
  send: ({ message }) => {
    streams.flush();
    followCell(message);
    void outboxes[message.channel](message);
  },
  ask: ({ question }) => {
    streams.flush();
    questions.ask(question);
  },
  withdraw: () => questions.withdraw(),
  heard: () => clearTimeout(unheard),
  native: ({ name, bytes }) => nativeOutput.take(name, bytes),
  log: ({ text }) => log(text),
};
const obey = (message: ToWire) => receivers[message.kind](message as never);
main.on('message', obey);

/** What is written past JavaScript belongs to the cell that began last. */
let cell: Partial<Header> = {};
const nativeOutput = readNativeStreams(
  native,
  () => {
    const said: ToWire[] = [];
    for (let next = receiveMessageOnPort(main); next !== undefined; next = receiveMessageOnPort(main)) {
      said.push(next.message as ToWire);
    }
    return () => said.forEach(obey);
  },
  (name, text) => {
    streams.add(name, text, cell);
    // V8's last words, of a full heap: what is not sent and written now will never be.
    if (!/^(?:FATAL ERROR|<--- Last few GCs)/m.test(text)) return;
    streams.flush();
    log(text);
  },
);

function followCell({ channel, type, parent, content }: Outgoing) {
  if (channel !== 'iopub' || type !== 'status' || parent.msg_type !== 'execute_request') return;
  const isRunning = content.includes('busy');
  if (isRunning) cell = parent;
  nativeOutput.follow(isRunning);
}

/** Until somebody has heard of it, or asks for something. */
let isStarting = true;

/**
 * Greets a client whose subscription has arrived (iopub_welcome, protocol 5.4): from now on it misses nothing. jupyter_client
 * asks for kernel_info over and over until it has seen something on iopub.
 */
async function welcome([frame]: Buffer[]) {
  if (frame?.[0] !== 1) return;
  const topic = frame.subarray(1);
  await outboxes.iopub({
    channel: 'iopub',
    type: 'iopub_welcome',
    identities: topic.length === 0 ? [] : [topic],
    parent: {},
    content: JSON.stringify({ subscription: topic.toString('utf8') }),
    metadata: '{}',
    buffers: [],
  });
  if (isStarting) await send('iopub', 'status', { execution_state: 'starting' }, {});
  isStarting = false;
}

/** A Jupyter server that died can't tell its kernels; without a parent the kernel goes too. */
function followParent() {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
  }, 1000);
}

try {
  await Promise.all([
    shell.bind(address(connection, 'shell_port')),
    control.bind(address(connection, 'control_port')),
    stdin.bind(address(connection, 'stdin_port')),
    iopub.bind(address(connection, 'iopub_port')),
    heartbeat.bind(address(connection, 'hb_port')),
  ]);
  tell({ kind: 'ready' });
  void receive(shell, 'shell', takeShell);
  void receive(stdin, 'stdin', takeAnswer);
  void receive(control, 'control', (message) => answerControl('control', message));
  void receiveFrames(heartbeat, 'heartbeat', (frames) => heartbeat.send(frames));
  void receiveFrames(iopub, 'iopub', welcome);
  if (process.env.JPY_PARENT_PID !== undefined) followParent();
} catch (error) {
  tell({ kind: 'failed', reason: `the kernel's sockets can't be bound: ${String(error)}` });
}
