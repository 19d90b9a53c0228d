/**
 * The kernel's entry: `node dist/kernel/main.js <connection file>`.
 *
 * Two threads. The wire thread owns the sockets; this one runs cells. They exchange messages, so that heartbeat, interrupt
 * and output don't wait for a cell. The wire thread binds its sockets while this one still loads the rest of the kernel; that is
 * why kernel.js is imported in `main`, and not at the top.
 */
import { writeSync } from 'node:fs';
import { globalNames } from './globals.js';
import { guardProcessExit } from './language/processExit.js';
import { readConnection } from './messages/connection.js';
import { createInterruptGate } from './messages/interruptGate.js';
import type { Message } from './messages/messages.js';
import { redirectNativeStreams, type NativeStreams } from './wire/nativeStreams.js';
import { startWire, type WireEvents } from './wire/startWire.js';

const exit = guardProcessExit();

async function main(connectionFile: string, native: NativeStreams) {
  const connection = readConnection(connectionFile);
  const gate = createInterruptGate();
  const early: Message[] = [];
  const events: WireEvents = {
    // Like the signal itself: a cell's own listeners to SIGINT are called too.
    interrupt: () => process.emit('SIGINT', 'SIGINT'),
    shell: (message) => void early.push(message),
    answer: () => undefined,
    shutdown: () => exit(),
  };
  const starting = startWire({ connection, gate, native, globals: globalNames }, events);
  const [wire, { createKernel }] = await Promise.all([starting, import('./kernel.js')]);
  Object.assign(events, createKernel({ connection, gate, wire, globals: globalNames, exit }));
  early.forEach((message) => events.shell(message));
}

const [connectionFile] = process.argv.slice(2);
if (connectionFile === undefined) {
  process.stderr.write('usage: node main.js <connection file>\nJupyter starts this; `apolab install` tells it how.\n');
  process.exitCode = 2;
} else {
  const native = redirectNativeStreams();
  try {
    await main(connectionFile, native);
  } catch (error) {
    writeSync(native.log, `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    exit(1);
  }
}
