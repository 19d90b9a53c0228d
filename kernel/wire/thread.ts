/**
 * The wire thread: it owns the five ZeroMQ sockets and runs no user code, so heartbeat, interrupt and shutdown are answered
 * and output is sent while a cell computes on the main thread.
 */
import { randomUUID } from 'node:crypto';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { Router } from 'zeromq';
import type { ControlContext } from '../control/context.js';
import { controlHandlers, isControlRequest } from '../control/controlHandlers.js';
import { createKernelInfo } from '../control/kernelInfo.js';
import { replyType, unknownRequest } from '../control/unknownRequest.js';
import { copyBytes } from '../messages/bytes.js';
import { childrenBefore, isSignalPending, signalThrough } from '../messages/interruptGate.js';
import type { Header, Message, Outgoing } from '../messages/messages.js';
import { descendants, signalAll } from '../messages/processes.js';
import { interruptBell, ringBell } from './bell.js';
import { createCodec } from './frames.js';
import { createLineWriter, createLog } from './log.js';
import { readNativeStreams } from './nativeStreams.js';
import { createOutboxes } from './outboxes.js';
import { createQuestions } from './questions.js';
import { bindSockets, createSockets, receiveFrames } from './sockets.js';
import type { WireData } from './startWire.js';
import { createStreamBatch } from './streamBatch.js';
import type { FromWire, ToWire } from './threadMessages.js';

const { connection, gate, bell, answers, native, globals } = workerData as WireData;
const main = parentPort!;
const toMain = (message: FromWire) => main.postMessage(message);
const log = createLog(createLineWriter(native.log));
const codec = createCodec(connection.key, connection.signature_scheme);
const sockets = createSockets();
const { post, send } = createOutboxes(sockets, codec, log);
const streams = createStreamBatch((name, text, parent) => void send('iopub', 'stream', { name, text }, parent));

const questions = createQuestions(
  (message) => {
    const id = randomUUID();
    void post(message, id);
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

/** Decodes what comes in on a socket. Frames that aren't a signed message are logged and dropped; they never reach a handler. */
const receive = (socket: Router, name: string, handle: (message: Message) => Promise<void> | void) =>
  receiveFrames(socket, name, (frames) => handle(codec.decode(frames)), log);

/** Milliseconds after which the notebook says that the stop button has not worked. */
const patience = 1000;
/** Milliseconds that child processes have to end before they are killed with the kernel. */
const childrenPatience = 150;
const noEffectText =
  'The interrupt has had no effect yet: native code, or a callback of a file or another native function, keeps the kernel busy. ' +
  'Wait for its end, or restart the kernel, which loses all variables.\n';
let noEffect: NodeJS.Timeout | undefined;

const controlContext: ControlContext = {
  kernelInfo: createKernelInfo(globals),
  interrupt: () => {
    const isSignalled = signalThrough(gate);
    const before = childrenBefore(gate);
    if (before !== undefined) endChild(before, 'SIGINT');
    if (!isSignalled) {
      interruptBell(bell);
      toMain({ kind: 'interrupt' });
    }
    clearTimeout(noEffect);
    noEffect = setTimeout(() => {
      if (isSignalled && !isSignalPending(gate)) return;
      // A child that ignores SIGINT.
      const stillBefore = childrenBefore(gate);
      if (stillBefore !== undefined) endChild(stillBefore, 'SIGKILL');
      else streams.add('stderr', noEffectText, cell);
    }, patience);
  },
};

/** Ends the child that the main thread waits for, and its own children. */
function endChild(before: readonly number[], signal: NodeJS.Signals): void {
  signalAll(
    descendants().filter((pid) => !before.includes(pid)),
    signal,
  );
}

async function answerControl(channel: 'shell' | 'control', { header, content, identities }: Message) {
  isStarting = false;
  const type = header.msg_type;
  const known = isControlRequest(type);
  if (!known) log(`'${type}' is not a request on control`);
  await send('iopub', 'status', { execution_state: 'busy' }, header);
  const reply = known ? controlHandlers[type](content, controlContext) : unknownRequest(type, 'control');
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

/** The main thread ends the process; if it can't because a cell computes, this thread does. */
function shutDown() {
  for (const socket of Object.values(sockets)) socket.close();
  const children = descendants();
  signalAll(children, 'SIGTERM');
  setTimeout(
    () => {
      signalAll(descendants(), 'SIGKILL');
      toMain({ kind: 'shutdown' });
    },
    children.length === 0 ? 0 : childrenPatience,
  );
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), 1000);
}

const receivers: { [K in ToWire['kind']]: (message: Extract<ToWire, { kind: K }>) => void } = {
  stream: ({ name, text, parent }) => streams.add(name, text, parent),
  send: ({ message }) => {
    streams.flush();
    followCell(message);
    void post(message);
  },
  ask: ({ question }) => {
    streams.flush();
    questions.ask(question);
  },
  withdraw: () => questions.withdraw(),
  interruptReceived: () => clearTimeout(noEffect),
  native: ({ name, bytes }) => nativeOutput.take(name, bytes),
  log: ({ text }) => log(text),
};
const handleMessage = (message: ToWire) => receivers[message.kind](message as never);
main.on('message', handleMessage);

/** The cell that began last: text that is written past JavaScript belongs to it. */
let cell: Partial<Header> = {};
const nativeOutput = readNativeStreams(
  native,
  () => {
    const sent: ToWire[] = [];
    for (let next = receiveMessageOnPort(main); next !== undefined; next = receiveMessageOnPort(main)) {
      sent.push(next.message as ToWire);
    }
    return () => sent.forEach(handleMessage);
  },
  (name, text) => {
    streams.add(name, text, cell);
    // V8's last output when the heap is full: the process ends now, so it is sent and logged at once.
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

/** True until a client has subscribed, or has sent a request. */
let isStarting = true;

/**
 * Greets a client whose subscription has arrived (iopub_welcome, protocol 5.4): from now on it misses nothing. jupyter_client
 * asks for kernel_info over and over until it has received something on iopub.
 */
async function welcome([frame]: Buffer[]) {
  if (frame?.[0] !== 1) return;
  const topic = frame.subarray(1);
  await post({
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

/** A Jupyter server that died can't stop its kernels; the kernel ends itself when its parent process is gone. */
function followParent() {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
  }, 1000);
}

try {
  await bindSockets(sockets, connection);
  toMain({ kind: 'ready' });
  void receive(sockets.shell, 'shell', takeShell);
  void receive(sockets.stdin, 'stdin', takeAnswer);
  void receive(sockets.control, 'control', (message) => answerControl('control', message));
  void receiveFrames(sockets.heartbeat, 'heartbeat', (frames) => sockets.heartbeat.send(frames), log);
  void receiveFrames(sockets.iopub, 'iopub', welcome, log);
  if (process.env.JPY_PARENT_PID !== undefined) followParent();
} catch (error) {
  toMain({ kind: 'failed', reason: `the kernel's sockets can't be bound: ${String(error)}` });
}
