/** There is no debugger (kernel_info says so); a client that asks all the same is told, and doesn't wait for ever. */
export function debug(content: Readonly<Record<string, unknown>>) {
  return {
    type: 'response',
    request_seq: content.seq ?? 0,
    success: false,
    command: content.command ?? '',
    message: 'apolab has no debugger; node:inspector can be opened from a cell.',
  };
}
