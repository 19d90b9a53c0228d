/** Comms (Jupyter's protocol 5.4): lines between cells and a page, each of JSON messages with bytes beside them. */
import type { MessageExtras } from '../messages/messages.js';
import type { Events } from './listeners.js';

export interface CommMessage<Data> {
  readonly data: Data;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly buffers: readonly Uint8Array[];
}

/** One line. As an iterable it yields the messages that come until it is closed. */
export interface Comm<Received = unknown, Sent extends object = object> extends Events<CommMessage<Received>> {
  readonly id: string;
  readonly target: string;
  readonly closed: boolean;
  /** Sends `data`, which is JSON; throws where the comm is closed. */
  send(data: Sent, extras?: MessageExtras): void;
  /** Says goodbye; the second time does nothing. */
  close(data?: object, extras?: MessageExtras): void;
  /** Calls `handler` with each message from the other side; returns what stops that. */
  onMessage(handler: (message: CommMessage<Received>) => unknown): () => void;
  /** Calls `handler` when the other side closes the comm. */
  onClose(handler: (message: CommMessage<unknown>) => unknown): () => void;
}

export interface Comms {
  /**
   * Answers to comms that a page opens under a name; returns what takes that back.
   *
   * A message to an open comm is handled as soon as the thread is free, also while a cell awaits something; what its handler
   * prints belongs to that message. A handler that throws shows an error there, and in an opening closes the comm.
   *
   * @example
   * comms.register<{ side: number }, { area: number }>('squares', (comm) => {
   *   comm.onMessage(({ data }) => comm.send({ area: data.side ** 2 }));
   * });
   */
  register<Received = unknown, Sent extends object = object>(
    target: string,
    handler: (comm: Comm<Received, Sent>, opening: CommMessage<unknown>) => unknown,
  ): () => void;
  /**
   * Opens a comm to a target that the page has registered; a page that doesn't know it closes the comm.
   *
   * @example
   * const comm = comms.open<{ clicked: string }>('my-extension', { colour: 'red' });
   * const { data } = await comm.next();
   */
  open<Received = unknown, Sent extends object = object>(
    target: string,
    data?: object,
    extras?: MessageExtras,
  ): Comm<Received, Sent>;
}
