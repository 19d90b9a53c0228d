/**
 * Events that can be interrupted: listeners of emitters, and so of sockets, streams, servers and child processes, run inside the
 * guard (guard.ts), as callbacks of timers do.
 */
import { EventEmitter } from 'node:events';
import { MessagePort, Worker } from 'node:worker_threads';

type Emit = (this: EventEmitter, name: string | symbol, ...given: unknown[]) => boolean;

/**
 * Replaces `EventEmitter.prototype.emit` by one that calls listeners through `guard`. Errors of listeners reach the emitter's
 * caller as before.
 */
export function guardEmitters(guard: (action: () => void) => void): void {
  const prototype = EventEmitter.prototype as { emit: Emit };
  const { emit } = prototype;
  prototype.emit = function (name, ...given) {
    // The process's own events and the kernel's threads must work while an interrupt is handled.
    const isOurs = Object.is(this, process) || this instanceof Worker || this instanceof MessagePort;
    if (isOurs || this.listenerCount(name) === 0) return emit.call(this, name, ...given);
    let hasListeners = false;
    guard(() => {
      hasListeners = emit.call(this, name, ...given);
    });
    return hasListeners;
  };
}
