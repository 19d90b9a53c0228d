/** Requests on the control channel: the wire thread answers them, so they work while a cell runs. */
import type { ControlRequest } from '../messages/messages.js';
import type { ControlHandler } from './context.js';
import { debug } from './debug.js';
import { interrupt } from './interrupt.js';
import { shutdown } from './shutdown.js';

/** One handler per control request: a request type without a row does not compile. */
export const controlHandlers = {
  kernel_info_request: (_content, context) => context.kernelInfo(),
  interrupt_request: interrupt,
  shutdown_request: shutdown,
  debug_request: debug,
} satisfies Record<ControlRequest, ControlHandler>;

/** Whether a message type has a handler here. */
export const isControlRequest = (type: string): type is ControlRequest => Object.hasOwn(controlHandlers, type);
