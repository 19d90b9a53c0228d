/** The kernel's end of all comms: who is open, which names answer, and what comes in. */
import { randomUUID } from 'node:crypto';
import { read } from '../messages/content.js';
import type { CommMessageType, Message, MessageExtras } from '../messages/messages.js';
import type { Comm, CommMessage, Comms } from './comm.js';
import { createListeners, quietly, type Listeners } from './listeners.js';

export interface CommManager {
  readonly comms: Comms;
  isOpen(id: string): boolean;
  /** The open comms by id, of one target or of all where it is empty; as comm_info_reply tells them. */
  info(target: string): Readonly<Record<string, { target_name: string }>>;
  /** Takes a message from a page. Resolves when its handlers have ended and rejects with what they threw. */
  receive(type: CommMessageType, message: Message): Promise<void>;
}

export interface CommOptions {
  readonly publish: (type: CommMessageType, content: object, extras: MessageExtras) => void;
  /** Calls into cells' code. */
  readonly call: (action: () => unknown) => Promise<void>;
}

type Opening = (comm: Comm<never, never>, opening: CommMessage<unknown>) => unknown;

interface Line {
  readonly comm: Comm;
  readonly messages: Listeners<CommMessage<unknown>>;
  readonly goodbyes: Listeners<CommMessage<unknown>>;
}

export function createCommManager({ publish, call }: CommOptions): CommManager {
  const targets = new Map<string, Opening>();
  const lines = new Map<string, Line>();

  const createLine = (id: string, target: string): Line => {
    const messages = createListeners<CommMessage<unknown>>();
    const goodbyes = createListeners<CommMessage<unknown>>();
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
        forget(id);
      },
      onMessage: messages.add,
      onClose: goodbyes.add,
      next: messages.next,
      [Symbol.asyncIterator]: messages[Symbol.asyncIterator],
    };
    const line = { comm, messages, goodbyes };
    lines.set(id, line);
    return line;
  };

  const forget = (id: string) => {
    const line = lines.get(id);
    lines.delete(id);
    line?.messages.end(`This comm of '${line.comm.target}' was closed.`);
  };

  const open = (target: string, data: object = {}, extras: MessageExtras = {}): Comm => {
    const { comm } = createLine(randomUUID(), target);
    publish('comm_open', { comm_id: comm.id, target_name: target, data }, extras);
    return comm;
  };

  const received = ({ content, metadata, buffers }: Message) => ({ data: content.data, metadata, buffers });

  const receivers = {
    async comm_open(id, message) {
      const target = read.text(message.content, 'target_name');
      const answer = targets.get(target);
      if (answer === undefined) {
        process.stderr.write(
          `No comm target '${target}' is registered; comms.register('${target}', handler) does it.\n`,
        );
        publish('comm_close', { comm_id: id, data: {} }, {});
        return;
      }
      if (lines.has(id)) throw new Error(`comm_open names the comm ${id}, which is open; it needs an id of its own.`);
      const { comm } = createLine(id, target);
      try {
        await call(() => answer(comm as Comm<never, never>, received(message)));
      } catch (error) {
        comm.close();
        throw error;
      }
    },
    comm_msg: (id, message) => call(() => lineOf(id)?.messages.call(received(message))),
    comm_close: (id, message) =>
      call(async () => {
        const line = lineOf(id);
        forget(id);
        await line?.goodbyes.call(received(message));
      }),
  } satisfies Record<CommMessageType, (id: string, message: Message) => Promise<void>>;

  /** Looked up when the message's turn has come: handlers are added by the messages before it. */
  const lineOf = (id: string): Line | undefined => {
    const line = lines.get(id);
    if (line === undefined) process.stderr.write(`A message came for the comm ${id}, which is not open here.\n`);
    return line;
  };

  return {
    comms: {
      register(target, handler) {
        const answer = handler as Opening;
        targets.set(target, answer);
        return quietly(() => {
          if (targets.get(target) === answer) targets.delete(target);
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
    receive: (type, message) => receivers[type](read.text(message.content, 'comm_id'), message),
  };
}

export const isCommMessage = (type: string): type is CommMessageType =>
  type === 'comm_open' || type === 'comm_msg' || type === 'comm_close';
