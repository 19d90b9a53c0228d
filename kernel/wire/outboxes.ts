/** Sends messages, in order, through the sockets. */
import type { Channel, Header, Outgoing } from '../messages/messages.js';
import type { Codec } from './frames.js';
import type { Log } from './log.js';
import type { Sockets } from './sockets.js';

/** Both functions resolve when the message is sent, or when its failure is logged. */
export interface Outboxes {
  /** Sends a message on its channel, under a new id unless one is given. */
  readonly post: (message: Outgoing, id?: string) => Promise<void>;
  /** Makes and sends a message without buffers; on iopub its topic is its type. */
  readonly send: (
    channel: Channel,
    type: string,
    content: object,
    parent: Partial<Header>,
    to?: readonly Uint8Array[],
  ) => Promise<void>;
}

/** One queue per socket: ZeroMQ refuses a send while another one is under way on the same socket. */
export function createOutboxes(sockets: Sockets, codec: Codec, log: Log): Outboxes {
  const last = new Map<Channel, Promise<void>>();
  const post = (message: Outgoing, id?: string): Promise<void> => {
    const { channel, type } = message;
    const sent = (last.get(channel) ?? Promise.resolve())
      .then(() => sockets[channel].send(codec.encode(message, id) as Buffer[]))
      .catch((error: unknown) => {
        log(`'${type}' was not sent: ${String(error)}`);
      });
    last.set(channel, sent);
    return sent;
  };
  return {
    post,
    send: (channel, type, content, parent, to = []) =>
      post({
        channel,
        type,
        identities: channel === 'iopub' ? [Buffer.from(type)] : to,
        parent,
        content: JSON.stringify(content),
        metadata: '{}',
        buffers: [],
      }),
  };
}
