import { read, type Content } from './context.js';

/** The reply to a shutdown; the wire thread closes its sockets and ends the process once it is sent. */
export function shutdown(content: Content) {
  return { status: 'ok', restart: read.flag(content, 'restart', false) };
}
