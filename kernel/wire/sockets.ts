/** The five ZeroMQ sockets of a kernel. */
import { Router, XPublisher } from 'zeromq';
import { address, type Connection } from '../messages/connection.js';
import { FrameError } from './frames.js';
import type { Log } from './log.js';

const megabyte = 2 ** 20;
/** Topics are kernel ids and message types. */
const longestTopic = 1024;

/** The sockets, by their protocol names. */
export type Sockets = ReturnType<typeof createSockets>;

/**
 * The sockets, not bound yet. A frame longer than its socket's limit ends its connection before a byte of it is kept: a
 * stranger has no key, but may connect.
 */
export function createSockets() {
  // Handover: a client that comes back with its old identity takes over at once.
  return {
    shell: new Router({ handover: true, maxMessageSize: 1024 * megabyte }),
    control: new Router({ handover: true, maxMessageSize: 16 * megabyte }),
    stdin: new Router({ handover: true, maxMessageSize: 1024 * megabyte }),
    // Unlimited queue: by default ZeroMQ drops everything beyond 1,000 messages that a client has not read yet.
    // XPUB reports every subscription, also of a second client's to the same topic.
    iopub: new XPublisher({ sendHighWaterMark: 0, verbosity: 'allSubs', maxMessageSize: longestTopic + 1 }),
    // Not a Reply socket: that one reports a request without the empty frame and then has nothing to read, which ends the process.
    heartbeat: new Router({ maxMessageSize: megabyte }),
  };
}

/** Resolves when all five are bound; rejects with ZeroMQ's error if an address is taken or wrong. */
export async function bindSockets(sockets: Sockets, connection: Connection): Promise<void> {
  await Promise.all([
    sockets.shell.bind(address(connection, 'shell_port')),
    sockets.control.bind(address(connection, 'control_port')),
    sockets.stdin.bind(address(connection, 'stdin_port')),
    sockets.iopub.bind(address(connection, 'iopub_port')),
    sockets.heartbeat.bind(address(connection, 'hb_port')),
  ]);
}

/**
 * Handles all that comes in on a socket until it is closed. An error in one message is logged, with the socket's `name`, and
 * the loop goes on with the next one.
 */
export async function receiveFrames(
  socket: Router | XPublisher,
  name: string,
  handle: (frames: Buffer[]) => Promise<void> | void,
  log: Log,
): Promise<void> {
  const isOpen = () => !socket.closed;
  while (isOpen()) {
    try {
      await handle(await socket.receive());
    } catch (error) {
      if (!isOpen()) return;
      const reason = error instanceof FrameError ? error.message : String(error instanceof Error ? error.stack : error);
      log(`a message on ${name} was dropped: ${reason}`);
    }
  }
}
