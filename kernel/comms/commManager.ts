/** The kernel's side of all comms: the open ones, the registered targets, and the messages that come in. */
import { randomUUID } from 'node:crypto';
import { read } from '../messages/content.js';
import type { CommMessageType, Message, MessageExtras } from '../messages/messages.js';
import type { Comm, CommMessage, Comms } from './comm.js';
import { createListeners, quietly, type Listeners } from './listeners.js';

/** What the kernel does with comms. */
export interface CommManager {
  /** The global of cells. */
  readonly comms: Comms;
  isOpen(id: string): boolean;
  /** The open comms by id, of one target, or of all if it is empty; the form is comm_info_reply's. */
  info(target: string): Readonly<Record<string, { target_name: string }>>;
  /** Takes a message from a page. Resolves when its handlers have ended and rejects with what they threw. */
  receive(type: CommMessageType, message: Message): Promise<void>;
}

/** How comms reach the pages and the cells' code. */
export interface CommOptions {
  readonly publish: (type: CommMessageType, content: object, extras: MessageExtras) => void;
  /** Calls a handler, which is a cell's code. */
  readonly call: (action: () => unknown) => Promise<void>;
}

type Opening = (comm: Comm<never, never>, opening: CommMessage<unknown>) => unknown;

/** A comm with those who listen to it. */
interface Line {
  readonly comm: Comm;
  readonly messages: Listeners<CommMessage<unknown>>;
  readonly closings: Listeners<CommMessage<unknown>>;
}

interface State extends CommOptions {
  readonly targets: Map<string, Opening>;
  readonly lines: Map<string, Line>;
}

/** A manager without comms. */
export function createCommManager(options: CommOptions): CommManager {
  const state: State = { ...options, targets: new Map(), lines: new Map() };
  const { targets, lines, publish } = state;
  const open = (target: string, data: object = {}, extras: MessageExtras = {}): Comm => {
    const { comm } = createLine(state, randomUUID(), target);
    publish('comm_open', { comm_id: comm.id, target_name: target, data }, extras);
    return comm;
  };
  return {
    comms: {
      register(target, handler) {
        const opening = handler as Opening;
        targets.set(target, opening);
        return quietly(() => {
          if (targets.get(target) === opening) targets.delete(target);
        });
      },
      open: open as Comms['open'],
    },
    isOpen: (id) => lines.has(id),
    info: (target) =>
      Object.fromEntries(
        [...lines]
          .filter(([, { comm }]) => target === '' || comm.target === target)
          .map(([id, { comm }]) => [id, { target_name: comm.target }]),
      ),
    receive: (type, message) => receivers[type](state, read.text(message.content, 'comm_id'), message),
  };
}

/** Whether a message type is one of comms. */
export const isCommMessage = (type: string): type is CommMessageType => Object.hasOwn(receivers, type);

function createLine(state: State, id: string, target: string): Line {
  const { lines, publish } = state;
  const messages = createListeners<CommMessage<unknown>>();
  const closings = createListeners<CommMessage<unknown>>();
  const comm: Comm = {
    id,
    target,
    get closed() {
      return !lines.has(id);
    },
    send(data, extras = {}) {
      if (!lines.has(id)) {
        throw new Error(`This comm of '${target}' is closed; open another one with comms.open('${target}').`);
      }
      publish('comm_msg', { comm_id: id, data }, extras);
    },
    close(data = {}, extras = {}) {
      if (lines.get(id)?.comm !== comm) return;
      publish('comm_close', { comm_id: id, data }, extras);
      forget(state, id);
    },
    onMessage: messages.add,
    onClose: closings.add,
    next: messages.next,
    [Symbol.asyncIterator]: messages[Symbol.asyncIterator],
  };
  const line = { comm, messages, closings };
  lines.set(id, line);
  return line;
}

function forget({ lines }: State, id: string): void {
  const line = lines.get(id);
  lines.delete(id);
  line?.messages.end(`This comm of '${line.comm.target}' was closed.`);
}

const received = ({ content, metadata, buffers }: Message) => ({ data: content.data, metadata, buffers });

/** Called when the message's turn has come: the messages before it may have added handlers. */
function lineOf({ lines }: State, id: string): Line | undefined {
  const line = lines.get(id);
  if (line === undefined) process.stderr.write(`A message came for the comm ${id}, which is not open here.\n`);
  return line;
}

const receivers = {
  async comm_open(state, id, message) {
    const { targets, lines, publish, call } = state;
    const target = read.text(message.content, 'target_name');
    const opening = targets.get(target);
    if (opening === undefined) {
      process.stderr.write(`No comm target '${target}' is registered; comms.register('${target}', handler) does it.\n`);
      publish('comm_close', { comm_id: id, data: {} }, {});
      return;
    }
    if (lines.has(id)) throw new Error(`comm_open names the comm ${id}, which is open; a new comm needs a new id.`);
    const { comm } = createLine(state, id, target);
    try {
      await call(() => opening(comm as Comm<never, never>, received(message)));
    } catch (error) {
      comm.close();
      throw error;
    }
  },
  comm_msg: (state, id, message) => state.call(() => lineOf(state, id)?.messages.call(received(message))),
  comm_close: (state, id, message) =>
    state.call(async () => {
      const line = lineOf(state, id);
      forget(state, id);
      await line?.closings.call(received(message));
    }),
} satisfies Record<CommMessageType, (state: State, id: string, message: Message) => Promise<void>>;
