/**
 * What is written to file descriptors 1 and 2 past JavaScript (TensorFlow's log, a child process that inherits them) becomes
 * output of the cell that runs.
 *
 * Node can't duplicate a descriptor, but opening a file takes the lowest free number: so descriptor 1 is closed and a named pipe
 * opened in its place, before any other thread opens files. The wire thread reads the pipe while a cell runs, even one that
 * computes without a pause; the main thread reads it before it sends anything itself, so that all output is in order. The pipe
 * must stay blocking for its writers, which don't handle EAGAIN: so Node's own process.stdout must never be made on it.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { StreamName } from '../messages/messages.js';

const descriptors = { stdout: 1, stderr: 2 } as const satisfies Record<StreamName, number>;
const streamNames = ['stdout', 'stderr'] as const satisfies readonly StreamName[];

/** The redirected descriptors; both threads use them. */
export interface NativeStreams {
  /** The descriptor from which each redirected stream is read. */
  readonly readers: Readonly<Partial<Record<StreamName, number>>>;
  /** The descriptor of the stderr that the kernel was started with: for its own log. */
  readonly log: number;
  /** Which thread is reading the pipes. */
  readonly lock: Int32Array<SharedArrayBuffer>;
}

/** Main thread, before the wire thread starts. A stream that can't be redirected (on Windows, both) stays as it was. */
export function redirectNativeStreams(): NativeStreams {
  let log: number = descriptors.stderr;
  const lock = new Int32Array(new SharedArrayBuffer(4));
  const readers: Partial<Record<StreamName, number>> = {};
  if (process.platform === 'win32') return { readers, log, lock };
  let folder: string | undefined;
  try {
    folder = mkdtempSync(path.join(tmpdir(), 'apolab-streams-'));
    const pipes = { stdout: path.join(folder, 'stdout'), stderr: path.join(folder, 'stderr') };
    if (spawnSync('mkfifo', ['-m', '600', ...Object.values(pipes)]).status !== 0) return { readers, log, lock };
    readers.stdout = redirect(descriptors.stdout, pipes.stdout, '/dev/null');
    // Linux can't reopen a socket (VS Code starts kernels with one): then stderr and the log stay as they were.
    log = openSync(`/dev/fd/${descriptors.stderr}`, constants.O_WRONLY | constants.O_APPEND);
    readers.stderr = redirect(descriptors.stderr, pipes.stderr, `/dev/fd/${log}`);
    return { readers, log, lock };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { readers, log, lock };
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true });
  }
}

/**
 * Replaces a descriptor by a pipe, and returns the descriptor of the pipe's other end. If that fails, the descriptor becomes the
 * file `instead`, and the error is thrown.
 */
function redirect(descriptor: number, pipe: string, instead: string): number {
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  closeSync(descriptor);
  try {
    const opened = openSync(pipe, constants.O_WRONLY);
    if (opened === descriptor) return reader;
    closeSync(opened);
    throw new Error(`descriptor ${descriptor} was taken by another thread`);
  } catch (error) {
    closeSync(reader);
    openSync(instead, constants.O_WRONLY | constants.O_APPEND);
    throw error;
  }
}

/** Both threads read the pipes, one at a time, so that native text and other output keep their order. */
const lockState = { free: 0, main: 1, wire: 2 } as const;

const readableStreams = ({ readers }: NativeStreams) =>
  streamNames.flatMap((name) => (readers[name] === undefined ? [] : [{ name, descriptor: readers[name] }]));

/** Reading an empty pipe costs 20 microseconds. Messages that follow each other faster than this skip it. */
const floodMilliseconds = 0.2;

/**
 * Main thread: a function that sends a message to the wire thread after all native text that was written before it. If many
 * `isFrequent` messages follow each other, the pipes are not read before each of them.
 */
export function createNativeOrder(
  native: NativeStreams,
  pass: (name: StreamName, bytes: Uint8Array) => void,
): (send: () => void, isFrequent: boolean) => void {
  const { lock } = native;
  const streams = readableStreams(native);
  const chunk = Buffer.alloc(1 << 16);
  let last = 0;

  return (send, isFrequent) => {
    if (streams.length === 0 || (isFrequent && performance.now() - last < floodMilliseconds)) {
      send();
      return;
    }
    // If this thread holds the lock, an interrupt has ended the code that would have freed it.
    while (Atomics.compareExchange(lock, 0, lockState.free, lockState.main) === lockState.wire) {
      Atomics.wait(lock, 0, lockState.wire, 1);
    }
    Atomics.store(lock, 0, lockState.main);
    try {
      for (const { name, descriptor } of streams) {
        for (let length = readNow(descriptor, chunk); length > 0; length = readNow(descriptor, chunk)) {
          pass(name, Uint8Array.from(chunk.subarray(0, length)));
        }
      }
      send();
    } finally {
      Atomics.store(lock, 0, lockState.free);
    }
    last = performance.now();
  };
}

/** The wire thread's reader of the pipes. */
export interface NativeReader {
  /** Decodes and passes on bytes that the main thread has read. */
  take(name: StreamName, bytes: Uint8Array): void;
  /** Called when a cell begins and when it ends: the pipes are read more often while one runs. */
  follow(isRunning: boolean): void;
}

/** Milliseconds until the pipes are read again: with no cell (children may outlive theirs), with one, and after text was found. */
const pauses = { idle: 250, running: 5, found: 1 } as const;

/**
 * Wire thread: passes on what comes through the pipes while the main thread is busy, in whole characters. `catchUp` takes the
 * messages that the main thread has sent before, and returns a function that handles them.
 */
export function readNativeStreams(
  native: NativeStreams,
  catchUp: () => () => void,
  pass: (name: StreamName, text: string) => void,
): NativeReader {
  const { lock } = native;
  const streams = readableStreams(native);
  const decoders = { stdout: new StringDecoder(), stderr: new StringDecoder() } satisfies Record<StreamName, unknown>;
  const chunk = Buffer.alloc(1 << 16);
  let isRunning = false;
  let timer: NodeJS.Timeout | undefined;

  const take = (name: StreamName, bytes: Uint8Array) => {
    const text = decoders[name].write(Buffer.from(bytes));
    if (text !== '') pass(name, text);
  };

  /** Reads the pipes once; returns whether there was text. If the main thread is reading them, it passes the text on itself. */
  const readPipes = (): boolean => {
    if (Atomics.compareExchange(lock, 0, lockState.free, lockState.wire) !== lockState.free) return false;
    const found: { name: StreamName; bytes: Uint8Array }[] = [];
    let before: (() => void) | undefined;
    try {
      for (const { name, descriptor } of streams) {
        const length = readNow(descriptor, chunk);
        if (length > 0) found.push({ name, bytes: Uint8Array.from(chunk.subarray(0, length)) });
      }
      if (found.length > 0) before = catchUp();
    } finally {
      Atomics.store(lock, 0, lockState.free);
      Atomics.notify(lock, 0);
    }
    before?.();
    for (const { name, bytes } of found) take(name, bytes);
    return found.length > 0;
  };

  const readAfter = (pause: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => readAfter(readPipes() ? pauses.found : isRunning ? pauses.running : pauses.idle), pause);
  };
  if (streams.length > 0) readAfter(pauses.idle);

  return {
    take,
    follow(running) {
      isRunning = running;
      if (running && streams.length > 0) readAfter(pauses.running);
    },
  };
}

/** How many bytes were read without waiting; 0 if there are none. */
function readNow(descriptor: number, into: Buffer): number {
  try {
    return readSync(descriptor, into);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0;
    throw error;
  }
}
