/** What the kernel's two threads send each other. */
import type { Header, Message, Outgoing, StreamName } from '../messages/messages.js';

/** From the main thread to the wire thread. Streams have a kind of their own: floods of short writes are sent in batches. */
export type ToWire =
  | { readonly kind: 'send'; readonly message: Outgoing }
  | { readonly kind: 'stream'; readonly name: StreamName; readonly text: string; readonly parent: Partial<Header> }
  | { readonly kind: 'ask'; readonly question: Question }
  | { readonly kind: 'withdraw' }
  /** The message of an interrupt has reached the main thread. */
  | { readonly kind: 'interruptReceived' }
  /** Bytes that the main thread has read from a native stream (nativeStreams.ts). */
  | { readonly kind: 'native'; readonly name: StreamName; readonly bytes: Uint8Array }
  | { readonly kind: 'log'; readonly text: string };

/** From the wire thread to the main thread. */
export type FromWire =
  /** The sockets are bound. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'shell'; readonly message: Message }
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'shutdown' };

/** An `input_request`, with a number that its answer carries too. */
export interface Question {
  readonly number: number;
  readonly message: Outgoing;
}
