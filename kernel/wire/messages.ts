/** The messages of Jupyter's protocol as the kernel's two threads hand them to each other. */

export const protocolVersion = '5.4';

/** Header fields as they travel; names are the protocol's. */
export interface Header {
  readonly msg_id: string;
  readonly msg_type: string;
  readonly session: string;
  readonly username: string;
  readonly date: string;
  readonly version: string;
}

/** A message whose signature was right and whose parts are JSON objects. */
export interface Message {
  /** The routing prefix of ROUTER sockets: a reply carries the request's. */
  readonly identities: readonly Uint8Array[];
  readonly header: Header;
  readonly parentHeader: Partial<Header>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly content: Readonly<Record<string, unknown>>;
  readonly buffers: readonly Uint8Array[];
}

/** Channels on which whole messages are sent; the heartbeat only echoes bytes. */
export type Channel = 'shell' | 'control' | 'stdin' | 'iopub';

/**
 * A message to be sent. Content and metadata are JSON text already: what cannot be serialised fails where the value was
 * made, and the wire thread has little left to do.
 */
export interface Outgoing {
  readonly channel: Channel;
  readonly type: string;
  readonly identities: readonly Uint8Array[];
  readonly parent: Partial<Header>;
  readonly content: string;
  readonly metadata: string;
  readonly buffers: readonly Uint8Array[];
}

/** What the main thread tells the wire thread. Streams are apart so that floods of short writes are sent in batches. */
export type ToWire =
  | { readonly kind: 'send'; readonly message: Outgoing }
  | { readonly kind: 'stream'; readonly name: StreamName; readonly text: string; readonly parent: Partial<Header> }
  | { readonly kind: 'ask'; readonly question: Question }
  | { readonly kind: 'withdraw' }
  /** An interrupt has reached the main thread. */
  | { readonly kind: 'heard' }
  | { readonly kind: 'native'; readonly name: StreamName; readonly bytes: Uint8Array }
  | { readonly kind: 'log'; readonly text: string };

/** An `input_request`, under a number that its answer comes back with. */
export interface Question {
  readonly number: number;
  readonly message: Outgoing;
}

/** What a client answered. Travels over a port of its own, which the main thread can read while it is blocked. */
export interface Answer {
  readonly number: number;
  readonly value: string;
}

export type StreamName = 'stdout' | 'stderr';

/** What the wire thread tells the main thread. */
export type FromWire =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'shell'; readonly message: Message }
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'shutdown' };
