/**
 * What is written to file descriptors 1 and 2 past JavaScript (TensorFlow's log, a child process that inherits them) becomes
 * output of the cell that runs.
 *
 * Node can't duplicate a descriptor, but opening takes the lowest free number: so descriptor 1 is closed and a named pipe opened
 * in its place, before any other thread opens files. The wire thread reads the pipe, also while a cell spins. The pipe must stay
 * a blocking one for its writers, who know nothing of EAGAIN: nobody may make Node's own process.stdout on it.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { StreamName } from './messages.js';

const descriptors = { stdout: 1, stderr: 2 } as const satisfies Record<StreamName, number>;
const streamNames = ['stdout', 'stderr'] as const satisfies readonly StreamName[];

export interface NativeStreams {
  /** Where each stream can be read that now ends in a pipe. */
  readonly readers: Readonly<Partial<Record<StreamName, number>>>;
  /** The stderr that the kernel was started with: for its own log. */
  readonly log: number;
}

/** Main thread, before the wire thread starts. What can't be redirected (on Windows, all of it) stays as it was. */
export function redirectNativeStreams(): NativeStreams {
  let log: number = descriptors.stderr;
  const readers: Partial<Record<StreamName, number>> = {};
  if (process.platform === 'win32') return { readers, log };
  let folder: string | undefined;
  try {
    folder = mkdtempSync(path.join(tmpdir(), 'apolab-streams-'));
    const pipes = { stdout: path.join(folder, 'stdout'), stderr: path.join(folder, 'stderr') };
    if (spawnSync('mkfifo', ['-m', '600', ...Object.values(pipes)]).status !== 0) return { readers, log };
    readers.stdout = redirect(descriptors.stdout, pipes.stdout, '/dev/null');
    // Linux can't open a socket anew (VS Code starts kernels with one): then stderr is left alone, and the log with it.
    log = openSync(`/dev/fd/${descriptors.stderr}`, constants.O_WRONLY | constants.O_APPEND);
    readers.stderr = redirect(descriptors.stderr, pipes.stderr, `/dev/fd/${log}`);
    return { readers, log };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { readers, log };
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

export interface NativeReader {
  /** Hands on all that has been written up to now. */
  drain(): void;
}

/**
 * Wire thread: hands on what comes through the pipes, whole characters at a time. `catchUp` is called before, to do what the
 * main thread has asked for before the text was written.
 */
export function readNativeStreams(
  { readers }: NativeStreams,
  catchUp: () => void,
  handOn: (name: StreamName, text: string) => void,
): NativeReader {
  const chunk = Buffer.alloc(1 << 16);
  const streams = streamNames.flatMap((name) => {
    const descriptor = readers[name];
    return descriptor === undefined ? [] : [{ name, descriptor, decoder: new StringDecoder(), waiting: '' }];
  });

  const drain = () => {
    for (const stream of streams) {
      for (let length = readNow(stream.descriptor, chunk); length > 0; length = readNow(stream.descriptor, chunk)) {
        stream.waiting += stream.decoder.write(chunk.subarray(0, length));
      }
      const text = stream.waiting;
      stream.waiting = '';
      if (text !== '') handOn(stream.name, text);
    }
  };

  for (const stream of streams) {
    const socket = new Socket({ fd: stream.descriptor, readable: true, writable: false });
    socket.on('data', (data: Buffer) => {
      stream.waiting += stream.decoder.write(data);
      catchUp();
      drain();
    });
  }
  return { drain };
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
