/** The messages of Jupyter's protocol, as the kernel's two threads exchange them. */
import type { Bytes } from './bytes.js';

/** The version of Jupyter's messaging protocol that the kernel follows. */
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

/** A received message: its signature was right and its parts are JSON objects. */
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
 * A message to be sent. Content and metadata are JSON text already: a value that can't be serialized fails in the code that
 * made it, and the wire thread has little left to do.
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

/** What a message carries beside its content. */
export interface MessageExtras {
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly buffers?: readonly Bytes[];
}

/** A client's answer to a question of a cell. `number` is the question's. */
export interface Answer {
  readonly number: number;
  readonly value: string;
}

/** The streams of a cell's text output. */
export type StreamName = 'stdout' | 'stderr';

/** Requests on shell that the main thread answers; each has a handler in protocol/shellHandlers.ts. */
export type ShellRequest =
  | 'kernel_info_request'
  | 'execute_request'
  | 'complete_request'
  | 'inspect_request'
  | 'is_complete_request'
  | 'history_request'
  | 'comm_info_request'
  | 'connect_request';

/** Requests on control that the wire thread answers; each has a handler in control/controlHandlers.ts. */
export type ControlRequest = 'kernel_info_request' | 'interrupt_request' | 'shutdown_request' | 'debug_request';

/** Messages of comms; both sides send them, and none has a reply. */
export type CommMessageType = 'comm_open' | 'comm_msg' | 'comm_close';

/** What the main thread publishes on iopub; stream output goes its own way (`Wire.stream`). */
export type OutputType =
  | 'status'
  | 'execute_input'
  | 'execute_result'
  | 'display_data'
  | 'update_display_data'
  | 'clear_output'
  | 'error'
  | CommMessageType;
