/**
 * Requests that the kernel doesn't know on the channel they came on (newer protocols, subshells, other kernels' own): a client that
 * waits for a reply gets one.
 */
export function unknownRequest(type: string, channel: 'shell' | 'control') {
  const evalue = `'${type}' is no request that apolab answers on ${channel}; kernel_info_reply says what it can do.`;
  return { status: 'error', ename: 'UnknownRequest', evalue, traceback: [`UnknownRequest: ${evalue}`] } as const;
}

/** Only requests are answered, by a message of the same name. */
export const replyType = (type: string): string | undefined =>
  type.endsWith('_request') ? type.replace(/_request$/, '_reply') : undefined;
