/**
 * The wire thread: it owns the five ZeroMQ sockets and runs no user code, so heartbeat, interrupt and shutdown are answered
 * and output is sent while a cell spins on the main thread.
 */
import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { Reply, Router, XPublisher } from 'zeromq';
import { controlHandlers, isControlRequest } from '../protocol/control.js';
import { copyBytes } from './buffers.js';
import { address, type Connection } from './connection.js';
import { createCodec, FrameError } from './frames.js';
import { signalThrough, type InterruptGate } from './interruptGate.js';
import type { Channel, FromWire, Header, Message, Outgoing, ToWire } from './messages.js';
import { createStreamBatch } from './streamBatch.js';

const { connection, gate } = workerData as { connection: Connection; gate: InterruptGate };
const main = parentPort!;
const codec = createCodec(connection.key, connection.signature_scheme);

// Handover: a client that comes back with its old identity takes over at once.
const shell = new Router({ handover: true });
const control = new Router({ handover: true });
const stdin = new Router({ handover: true });
// Unlimited queue: ZeroMQ's default drops everything beyond 1,000 messages that a client has not read yet.
// XPUB hears of every subscription, also of a second client's to the same topic.
const iopub = new XPublisher({ sendHighWaterMark: 0, verbosity: 'allSubs' });
const heartbeat = new Reply();

let unwritten = 0;

/**
 * A worker's process.stderr goes through the main thread, which may be spinning; file descriptor 2 does not. Where nobody
 * reads it, it is full in the end (EAGAIN): a log must not take the wire with it.
 */
function log(text: string): void {
  const before = unwritten === 0 ? '' : `(${unwritten} lines before this one could not be written) `;
  try {
    writeSync(2, `[apolab wire] ${before}${text}\n`);
    unwritten = 0;
  } catch (error) {
    unwritten += 1;
    if (!(error instanceof Error)) throw error;
  }
}

/** ZeroMQ refuses a send while another is under way on the same socket: each socket has its own queue. */
function createOutbox(socket: Router | XPublisher): (message: Outgoing) => Promise<void> {
  let last = Promise.resolve();
  return (message) => {
    last = last
      .then(() => socket.send(codec.encode(message) as Buffer[]))
      .catch((error: unknown) => {
        log(`'${message.type}' was not sent: ${String(error)}`);
      });
    return last;
  };
}

const outboxes: Record<Channel, (message: Outgoing) => Promise<void>> = {
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

const handOn = (kind: 'shell' | 'stdin', message: Message) => {
  const buffers = message.buffers.map(copyBytes);
  main.postMessage(
    { kind, message: { ...message, buffers } } satisfies FromWire,
    buffers.map(({ buffer }) => buffer),
  );
};

/** Frames that aren't a signed message are counted out loud and dropped; they never reach a handler. */
async function receive(socket: Router, name: string, handle: (message: Message) => Promise<void> | void) {
  for await (const frames of socket) {
    try {
      await handle(codec.decode(frames));
    } catch (error) {
      const reason = error instanceof FrameError ? error.message : String(error instanceof Error ? error.stack : error);
      log(`a message on ${name} was dropped: ${reason}`);
    }
  }
}

async function answerControl({ header, content, identities }: Message) {
  const type = header.msg_type;
  if (!isControlRequest(type)) {
    log(`'${type}' is no request on control`);
    return;
  }
  await send('iopub', 'status', { execution_state: 'busy' }, header);
  const reply = controlHandlers[type](content, {
    interrupt: () => {
      if (!signalThrough(gate)) tell({ kind: 'interrupt' });
    },
  });
  await send('control', type.replace('_request', '_reply'), reply, header, identities);
  if (type === 'shutdown_request') await send('iopub', 'shutdown_reply', reply, header);
  await send('iopub', 'status', { execution_state: 'idle' }, header);
  if (type === 'shutdown_request') shutDown();
}

/** The main thread ends the process; where it can't because a cell spins, this thread does. */
function shutDown() {
  for (const socket of [shell, control, stdin, iopub, heartbeat]) socket.close();
  tell({ kind: 'shutdown' });
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), 1000);
}

main.on('message', (message: ToWire) => {
  if (message.kind === 'stream') {
    streams.add(message.name, message.text, message.parent);
    return;
  }
  streams.flush();
  void outboxes[message.message.channel](message.message);
});

/**
 * Greets a client whose subscription has arrived (iopub_welcome, protocol 5.4): from now on it misses nothing. jupyter_client
 * asks for kernel_info over and over until it has seen something on iopub.
 */
async function welcomeSubscribers() {
  for await (const [frame] of iopub) {
    if (frame?.[0] !== 1) continue;
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
  }
}

async function echoHeartbeat() {
  for await (const frames of heartbeat) await heartbeat.send(frames);
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
  void receive(shell, 'shell', (message) => handOn('shell', message));
  void receive(stdin, 'stdin', (message) => handOn('stdin', message));
  void receive(control, 'control', answerControl);
  void echoHeartbeat();
  void welcomeSubscribers();
  if (process.env.JPY_PARENT_PID !== undefined) followParent();
} catch (error) {
  tell({ kind: 'failed', reason: `the kernel's sockets can't be bound: ${String(error)}` });
}
