/** Comms (Jupyter's protocol 5.4): connections between cells and a page, for JSON messages with bytes beside them. */
import type { MessageExtras } from '../messages/messages.js';
import type { Events } from './listeners.js';

/** A message that came from the other side. */
export interface CommMessage<Data> {
  readonly data: Data;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly buffers: readonly Uint8Array[];
}

/** One connection. As an iterable it yields the messages that come until it is closed. */
export interface Comm<Received = unknown, Sent extends object = object> extends Events<CommMessage<Received>> {
  readonly id: string;
  readonly target: string;
  readonly closed: boolean;
  /** Sends `data`, which is JSON; throws if the comm is closed. */
  send(data: Sent, extras?: MessageExtras): void;
  /** Closes the comm on both sides; the second time does nothing. */
  close(data?: object, extras?: MessageExtras): void;
  /** Calls `handler` with each message from the other side; returns a function that removes it. */
  onMessage(handler: (message: CommMessage<Received>) => unknown): () => void;
  /** Calls `handler` when the other side closes the comm; returns a function that removes it. */
  onClose(handler: (message: CommMessage<unknown>) => unknown): () => void;
}

/** The global `comms`. */
export interface Comms {
  /**
   * Calls `handler` with each comm that a page opens to this target; returns a function that removes it.
   *
   * A message to an open comm is handled as soon as the thread is free, also while a cell awaits something; what its handler
   * prints belongs to that message. If a handler throws, its error is shown there, and if it was the opening, the comm is closed.
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
