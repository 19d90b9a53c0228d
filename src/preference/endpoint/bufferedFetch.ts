/**
 * `fetch` for answers that are read whole, over Node's own HTTP client with connections kept open: half of the processor
 * time of the built-in one (tests/bench/preference), which matters at a thousand requests a second. The answer is read
 * before the promise resolves, so that the caller's time-out holds for slow bytes too.
 */
import http from 'node:http';
import https from 'node:https';

/** No completion is longer; a server that never stops sending must not fill the memory. */
const longestBody = 64 * 2 ** 20;

export interface BufferedFetch {
  (url: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** Closes the connections that are kept open. */
  close(): void;
}

export function bufferedFetch(connections: number): BufferedFetch {
  const settings = { keepAlive: true, maxSockets: connections, scheduling: 'lifo' } as const;
  const clients = {
    'http:': { request: http.request, agent: new http.Agent(settings) },
    'https:': { request: https.request, agent: new https.Agent(settings) },
  } as const;
  const send = (url: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const target = new URL(url instanceof Request ? url.url : url);
    const client = clients[target.protocol as keyof typeof clients] as (typeof clients)['http:'] | undefined;
    if (client === undefined) return Promise.reject(new TypeError(`no HTTP address: ${target.protocol}//`));
    const { method = 'GET', body, signal } = init;
    const headers = Object.fromEntries(new Headers(init.headers));
    if (typeof body === 'string') headers['content-length'] = String(Buffer.byteLength(body));
    return new Promise((resolve, reject) => {
      const request = client.request(
        target,
        { method, headers, agent: client.agent, ...(signal ? { signal } : {}) },
        (answer) => {
          const parts: Buffer[] = [];
          let length = 0;
          answer.on('data', (part: Buffer) => {
            length += part.length;
            if (length > longestBody) request.destroy(new Error(`the answer is longer than ${longestBody} bytes`));
            else parts.push(part);
          });
          answer.on('end', () => {
            const { statusCode = 0, statusMessage = '' } = answer;
            const known = Object.entries(answer.headers).flatMap(([name, value = []]): [string, string][] =>
              [value].flat().map((one) => [name, one]),
            );
            resolve(
              new Response(bodyless.has(statusCode) ? null : Buffer.concat(parts), {
                status: statusCode,
                statusText: statusMessage,
                headers: known,
              }),
            );
          });
          answer.on('error', reject);
        },
      );
      request.on('error', reject);
      request.end(typeof body === 'string' ? body : undefined);
    });
  };
  const close = () => Object.values(clients).forEach(({ agent }) => agent.destroy());
  return Object.assign(send, { close });
}

/** Statuses with which a Response may carry no body. */
const bodyless: ReadonlySet<number> = new Set([204, 205, 304]);
