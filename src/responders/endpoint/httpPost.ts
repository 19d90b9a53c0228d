/**
 * POST requests over Node's HTTP client, with kept-alive connections. A body is read whole before the promise resolves, also a
 * streamed one, because nobody looks at half an answer. That takes half of the processor time of the built-in `fetch`, which
 * matters at a thousand requests per second, and a body that breaks off is not lost: its last part may hold the usage.
 */
import http from 'node:http';
import https from 'node:https';
import { brotliDecompressSync, unzipSync } from 'node:zlib';
import { ConnectionError } from './serverError.js';

/** Bytes. No completion is longer; a server that never stops sending must not fill the memory. */
const longestBody = 64 * 2 ** 20;

/** The event that ends a stream. Some servers leave the connection open after it. */
const lastEvent = /(?:^|[\r\n])data: ?\[DONE\]\s*$/;
/** Characters at the end of a stream that may hold its last event. */
const tailLength = 40;

/** What a server answered. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** The body, or the part of it that came. */
  readonly body: string;
  /** Why the body is incomplete; absent if it is whole. */
  readonly broken?: ConnectionError;
}

/** Sends POST requests over connections of its own. */
export interface HttpPost {
  /** Throws a ConnectionError if no answer began, and the signal's reason if it is aborted. */
  (url: URL, headers: http.OutgoingHttpHeaders, body: string, signal: AbortSignal): Promise<HttpAnswer>;
  /** Closes the kept-alive connections. */
  close(): void;
}

/**
 * A function that sends POST requests.
 *
 * @param connections how many requests are sent at the same time; others wait for a free connection
 * @param timeout milliseconds from the moment that a request has its connection to the last byte of its answer
 */
export function createHttpPost(connections: number, timeout: number): HttpPost {
  const settings = { keepAlive: true, maxSockets: connections } as const;
  const clients = {
    'http:': { request: http.request, agent: new http.Agent(settings) },
    'https:': { request: https.request, agent: new https.Agent(settings) },
  } as const;
  const post = (url: URL, headers: http.OutgoingHttpHeaders, body: string, signal: AbortSignal) => {
    const client = clients[url.protocol as keyof typeof clients];
    const options = {
      method: 'POST',
      agent: client.agent,
      signal,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    };
    return new Promise<HttpAnswer>((resolve, reject) => {
      const attempt = (mayRepeat: boolean) => {
        // The reason if this side ends the request; the client's own error is then less exact.
        let ended: Error | undefined;
        const end = (reason: Error) => {
          ended = reason;
          request.destroy(reason);
        };
        const fail = (error: Error) =>
          reject(signal.aborted ? (signal.reason as Error) : connectionError(ended ?? error));
        const request = client.request(url, options, (answer) => {
          readBytes(answer, end).then(
            (bytes) => resolve(httpAnswer(answer, bytes)),
            (error: unknown) => {
              if (!(error instanceof BrokenBody)) reject(error instanceof Error ? error : new Error(String(error)));
              else if (signal.aborted) fail(error);
              else resolve({ ...httpAnswer(answer, error.bytes), broken: connectionError(ended ?? error) });
            },
          );
        });
        request.on('error', (error: NodeJS.ErrnoException) => {
          // The server had closed a kept-alive connection, so it has not read the request. If an answer breaks off, the
          // answer gets the error, not the request.
          if (mayRepeat && ended === undefined && request.reusedSocket && error.code === 'ECONNRESET') attempt(false);
          else fail(error);
        });
        request.on('socket', () => {
          const timer = setTimeout(() => end(new TimedOut()), timeout);
          request.on('close', () => clearTimeout(timer));
        });
        request.end(body);
      };
      attempt(true);
    });
  };
  const close = () => Object.values(clients).forEach(({ agent }) => agent.destroy());
  return Object.assign(post, { close });
}

class TimedOut extends Error {}

/** A body that broke off, with the part that came. */
class BrokenBody extends Error {
  constructor(
    readonly bytes: Buffer,
    cause: Error,
  ) {
    super(cause.message, { cause });
  }
}

/** The bytes of a body; rejects with a `BrokenBody` if it breaks off. */
function readBytes(answer: http.IncomingMessage, end: (reason: Error) => void): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  let tail = '';
  const isStream = (answer.headers['content-type'] ?? '').startsWith('text/event-stream');
  return new Promise((resolve, reject) => {
    const finish = () => resolve(Buffer.concat(parts));
    const fail = (cause: Error) => reject(new BrokenBody(Buffer.concat(parts), cause));
    answer.on('data', (part: Buffer) => {
      length += part.length;
      if (length > longestBody) {
        end(new Error(`the answer is longer than ${longestBody} bytes`));
        return;
      }
      parts.push(part);
      if (!isStream) return;
      tail = (tail + part.toString('latin1')).slice(-tailLength);
      if (!lastEvent.test(tail)) return;
      finish();
      // A server that leaves the connection open after its last event loses it.
      setTimeout(() => answer.complete || answer.destroy(), 50).unref();
    });
    answer.on('end', finish);
    answer.on('error', fail);
    answer.on('close', () => fail(new Error('the connection closed')));
  });
}

/** The answer with its text. Some servers compress although no request asks for it. */
function httpAnswer({ statusCode = 0, headers }: http.IncomingMessage, bytes: Buffer): HttpAnswer {
  const answer = { status: statusCode, headers };
  const unpack = unpackers[headers['content-encoding']?.trim().toLowerCase() ?? ''];
  if (unpack === undefined) return { ...answer, body: bytes.toString('utf8') };
  try {
    return { ...answer, body: unpack(bytes).toString('utf8') };
  } catch (error) {
    return {
      ...answer,
      body: '',
      broken: new ConnectionError('the compressed answer is damaged or too long', error as Error),
    };
  }
}

/** A few compressed bytes can hold gigabytes, so the limit holds for what comes out as well. */
const unpackedLimit = { maxOutputLength: longestBody };
const unzip = (bytes: Buffer) => unzipSync(bytes, unpackedLimit);

const unpackers: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: unzip,
  'x-gzip': unzip,
  deflate: unzip,
  br: (bytes) => brotliDecompressSync(bytes, unpackedLimit),
};

function connectionError(error: Error): ConnectionError {
  return error instanceof TimedOut
    ? new ConnectionError('no complete answer in time', undefined, true)
    : new ConnectionError(undefined, error);
}
