/**
 * The reply to a request that the kernel doesn't know on its channel (newer protocols, subshells, requests of other kernels):
 * a client that waits for a reply gets one.
 */
export function unknownRequest(type: string, channel: 'shell' | 'control') {
  const evalue = `'${type}' is not a request that apolab answers on ${channel}; kernel_info_reply lists what it supports.`;
  return { status: 'error', ename: 'UnknownRequest', evalue, traceback: [`UnknownRequest: ${evalue}`] } as const;
}

/** The type of the reply to a request; `undefined` for messages that are not requests, which have no reply. */
export const replyType = (type: string): string | undefined =>
  type.endsWith('_request') ? type.replace(/_request$/, '_reply') : undefined;
