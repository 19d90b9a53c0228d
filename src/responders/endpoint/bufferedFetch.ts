/**
 * `fetch` for answers that are read whole, with Node's HTTP client and kept-alive connections. It takes half of the
 * processor time of the built-in `fetch`, which matters at a thousand requests per second. The whole answer is read before
 * the promise resolves.
 */
import http from 'node:http';
import https from 'node:https';

/** Bytes. No completion is longer; a server that never stops sending must not fill the memory. */
const longestBody = 64 * 2 ** 20;

/** A `fetch` with connections of its own. */
export interface BufferedFetch {
  (url: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** Closes the kept-alive connections. */
  close(): void;
}

/**
 * A `fetch` that reads whole answers.
 *
 * @param connections how many requests are sent at the same time; others wait for a free connection
 * @param timeout milliseconds from the moment that a request has its connection to the last byte of its answer
 */
export function bufferedFetch(connections: number, timeout: number): BufferedFetch {
  const settings = { keepAlive: true, maxSockets: connections } as const;
  const clients = {
    'http:': { request: http.request, agent: new http.Agent(settings) },
    'https:': { request: https.request, agent: new https.Agent(settings) },
  } as const;
  const send = (url: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const target = new URL(url instanceof Request ? url.url : url);
    const client = clients[target.protocol as keyof typeof clients] as (typeof clients)['http:'] | undefined;
    if (client === undefined) return Promise.reject(new TypeError(`not an HTTP address: ${target.protocol}//`));
    const { method = 'GET', body, signal } = init;
    const headers = Object.fromEntries(init.headers instanceof Headers ? init.headers : new Headers(init.headers));
    if (typeof body === 'string') headers['content-length'] = String(Buffer.byteLength(body));
    const options = { method, headers, agent: client.agent, ...(signal ? { signal } : {}) };
    return new Promise((resolve, reject) => {
      const attempt = (mayRepeat: boolean) => {
        const request = client.request(target, options, (answer) => {
          const parts: Buffer[] = [];
          let length = 0;
          answer.on('data', (part: Buffer) => {
            length += part.length;
            if (length > longestBody) request.destroy(new Error(`the answer is longer than ${longestBody} bytes`));
            else parts.push(part);
          });
          answer.on('end', () => resolve(new WholeAnswer(target.href, answer, Buffer.concat(parts)).asResponse()));
          answer.on('error', reject);
        });
        request.on('error', (error: NodeJS.ErrnoException) => {
          // The server had closed a kept-alive connection, so it has not read the request. If an answer breaks off, the
          // answer gets the error, not the request.
          if (mayRepeat && request.reusedSocket && error.code === 'ECONNRESET') attempt(false);
          else reject(error);
        });
        request.on('socket', () => {
          const timer = setTimeout(() => request.destroy(new Error('timed out')), timeout);
          request.on('close', () => clearTimeout(timer));
        });
        request.end(typeof body === 'string' ? body : undefined);
      };
      attempt(true);
    });
  };
  const close = () => Object.values(clients).forEach(({ agent }) => agent.destroy());
  return Object.assign(send, { close });
}

/** Headers of an answer. Names are in lower case, as Node's client gives them. */
class AnswerHeaders extends Map<string, string> {
  override get(name: string): string | undefined {
    return super.get(name.toLowerCase());
  }
}

/**
 * The part of a `Response` that the OpenAI client reads. A real `Response` copies the bytes into a stream and out again,
 * which takes a fifth of the time of a request.
 */
class WholeAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: AnswerHeaders;
  readonly ok: boolean;
  /** The answer is read already, so there is no stream to read or cancel. */
  readonly body = null;

  constructor(
    readonly url: string,
    { statusCode = 0, statusMessage = '', headers }: http.IncomingMessage,
    readonly bytes: Buffer,
  ) {
    this.status = statusCode;
    this.statusText = statusMessage;
    this.ok = statusCode >= 200 && statusCode < 300;
    this.headers = new AnswerHeaders();
    for (const [name, value] of Object.entries(headers)) this.headers.set(name, [value].flat().join(', '));
  }

  text(): Promise<string> {
    return Promise.resolve(this.bytes.toString('utf8'));
  }

  // Asynchronous, so that broken JSON rejects the promise.
  async json(): Promise<unknown> {
    return JSON.parse(await this.text()) as unknown;
  }

  asResponse(): Response {
    return this as unknown as Response;
  }
}
