/** What servers refuse, where they are, what their lost answers may have cost: with real HTTP servers. */
import zlib from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { Budget } from '../../../src/responders/endpoint/budget.js';
import { endpoint, type Endpoint } from '../../../src/responders/endpoint/endpoint.js';
import type { EndpointOptions } from '../../../src/responders/endpoint/settings.js';
import { describeUsage } from '../../../src/responders/endpoint/usage.js';
import { completion, failure, type Handler, json, serve, type Serving } from './serving.js';

const asking = { temperature: 0.5, seed: 3 };
const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

async function serving(handler: Handler): Promise<Serving> {
  const server = await serve(handler);
  opened.push(server);
  return server;
}

function open(server: Pick<Serving, 'baseUrl'>, options: Partial<EndpointOptions> = {}): Endpoint {
  const one = endpoint({ model: 'm', baseUrl: server.baseUrl, keyVariable: 'APOLAB_NO_KEY', cache: false, ...options });
  opened.push(one);
  return one;
}

const ask = async (one: Endpoint, prompt = 'Hello?') => (await one.respond([prompt], asking))[0]!;
const fine: Handler = (_, response) => json(response, 200, completion('Hi.'));

describe('a field that a server refuses is left out, once per endpoint, and the person is told:', () => {
  const forbidden = (...fields: string[]) => ({
    detail: fields.map((field) => ({
      type: 'extra_forbidden',
      loc: ['body', field],
      msg: 'Extra inputs are not permitted',
      input: 3,
    })),
  });
  it.each<[string, number, string, unknown, string]>([
    ["FastAPI's list", 422, 'seed', forbidden('seed'), 'seed (left out)'],
    ["FastAPI's list of two", 422, 'seed', forbidden('temperature', 'seed'), 'seed (left out)'],
    ["FastAPI's list with status 400", 400, 'seed', forbidden('seed'), 'seed (left out)'],
    [
      "vLLM's message",
      400,
      'seed',
      { object: 'error', message: "[{'type': 'extra_forbidden', 'loc': ('body', 'seed')}]", code: 400 },
      'seed (left out)',
    ],
    [
      'a message with the field last',
      400,
      'seed',
      failure('Unrecognized request argument supplied: seed'),
      'seed (left out)',
    ],
    ['a key in brackets', 422, 'seed', { message: 'extraneous key [seed] is not permitted' }, 'seed (left out)'],
    [
      "OpenAI's param",
      400,
      'temperature',
      failure("'temperature' does not support 0.5 with this model.", { param: 'temperature' }),
      'temperature (left out)',
    ],
    [
      "OpenAI's newer name",
      400,
      'max_tokens',
      failure("Use 'max_completion_tokens' instead.", { param: 'max_tokens' }),
      'max_tokens (sent as max_completion_tokens)',
    ],
    ['the options of a stream', 422, 'stream_options', forbidden('stream_options'), 'stream_options (left out)'],
  ])('%s', async (_, status, field, body, told) => {
    const server = await serving((request, response) =>
      field in request.body ? json(response, status, body) : fine(request, response),
    );
    const one = open(server, { retries: 0, stream: field === 'stream_options' });
    expect(await ask(one, 'a')).toMatchObject({ text: 'Hi.' });
    const sent = server.received.length;
    expect(await ask(one, 'b')).toMatchObject({ text: 'Hi.' });
    expect(server.received).toHaveLength(sent + 1);
    expect(one.usage.adapted).toContain(told);
    expect(describeUsage(one.usage)).toContain(`; the server does not take ${one.usage.adapted.join(', ')}`);
  });

  it('a message that only quotes the field is a refusal', async () => {
    const server = await serving((_, response) => json(response, 400, failure("The prompt says 'seed'.")));
    const one = open(server);
    expect(await ask(one)).toMatchObject({ kind: 'skipped', reason: "status 400: The prompt says 'seed'." });
    expect(one.usage.adapted).toEqual([]);
  });
});

describe('the address', () => {
  it.each([
    [
      '/openai/deployments/gpt4/?api-version=2024-10-21',
      '/openai/deployments/gpt4/chat/completions?api-version=2024-10-21',
    ],
    ['/v1?key=abcdefghijk', '/v1/chat/completions?key=abcdefghijk'],
    ['/v1/', '/v1/chat/completions'],
    ['', '/chat/completions'],
    ['/v1/chat/completions?a=1', '/v1/chat/completions?a=1'],
  ])('%s has its path before its query', async (given, path) => {
    const server = await serving(fine);
    const one = open({ baseUrl: server.baseUrl.replace('/v1', given) });
    expect(await ask(one)).toMatchObject({ text: 'Hi.' });
    expect(server.received[0]!.url).toBe(path);
  });
});

describe('headers of the options', () => {
  const key = 'azure-marked-2f7c';
  const said =
    (text: string): Handler =>
    (_, response) =>
      json(response, 400, failure(text));

  it('are sent; one with a key replaces the Authorization header, and is not shown', async () => {
    const server = await serving(said(`no right: ${key}`));
    const one = open(server, { headers: { 'API-Key': key, 'x-team': 'blue-team-seven' } });
    expect(await ask(one)).toMatchObject({ reason: 'status 400: no right: ***' });
    const { headers } = server.received[0]!;
    expect(headers).toMatchObject({ 'api-key': key, 'x-team': 'blue-team-seven' });
    expect(headers.authorization).toBeUndefined();
  });

  it('without a key leave the Authorization header, and are shown', async () => {
    const server = await serving(said('blue-team-seven has no right'));
    const one = open(server, { headers: { 'x-team': 'blue-team-seven' } });
    expect(await ask(one)).toMatchObject({ reason: 'status 400: blue-team-seven has no right' });
    expect(server.received[0]!.headers.authorization).toBe('Bearer none');
  });

  it('hide the token of an own Authorization header also alone', async () => {
    const server = await serving(said(`token ${key} expired`));
    const one = open(server, { headers: { authorization: `Token ${key}` } });
    expect(await ask(one)).toMatchObject({ reason: 'status 400: token *** expired' });
  });

  it.each([
    [{ 'api key': 'x' }, /'api key' is not the name of a header/],
    [{ 'api-key': 'secret\nline' }, /value of the header api-key has a character/],
  ])('that cannot be sent are refused without their value: %j', (headers, message) => {
    let thrown: unknown;
    try {
      open({ baseUrl: 'http://127.0.0.1:9/v1' }, { headers: headers as unknown as Record<string, string> });
    } catch (error) {
      thrown = error;
    }
    expect(String(thrown)).toMatch(message);
    expect(String(thrown)).not.toContain('secret');
  });
});

describe('a lost answer', () => {
  const price = { input: 10, output: 100 };
  const chunk = (fields: object) => `data: ${JSON.stringify({ id: '1', choices: [], ...fields })}\n\n`;
  const half = chunk({ choices: [{ index: 0, delta: { content: 'Half' }, finish_reason: null }] });
  const usage = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 };
  const stream =
    (...parts: string[]): Handler =>
    (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(parts.join(''));
      setTimeout(() => response.socket?.destroy(), 10);
    };

  it('is counted and said with the most that it may have cost, and not part of the tokens', async () => {
    const server = await serving(stream(half));
    const one = open(server, { stream: true, retries: 1, maxTokens: 50, price });
    expect(await ask(one)).toMatchObject({ kind: 'skipped', reason: expect.stringMatching(/no connection/) as string });
    // 6 bytes, 16 for the message's frame, and 50 of the answer, twice.
    const lostAtMost = { input: 44, output: 100, dollars: (44 * 10 + 100 * 100) / 1e6 };
    expect(one.usage).toMatchObject({ requests: 2, lost: 2, input: 0, output: 0, dollars: 0, lostAtMost });
    expect(describeUsage(one.usage)).toContain(
      '; 2 answers were lost, for which the server may have charged up to 144 tokens, $0.0104 more',
    );
  });

  it.each<[string, Handler]>([
    ['in the last chunk before the stream breaks', stream(half, chunk({ usage }))],
    ['in a stream that breaks inside a chunk', stream(half, chunk({ usage }), 'data: {"cho')],
    ['in an answer without choices', (_, response) => json(response, 200, completion('', {}, { choices: [] }))],
    ['in an error', (_, response) => json(response, 500, { ...failure('down'), usage })],
    ['in an error in the body', (_, response) => json(response, 200, { error: { message: 'x', code: 500 }, usage })],
    [
      'in an answer of another finish',
      (_, response) => json(response, 200, completion('Half', { finish_reason: 'error' })),
    ],
  ])('is none if the server counts its tokens: %s', async (_, handler) => {
    const server = await serving(handler);
    const one = open(server, { stream: true, retries: 0 });
    expect(await ask(one)).toMatchObject({ kind: 'skipped' });
    expect(one.usage).toMatchObject({ requests: 1, lost: 0, input: 7, output: 5 });
  });

  it('is not a refusal that the server does not charge for', async () => {
    const server = await serving((_, response) => json(response, 500, failure('down')));
    const one = open(server, { retries: 1 });
    await ask(one);
    expect(one.usage).toMatchObject({ requests: 2, lost: 0, input: 0, output: 0 });
  });

  it('stays in the budget as the most that it may have cost', async () => {
    const server = await serving(stream(half));
    const one = open(server, { retries: 20, maxTokens: 50, budget: { tokens: 200 } });
    await expect(ask(one)).rejects.toThrow(
      /budget of 200 tokens is used up: 0 tokens spent, up to 144 tokens for answers that were lost/,
    );
    expect(server.received).toHaveLength(2);
  });
});

it('after the first BudgetReached a run sends nothing more, not even a cheaper request', async () => {
  const server = await serving(fine);
  const budget = new Budget({ tokens: 100 });
  const [large, small] = [200, 10].map((maxTokens) => open(server, { maxTokens, budget }));
  const { signal } = new AbortController();
  await expect(large!.respond(['a'], { ...asking, signal })).rejects.toThrow(/budget of 100 tokens/);
  await expect(small!.respond(['a'], { ...asking, signal })).rejects.toThrow(/budget of 100 tokens/);
  expect(server.received).toHaveLength(0);
  expect(await small!.respond(['a'], asking)).toMatchObject([{ text: 'Hi.' }]);
});

describe('an answer', () => {
  it('that is cut and not counted is taken to be as long as the limit', async () => {
    const server = await serving((_, response) =>
      json(response, 200, completion('', { finish_reason: 'length' }, { usage: null })),
    );
    const one = open(server, { maxTokens: 300 });
    await ask(one);
    expect(one.usage).toMatchObject({ output: 300, estimated: 1 });
  });

  it.each(['gzip', 'deflate', 'br'] as const)('that is compressed with %s is read', async (encoding) => {
    const pack = { gzip: zlib.gzipSync, deflate: zlib.deflateSync, br: zlib.brotliCompressSync }[encoding];
    const server = await serving((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': encoding });
      response.end(pack(JSON.stringify(completion('Hi.'))));
    });
    expect(await ask(open(server))).toMatchObject({ text: 'Hi.' });
  });

  it('whose compression is damaged is retried', async () => {
    const server = await serving((request, response) => {
      if (request.number > 1) return fine(request, response);
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end('not gzip');
    });
    expect(await ask(open(server))).toMatchObject({ text: 'Hi.' });
  });

  it('is complete with the last event, although the server leaves the connection open', async () => {
    const server = await serving((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(
        `data: ${JSON.stringify({ choices: [{ delta: { content: 'Hi.' }, finish_reason: 'stop' }] })}\n\ndata: [DO`,
      );
      setTimeout(() => response.write('NE]\n\n'), 20);
    });
    expect(await ask(open(server, { stream: true, timeout: 5, retries: 0 }))).toMatchObject({ text: 'Hi.' });
  });

  it('with a wait of years is asked for again within the hour', async () => {
    const { retryAfter } = await import('../../../src/responders/endpoint/retryPolicy.js');
    expect([retryAfter({ 'retry-after': '99999999999' }), retryAfter({ 'retry-after-ms': '1e300' })]).toEqual([
      3.6e6, 3.6e6,
    ]);
    expect(retryAfter({ 'retry-after': 'Infinity' })).toBe(3.6e6);
  });
});
