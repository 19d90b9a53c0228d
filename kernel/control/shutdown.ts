import { read, type Content } from '../messages/content.js';

/** The reply to a shutdown; once it is sent, the wire thread closes its sockets and ends the process. */
export function shutdown(content: Content) {
  return { status: 'ok', restart: read.flag(content, 'restart', false) };
}
