/**
 * What cells show. Outputs belong to the cell that caused them, also when they come from its timers and promises after
 * it has ended: the parent header travels with the asynchronous context.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { withoutAsyncIds } from '../display/withoutAsyncIds.js';
import type { Header, MessageExtras, OutputType, StreamName } from '../messages/messages.js';
import type { Wire } from '../messages/wire.js';

/** Publishes on iopub, under the request that caused the output. */
export interface Outputs {
  /** Runs `action`; all its outputs, also those of its timers and promises, belong to `parent`. */
  within<T>(parent: Header, action: () => T): T;
  /** The id of the request to which the running code belongs, also in a timer that it has started. */
  origin(): string | undefined;
  stream(name: StreamName, text: string): void;
  publish(type: OutputType, content: object, extras?: MessageExtras): void;
}

/** Requests whose headers are kept, so that output of their timers is shown at the right cell. */
const rememberedCells = 10_000;

/** Outputs over a wire. */
export function createOutputs(wire: Pick<Wire, 'publish' | 'stream'>): Outputs {
  // Message ids, not headers: Node 20 and 22 keep the value on every promise, and print it with the promise.
  const current = new AsyncLocalStorage<string>();
  const headers = new Map<string, Header>();
  // If a library calls back outside any cell's context, the latest request is the best guess.
  let latest: Partial<Header> = {};
  const parent = () => headers.get(current.getStore() ?? '') ?? latest;
  return {
    within(header, action) {
      latest = header;
      headers.set(header.msg_id, header);
      if (headers.size > rememberedCells) headers.delete(headers.keys().next().value ?? '');
      return current.run(header.msg_id, action);
    },
    origin: () => current.getStore(),
    stream: (name, text) => wire.stream(name, text, parent()),
    publish: (type, content, { metadata, buffers } = {}) => wire.publish(type, content, parent(), metadata, buffers),
  };
}

const descriptors = { stdout: 1, stderr: 2 } as const satisfies Record<StreamName, number>;

/**
 * Sends what is written to this process's stdout and stderr to the clients; `console` writes there too.
 *
 * The streams replace Node's own, which must never be made (`kernel/wire/nativeStreams.ts`). They have no state that an interrupt
 * in the middle of a write could damage, and like Node's they can't be ended.
 */
export function captureStreams(outputs: Outputs): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const decoder = new StringDecoder();
    const write = (chunk: string | Uint8Array, encoding?: unknown, done?: unknown): boolean => {
      const text = typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk));
      if (text !== '') outputs.stream(name, withoutAsyncIds(text));
      const callback = typeof encoding === 'function' ? encoding : done;
      if (typeof callback === 'function') process.nextTick(callback);
      return true;
    };
    const end = (...given: unknown[]) => {
      const [chunk, encoding] = given;
      if (typeof chunk === 'string' || chunk instanceof Uint8Array) write(chunk, encoding);
      const callback = given.at(-1);
      if (typeof callback === 'function') process.nextTick(callback);
      return stream;
    };
    const stream = Object.assign(new Writable(), { write, end, fd: descriptors[name], isTTY: false, columns: 80 });
    Object.defineProperty(process, name, { value: stream, configurable: true, enumerable: true });
  }
}
