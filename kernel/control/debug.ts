import type { Content } from '../messages/content.js';

/** The kernel has no debugger, and kernel_info says so. A client that asks anyway gets an answer, so that it does not wait. */
export function debug(content: Content) {
  return {
    type: 'response',
    request_seq: content.seq ?? 0,
    success: false,
    command: content.command ?? '',
    message: 'apolab has no debugger; node:inspector can be opened from a cell.',
  };
}
