/** A real HTTP server for one test; the test's function answers each request. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly headers: http.IncomingHttpHeaders;
  /** Path and query. */
  readonly url: string;
  readonly body: Record<string, unknown> & { readonly messages: { role: string; content: string }[] };
  /** 1 for the server's first request. */
  readonly number: number;
}

export interface Serving {
  readonly baseUrl: string;
  readonly received: readonly Received[];
  /** The most requests at the same time so far. */
  readonly mostAtOnce: () => number;
  close(): Promise<void>;
}

export type Handler = (request: Received, response: http.ServerResponse) => unknown;

export async function serve(handler: Handler): Promise<Serving> {
  const received: Received[] = [];
  let [now, most] = [0, 0];
  const server = http.createServer((request, response) => {
    now += 1;
    most = Math.max(most, now);
    response.on('close', () => (now -= 1));
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Received['body'];
      const one = { headers: request.headers, url: request.url ?? '', body, number: received.length + 1 };
      received.push(one);
      handler(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    received,
    mostAtOnce: () => most,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** A chat completion as OpenAI documents it. */
export function completion(content: string | null, choice: object = {}, others: object = {}): object {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: 'served-model',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop', ...choice }],
    usage: { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 },
    ...others,
  };
}

export function json(response: http.ServerResponse, status: number, body: unknown, headers: object = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

export const failure = (message: string, fields: object = {}) => ({
  error: { message, type: 'error', param: null, code: null, ...fields },
});
