/**
 * What is written to file descriptors 1 and 2 past JavaScript (TensorFlow's log, a child process that inherits them) becomes
 * output of the cell that runs.
 *
 * Node can't duplicate a descriptor, but opening takes the lowest free number: so descriptor 1 is closed and a named pipe opened
 * in its place, before any other thread opens files. The wire thread reads the pipe while a cell
 * runs, also one that spins; the main thread reads it before it says anything itself, so that all that is said is in order. The pipe must stay
 * a blocking one for its writers, who know nothing of EAGAIN: nobody may make Node's own process.stdout on it.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { StreamName } from '../messages/messages.js';

const descriptors = { stdout: 1, stderr: 2 } as const satisfies Record<StreamName, number>;
const streamNames = ['stdout', 'stderr'] as const satisfies readonly StreamName[];

export interface NativeStreams {
  /** Where each stream can be read that now ends in a pipe. */
  readonly readers: Readonly<Partial<Record<StreamName, number>>>;
  /** The stderr that the kernel was started with: for its own log. */
  readonly log: number;
  /** Who reads the pipes just now. */
  readonly lock: Int32Array<SharedArrayBuffer>;
}

/** Main thread, before the wire thread starts. What can't be redirected (on Windows, all of it) stays as it was. */
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
    // Linux can't open a socket anew (VS Code starts kernels with one): then stderr is left alone, and the log with it.
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

/** Puts a pipe in the place of a descriptor, or else `instead`; returns where the pipe can be read. */
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

/** The pipes are read by both threads, one at a time: what was read, and what was said meanwhile, keep their order. */
const lockState = { free: 0, main: 1, wire: 2 } as const;

const canBeRead = ({ readers }: NativeStreams) =>
  streamNames.flatMap((name) => (readers[name] === undefined ? [] : [{ name, descriptor: readers[name] }]));

/** Reading costs 20 microseconds where there is nothing: between two lines of a flood nothing native has run. */
const floodMilliseconds = 0.2;

/**
 * Main thread: what is to be done with a message for the wire thread, so that native text from before it goes before it. In a flood
 * of `isFrequent` ones most are passed on as they are.
 */
export function createNativeOrder(
  native: NativeStreams,
  tell: (name: StreamName, bytes: Uint8Array) => void,
): (send: () => void, isFrequent: boolean) => void {
  const { lock } = native;
  const streams = canBeRead(native);
  const chunk = Buffer.alloc(1 << 16);
  let last = 0;

  return (send, isFrequent) => {
    if (streams.length === 0 || (isFrequent && performance.now() - last < floodMilliseconds)) {
      send();
      return;
    }
    // Where it is this thread's own, an interrupt has ended what would have freed it.
    while (Atomics.compareExchange(lock, 0, lockState.free, lockState.main) === lockState.wire) {
      Atomics.wait(lock, 0, lockState.wire, 1);
    }
    Atomics.store(lock, 0, lockState.main);
    try {
      for (const { name, descriptor } of streams) {
        for (let length = readNow(descriptor, chunk); length > 0; length = readNow(descriptor, chunk)) {
          tell(name, Uint8Array.from(chunk.subarray(0, length)));
        }
      }
      send();
    } finally {
      Atomics.store(lock, 0, lockState.free);
    }
    last = performance.now();
  };
}

export interface NativeReader {
  /** Hands on what the main thread has read. */
  take(name: StreamName, bytes: Uint8Array): void;
  /** A cell has begun, and is looked after closely, or has ended. */
  follow(isRunning: boolean): void;
}

/** Milliseconds until the pipes are looked at again: for a child that outlives its cell, for a running cell, after a find. */
const pauses = { idle: 250, running: 5, found: 1 } as const;

/**
 * Wire thread: hands on what comes through the pipes while the main thread is busy, whole characters at a time. `catchUp` takes
 * what the main thread has said before, and returns the function that does it.
 */
export function readNativeStreams(
  native: NativeStreams,
  catchUp: () => () => void,
  handOn: (name: StreamName, text: string) => void,
): NativeReader {
  const { lock } = native;
  const streams = canBeRead(native);
  const decoders = { stdout: new StringDecoder(), stderr: new StringDecoder() } satisfies Record<StreamName, unknown>;
  const chunk = Buffer.alloc(1 << 16);
  let isRunning = false;
  let timer: NodeJS.Timeout | undefined;

  const take = (name: StreamName, bytes: Uint8Array) => {
    const text = decoders[name].write(Buffer.from(bytes));
    if (text !== '') handOn(name, text);
  };

  /** Whether there was anything. Where the main thread is at it, it takes the text along itself. */
  const look = (): boolean => {
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

  const lookAgain = (pause: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => lookAgain(look() ? pauses.found : isRunning ? pauses.running : pauses.idle), pause);
  };
  if (streams.length > 0) lookAgain(pauses.idle);

  return {
    take,
    follow(running) {
      isRunning = running;
      if (running && streams.length > 0) lookAgain(pauses.running);
    },
  };
}

/** Bytes read without waiting; 0 where there are none. */
function readNow(descriptor: number, into: Buffer): number {
  try {
    return readSync(descriptor, into);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0;
    throw error;
  }
}
