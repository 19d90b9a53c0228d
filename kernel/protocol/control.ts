/** Requests on the control channel: answered in the wire thread, whatever the main thread does. */
import type { Content } from './context.js';
import { debug } from './debug.js';
import { interrupt, type MainThread } from './interrupt.js';
import { kernelInfo } from './kernelInfo.js';
import { shutdown } from './shutdown.js';

export type ControlRequest = 'kernel_info_request' | 'interrupt_request' | 'shutdown_request' | 'debug_request';

export const controlHandlers = {
  kernel_info_request: kernelInfo,
  interrupt_request: interrupt,
  shutdown_request: shutdown,
  debug_request: debug,
} satisfies Record<ControlRequest, (content: Content, main: MainThread) => object>;

export const isControlRequest = (type: string): type is ControlRequest => Object.hasOwn(controlHandlers, type);
