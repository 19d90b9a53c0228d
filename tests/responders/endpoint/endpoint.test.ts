/** The endpoint with real HTTP servers: its requests, the answers that it accepts, and its reaction to errors. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Budget } from '../../../src/responders/endpoint/budget.js';
import { endpoint, type Endpoint } from '../../../src/responders/endpoint/endpoint.js';
import { ResponseCache } from '../../../src/responders/endpoint/responseCache.js';
import type { EndpointOptions } from '../../../src/responders/endpoint/settings.js';
import { describeUsage } from '../../../src/responders/endpoint/usage.js';
import type { Answer } from '../../../src/responders/responder.js';
import { createRandom } from '../../../src/core/random.js';
import { jupyterDisplay } from '../../../src/core/display.js';
import { completion, failure, type Handler, json, serve, type Serving } from './serving.js';

const key = 'sk-marked-4f9d1c77e2';
const asking = { temperature: 0.5, seed: 3 };
const opened: { close(): Promise<unknown> }[] = [];
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'apolab-endpoint-'));
  process.env.APOLAB_TEST_KEY = key;
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
  await rm(folder, { recursive: true });
});

async function serving(handler: Handler): Promise<Serving> {
  const server = await serve(handler);
  opened.push(server);
  return server;
}

function open(server: Pick<Serving, 'baseUrl'>, options: Partial<EndpointOptions> = {}): Endpoint {
  const one = endpoint({
    model: 'a-model',
    baseUrl: server.baseUrl,
    keyVariable: 'APOLAB_TEST_KEY',
    cache: false,
    ...options,
  });
  opened.push(one);
  return one;
}

const ask = async (one: Endpoint, prompt = 'Hello?') => (await one.respond([prompt], asking))[0]!;

describe('a request', () => {
  it('has model, messages, temperature, seed, longest answer and further parameters, and the key in its header', async () => {
    const server = await serving((_, response) => json(response, 200, completion('Hi.')));
    const one = open(server, { system: 'Be brief.', parameters: { top_p: 0.9 }, maxTokens: 100 });
    expect(await ask(one)).toMatchObject({
      kind: 'response',
      text: 'Hi.',
      model: 'served-model',
      tokens: { input: 7, output: 5 },
    });
    const [{ body, headers }] = server.received as [Serving['received'][number]];
    expect(body).toEqual({
      model: 'a-model',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello?' },
      ],
      temperature: 0.5,
      max_tokens: 100,
      seed: 3,
      top_p: 0.9,
    });
    expect(headers.authorization).toBe(`Bearer ${key}`);
  });

  it('sends the messages of a conversation, whose own system message replaces the option', async () => {
    const server = await serving((_, response) => json(response, 200, completion('Hi.')));
    const conversation = [
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'Hello?' },
    ];
    await open(server, { system: 'Be brief.' }).respond([conversation], { ...asking, maxTokens: 9 });
    expect(server.received[0]!.body).toMatchObject({ messages: conversation, max_tokens: 9 });
  });

  it('has a new seed each time that a prompt comes in one call', async () => {
    const server = await serving(({ body }, response) => json(response, 200, completion(`seed ${String(body.seed)}`)));
    const answers = await open(server).respond(['a', 'b', 'a'], asking);
    expect(answers).toMatchObject([{ text: 'seed 3' }, { text: 'seed 3' }, { text: 'seed 4' }]);
  });

  it('leaves out or renames a field after the server has refused it', async () => {
    const complaints = [
      failure("Unsupported parameter: use 'max_completion_tokens' instead.", { param: 'max_tokens' }),
      failure("Extra inputs are not permitted: 'seed'"),
    ];
    const server = await serving(({ body }, response) => {
      if ('max_tokens' in body) json(response, 400, complaints[0]);
      else if ('seed' in body) json(response, 400, complaints[1]);
      else json(response, 200, completion('Hi.'));
    });
    const one = open(server, { concurrency: 4 });
    const answers = await one.respond(['a', 'b', 'c', 'd'], asking);
    expect(answers.map((answer) => (answer as { text: string }).text)).toEqual(['Hi.', 'Hi.', 'Hi.', 'Hi.']);
    const asked = server.received.length;
    await ask(one, 'e');
    expect(server.received.length).toBe(asked + 1);
    expect(server.received.at(-1)!.body).toMatchObject({ max_completion_tokens: 4096 });
  });

  it('keeps to the limit on concurrency', async () => {
    const server = await serving((_, response) => setTimeout(() => json(response, 200, completion('Hi.')), 20));
    await open(server, { concurrency: 3 }).respond(
      Array.from({ length: 12 }, (_, index) => `prompt ${index}`),
      asking,
    );
    expect(server.mostAtOnce()).toBe(3);
  });

  it('keeps to the limit on requests per minute', async () => {
    const times: number[] = [];
    const server = await serving((_, response) => {
      times.push(performance.now());
      json(response, 200, completion('Hi.'));
    });
    // 1,200 per minute are one every 50 ms.
    await open(server, { requestsPerMinute: 1200 }).respond(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'], asking);
    // A bucket that holds a second's worth starts empty, so ten requests take no less than nine intervals.
    expect(times.at(-1)! - times[0]!).toBeGreaterThan(9 * 50 - 60);
  });

  it('streams if the option is set, and the answer is the same', async () => {
    const server = await serving(({ body }, response) => {
      expect(body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const piece = (fields: object) =>
        response.write(
          `data: ${JSON.stringify({ id: '1', object: 'chat.completion.chunk', model: 'served-model', ...fields })}\n\n`,
        );
      for (const content of ['Hi', ' there', '.'])
        piece({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
      piece({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
      piece({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 } });
      response.end('data: [DONE]\n\n');
    });
    expect(await ask(open(server, { stream: true }))).toMatchObject({
      kind: 'response',
      text: 'Hi there.',
      tokens: { input: 7, output: 3 },
    });
  });
});

describe('an error', () => {
  const once =
    (fault: Handler): Handler =>
    (request, response) =>
      request.number === 1 ? fault(request, response) : json(response, 200, completion('Hi.'));

  it.each<[string, Handler]>([
    ['status 500', (_, response) => json(response, 500, failure('oops'))],
    [
      'status 502 as HTML',
      (_, response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>502</h1>'),
    ],
    ['status 503 without a body', (_, response) => response.writeHead(503).end()],
    ['status 408', (_, response) => json(response, 408, failure('too slow'))],
    ['a dropped connection', (_, response) => response.socket!.destroy()],
    [
      'a body that is cut',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
        response.write('{"choices": [');
        setTimeout(() => response.socket?.destroy(), 10);
      },
    ],
    [
      'truncated JSON',
      (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"choices": ['),
    ],
    ['text that is not JSON', (_, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('busy')],
    ['an empty body', (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end()],
    ['JSON of another shape', (_, response) => json(response, 200, { hello: 'world' })],
    ['null', (_, response) => json(response, 200, null)],
    ['no choices', (_, response) => json(response, 200, completion('', {}, { choices: [] }))],
    ['an empty answer', (_, response) => json(response, 200, completion(''))],
  ])('%s is retried', async (_, fault) => {
    const server = await serving(once(fault));
    const one = open(server);
    expect(await ask(one)).toMatchObject({ kind: 'response', text: 'Hi.' });
    expect(one.usage).toMatchObject({ requests: 2, retries: 1, answered: 1 });
  });

  it('an answer that comes too slowly times out and is retried', async () => {
    const server = await serving(
      once((_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const drip = setInterval(() => response.write(' '), 50);
        response.on('close', () => clearInterval(drip));
      }),
    );
    expect(await ask(open(server, { timeout: 0.4 }))).toMatchObject({ text: 'Hi.' });
  });

  it('status 429 makes the request wait as long as the server asks, while others are sent', async () => {
    const times = new Map<number, number>();
    const server = await serving((request, response) => {
      times.set(request.number, performance.now());
      if (request.number === 1) json(response, 429, failure('slow down'), { 'retry-after': '1' });
      else json(response, 200, completion('Hi.'));
    });
    await open(server, { concurrency: 1 }).respond(['a', 'b', 'c'], asking);
    expect(server.received.map(({ body }) => body.messages[0]!.content)).toEqual(['a', 'b', 'c', 'a']);
    // Timers may fire a millisecond early.
    expect(times.get(4)! - times.get(1)!).toBeGreaterThan(990);
  });

  it('status 429 several times in a row makes all requests wait', async () => {
    const until = performance.now() + 1500;
    const prompts = Array.from({ length: 200 }, (_, index) => `prompt ${index}`);
    const server = await serving((_, response) => {
      if (performance.now() < until) json(response, 429, failure('slow down'), { 'retry-after': '1' });
      else json(response, 200, completion('Hi.'));
    });
    const answers = await open(server, { concurrency: 4 }).respond(prompts, asking);
    expect(answers.every((answer) => (answer as { kind: string }).kind === 'response')).toBe(true);
    // Without the pause, each of the 200 would have got status 429, and most of them twice.
    expect(server.received.length).toBeLessThan(200 + 30);
  });

  it('that lasts becomes a refusal with the last reason, which is not cached', async () => {
    let healthy = false;
    const server = await serving((request, response) => {
      const fails = request.body.messages[0]!.content === 'bad' && !healthy;
      if (fails) json(response, 500, failure('the model crashed'));
      else json(response, 200, completion('Hi.'));
    });
    const one = open(server, { retries: 1, cache: folder });
    await ask(one, 'good');
    expect(await ask(one, 'bad')).toEqual({
      kind: 'skipped',
      reason: 'no answer in 2 attempts; the last error: status 500: the model crashed',
    });
    healthy = true;
    expect(await ask(one, 'bad')).toMatchObject({ kind: 'response', text: 'Hi.' });
  });

  it.each<[string, Handler, string | RegExp]>([
    [
      'a content filter',
      (_, response) => json(response, 200, completion('', { finish_reason: 'content_filter' })),
      "the server's content filter stopped the answer",
    ],
    [
      'a content filter by status 400',
      (_, response) => json(response, 400, failure('the prompt was filtered', { code: 'content_filter' })),
      'the content is refused by status 400: the prompt was filtered',
    ],
    [
      'a content filter by status 403',
      (_, response) => json(response, 403, failure('flagged', { code: 403, metadata: { type: 'moderation' } })),
      'the content is refused by status 403: flagged',
    ],
    [
      'a refusal',
      (_, response) => json(response, 200, completion(null, { message: { content: null, refusal: 'I cannot.' } })),
      'the model declines: I cannot.',
    ],
    [
      'an answer cut at its longest length',
      (_, response) => json(response, 200, completion('Once', { finish_reason: 'length' })),
      /cut at its longest length, 4096 tokens/,
    ],
  ])('%s is final: the refusal comes at once and is cached', async (_, handler, reason) => {
    const server = await serving(handler);
    const one = open(server, { cache: folder });
    const expected = {
      kind: 'skipped',
      reason: typeof reason === 'string' ? reason : (expect.stringMatching(reason) as string),
    };
    expect(await ask(one)).toMatchObject(expected);
    expect(await ask(one)).toMatchObject(expected);
    expect(server.received).toHaveLength(1);
  });

  it.each([
    [400, failure('failed to load model'), 'status 400: failed to load model'],
    [400, { object: 'error', message: 'bad template', code: 400 }, 'status 400: bad template'],
    [413, { detail: 'too large' }, 'status 413: too large'],
    [
      422,
      { detail: [{ type: 'missing', loc: ['body', 'messages'], msg: 'Field required' }] },
      'status 422: messages: Field required',
    ],
    [422, { error: 'no such role' }, 'status 422: no such role'],
    [418, {}, 'status 418: no reason given'],
  ])('status %i refuses this run at once, and the next run asks again: %j', async (status, body, reason) => {
    let healthy = false;
    const server = await serving((_, response) =>
      healthy ? json(response, 200, completion('Hi.')) : json(response, status, body),
    );
    const first = open(server, { cache: folder });
    expect(await ask(first)).toEqual({ kind: 'skipped', reason });
    expect(server.received).toHaveLength(1);
    await first.close();
    healthy = true;
    expect(await ask(open(server, { cache: folder }))).toMatchObject({ kind: 'response', text: 'Hi.' });
  });

  it('an answer cut at its longest length is accepted with keepCut', async () => {
    const server = await serving((_, response) => json(response, 200, completion('Once', { finish_reason: 'length' })));
    expect(await ask(open(server, { keepCut: true }))).toMatchObject({ kind: 'response', text: 'Once' });
  });

  it.each([
    [401, failure('Incorrect key'), /status 401: Incorrect key.*environment variable/],
    [404, failure('no such model'), /status 404: no such model.*base URL, which mostly ends in \/v1/],
    [429, failure('pay first', { code: 'insufficient_quota' }), /quota is used up/],
    [301, failure('moved'), /give that address as base URL/],
  ])('status %i aborts the run and says how to fix it', async (status, body, message) => {
    const server = await serving((_, response) => json(response, status, body));
    await expect(ask(open(server))).rejects.toThrow(message);
    expect(server.received).toHaveLength(1);
  });

  it('an unreachable server aborts the run', async () => {
    const server = await serve(() => undefined);
    await server.close();
    await expect(ask(open(server, { retries: 1 }))).rejects.toThrow(/does not answer: no connection \(ECONNREFUSED\)/);
  });

  it('a server that stops answering aborts the run after many prompts, not after one or two', async () => {
    const server = await serving((_, response) => json(response, 500, failure('down')));
    const one = open(server, { retries: 0, concurrency: 1 });
    const prompts = Array.from({ length: 50 }, (_, index) => `prompt ${index}`);
    await expect(one.respond(prompts, asking)).rejects.toThrow(/does not answer: status 500: down/);
    expect(server.received.length).toBeGreaterThanOrEqual(20);
  });

  it('a signal aborts a request in progress, and the wait before a retry', async () => {
    const server = await serving((request, response) => {
      if (request.body.messages[0]!.content === 'busy') json(response, 429, failure('later'), { 'retry-after': '100' });
    });
    for (const prompt of ['silent', 'busy']) {
      const controller = new AbortController();
      const asked = open(server).respond([prompt], { ...asking, signal: controller.signal });
      setTimeout(() => controller.abort(new Error('enough')), 100);
      await expect(asked).rejects.toThrow('enough');
    }
  });
});

describe('an answer', () => {
  const broken: Handler = (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{');

  it('may be JSON with another content type, or text in parts', async () => {
    const parts = [
      { type: 'text', text: 'Hi ' },
      { type: 'text', text: 'there.' },
    ];
    const server = await serving((_, response) => {
      response.writeHead(200);
      response.end(JSON.stringify(completion(null, { message: { content: parts } })));
    });
    expect(await ask(open(server))).toMatchObject({ kind: 'response', text: 'Hi there.' });
  });

  it('with any of 300 random changes gives a text or a reason, and never throws', async () => {
    const random = createRandom(5, 'answers');
    const strange = (): unknown =>
      random.pick([
        null,
        0,
        -1,
        1e308,
        '',
        'text',
        true,
        [],
        {},
        [null],
        [[]],
        ['x'],
        { content: 4 },
        { text: 'x' },
        { content: ['a', null] },
      ]);
    const mutated = (): unknown => {
      const answer = completion('Hi.') as Record<string, unknown>;
      const [choice] = answer.choices as [Record<string, unknown>];
      const message = choice.message as Record<string, unknown>;
      const usage = answer.usage as Record<string, unknown>;
      const place = random.pick([answer, choice, message, usage]);
      place[random.pick(Object.keys(place))] = strange();
      return random.chance(0.1) ? strange() : answer;
    };
    const server = await serving((_, response) => json(response, 200, mutated()));
    const one = open(server, { retries: 0 });
    for (let index = 0; index < 300; index++) {
      const answer = (await one.respond([`prompt ${index}`], asking).catch((error: unknown) => error)) as Answer[];
      // After too many broken answers in a row the endpoint says that the server does not answer.
      if (answer instanceof Error) expect(answer.message).toContain('does not answer');
      else if ((answer[0] as Answer & object).kind === 'response')
        expect(answer[0]).toMatchObject({ text: expect.any(String) as string });
      else expect(answer[0]).toMatchObject({ kind: 'skipped', reason: expect.stringMatching(/./) as string });
    }
    expect(one.usage.input).toBeGreaterThanOrEqual(0);
    expect(Number.isFinite(one.usage.input + one.usage.output)).toBe(true);
  });

  it('is not lost if the server has closed a kept-alive connection, even without retries', async () => {
    const server = await serving((request, response) => {
      // Node's server announces that it closes; other servers do not.
      if (request.number === 1) response.on('finish', () => setTimeout(() => response.socket?.destroy(), 0));
      json(response, 200, completion('Hi.'));
    });
    const one = open(server, { retries: 0 });
    expect(await ask(one, 'a')).toMatchObject({ text: 'Hi.' });
    expect(await ask(one, 'b')).toMatchObject({ text: 'Hi.' });
    expect(await ask(open(await serving(broken), { retries: 0 }))).toMatchObject({ kind: 'skipped' });
  });
});

describe('the cache', () => {
  it('has the answers to earlier requests, also in another process, and none to different ones', async () => {
    const server = await serving(({ body }, response) =>
      json(response, 200, completion(`about ${body.messages[0]!.content}`)),
    );
    const first = open(server, { cache: folder });
    const answers = await first.respond(['a', 'b'], asking);
    await first.close();
    const second = open(server, { cache: folder });
    expect(await second.respond(['a', 'b'], asking)).toEqual(answers);
    expect(second.usage).toMatchObject({ requests: 0, answered: 2, cached: 2, input: 0, output: 0 });
    expect(server.received).toHaveLength(2);
    await second.respond(['a'], { ...asking, seed: 4 });
    await second.respond(['a'], { ...asking, temperature: 0 });
    await second.respond(['a'], { ...asking, maxTokens: 5 });
    await open(server, { cache: folder, model: 'another' }).respond(['a'], asking);
    expect(server.received).toHaveLength(6);
  });

  it('stores the answers of many endpoints in the same millisecond', async () => {
    const caches = await Promise.all(Array.from({ length: 20 }, () => ResponseCache.open<string>(folder)));
    caches.forEach((cache, index) => cache.set(`key ${index}`, `answer ${index}`));
    const all = await ResponseCache.open<string>(folder);
    expect(caches.map((_, index) => all.get(`key ${index}`))).toEqual(caches.map((_, index) => `answer ${index}`));
    [all, ...caches].forEach((cache) => cache.close());
  });

  it('skips an incomplete line of a killed process, and keeps the others', async () => {
    const whole = JSON.stringify({ key: 'whole', answer: 'yes' });
    await writeFile(
      path.join(folder, 'killed.jsonl'),
      `${whole}\n${JSON.stringify({ key: 'half', answer: 'no' }).slice(0, -4)}`,
    );
    const cache = await ResponseCache.open<string>(folder);
    expect([cache.get('whole'), cache.get('half')]).toEqual(['yes', undefined]);
    cache.set('half', 'anew');
    expect(cache.get('half')).toBe('anew');
    cache.close();
  });

  it('reads a refusal of version 0.1.0, whose kind was rejected, as skipped', async () => {
    const filtered = failure('filtered', { code: 'content_filter' });
    const server = await serving((_, response) => json(response, 400, filtered));
    const first = open(server, { cache: folder });
    const refused = await ask(first);
    await first.close();
    const [file] = await readdir(folder);
    const entry = await readFile(path.join(folder, file!), 'utf8');
    await writeFile(path.join(folder, file!), entry.replace('"kind":"skipped"', '"kind":"rejected"'));
    const second = open(server, { cache: folder });
    expect(await ask(second)).toEqual(refused);
    expect(refused).toMatchObject({ kind: 'skipped', reason: 'the content is refused by status 400: filtered' });
    expect(second.usage).toMatchObject({ requests: 0, cached: 1 });
    expect(await readFile(path.join(folder, file!), 'utf8')).toContain('"kind":"rejected"');
  });

  it.each([
    ['rejected', 'status 400: failed to load model'],
    ['rejected', 'status 422: no reason given'],
    ['skipped', 'no answer in 2 attempts; the last error: the answer is empty'],
  ])('asks again for what an earlier version kept as %s: %s', async (kind, reason) => {
    const server = await serving((_, response) => json(response, 200, completion('Hi.')));
    const first = open(server, { cache: folder });
    await ask(first);
    await first.close();
    const [file] = await readdir(folder);
    const { key: cachedKey } = JSON.parse(await readFile(path.join(folder, file!), 'utf8')) as { key: string };
    await writeFile(path.join(folder, file!), `${JSON.stringify({ key: cachedKey, answer: { kind, reason } })}\n`);
    expect(await ask(open(server, { cache: folder }))).toMatchObject({ kind: 'response', text: 'Hi.' });
    expect(server.received).toHaveLength(2);
  });

  it('takes the thinking off an answer that an earlier version kept', async () => {
    const server = await serving((_, response) => json(response, 200, completion('Hi.')));
    const first = open(server, { cache: folder });
    await ask(first);
    await first.close();
    const [file] = await readdir(folder);
    const line = await readFile(path.join(folder, file!), 'utf8');
    await writeFile(
      path.join(folder, file!),
      line.replace('"Hi."', JSON.stringify('<think>\nWho?\n</think>\n\nHi.\n')),
    );
    expect(await ask(open(server, { cache: folder }))).toMatchObject({ text: 'Hi.', reasoning: 'Who?' });
    expect(server.received).toHaveLength(1);
  });

  it('sends one request for two equal ones at the same time', async () => {
    const server = await serving((_, response) => setTimeout(() => json(response, 200, completion('Hi.')), 30));
    const one = open(server, { cache: folder });
    const [first, second] = await Promise.all([ask(one), ask(one)]);
    expect(first).toEqual(second);
    expect(server.received).toHaveLength(1);
  });
});

describe('the budget', () => {
  const prompts = Array.from({ length: 30 }, (_, index) => `prompt ${String(index).padStart(2, '0')}`);

  it('in tokens is never exceeded, and the answers are in the cache', async () => {
    const server = await serving((_, response) => json(response, 200, completion('Hi.')));
    const one = open(server, { maxTokens: 20, concurrency: 4, budget: { tokens: 200 }, cache: folder });
    await expect(one.respond(prompts, asking)).rejects.toThrow(/budget of 200 tokens is used up: \d+ tokens spent/);
    // Each request took 12 tokens, and may take 9 for its bytes, 16 for its frame and 20 for its answer: 13 x 12 + 45 > 200.
    expect(one.usage.input + one.usage.output).toBe(13 * 12);
    expect(server.received).toHaveLength(13);
  });

  it('in dollars is shared by several endpoints', async () => {
    const server = await serving((_, response) => json(response, 200, completion('Hi.')));
    const budget = new Budget({ dollars: 0.01 });
    const price = { input: 100, output: 300 };
    const [policy, reviser] = ['small', 'large'].map((model) => open(server, { model, maxTokens: 5, price, budget }));
    const asked = Promise.all([policy!.respond(prompts, asking), reviser!.respond(prompts, asking)]);
    await expect(asked).rejects.toThrow(/budget of \$0\.0100 is used up/);
    const spent = policy!.usage.dollars! + reviser!.usage.dollars!;
    expect(spent).toBeLessThanOrEqual(0.01);
    // Each request costs 7 x 100 + 5 x 300 millionths.
    expect(spent).toBeCloseTo(server.received.length * 0.0022, 10);
  });

  it('in dollars needs a price', () => {
    const server = { baseUrl: 'http://127.0.0.1:9/v1' };
    expect(() => open(server, { budget: { dollars: 1 } })).toThrow(/needs the price of a million tokens of a-model/);
  });
});

describe('the key', () => {
  it('is in no answer, error, cache or display, even if the server repeats it', async () => {
    const said = `your key is ${key}, Bearer ${key}`;
    const server = await serving((request, response) => {
      const { content } = request.body.messages[0]!;
      if (content === 'echo') json(response, 200, completion(said));
      else if (content === 'filter') json(response, 200, completion(said, { finish_reason: 'content_filter' }));
      else if (content === 'bad') json(response, 400, failure(said));
      else json(response, 401, failure(said));
    });
    const one = open(server, { cache: folder });
    const answers = [await ask(one, 'echo'), await ask(one, 'filter'), await ask(one, 'bad')];
    const thrown = await ask(one, 'locked').catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(Error);
    const cached = await Promise.all((await readdir(folder)).map((file) => readFile(path.join(folder, file), 'utf8')));
    const everything = [answers, thrown, one, one.usage, one[jupyterDisplay](), cached]
      .map((value) => inspect(value, { depth: 20, showHidden: true, getters: true }) + JSON.stringify(value))
      .join('\n');
    expect(everything).not.toContain(key);
    expect(everything).toContain('your key is ***');
  });

  it('may be part of the address, as some servers expect it, and is not shown there either', async () => {
    const server = await serving((_, response) => json(response, 404, failure('not here')));
    const one = open({ baseUrl: `${server.baseUrl}?api-key=${key}` });
    const thrown: unknown = await ask(one).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(Error);
    expect(inspect([thrown, one, one[jupyterDisplay]()], { depth: 20, showHidden: true })).not.toContain(key);
  });

  it('is required without a base URL, and the message names its variable', () => {
    delete process.env.APOLAB_TEST_KEY;
    expect(() => endpoint({ model: 'm', keyVariable: 'APOLAB_TEST_KEY' })).toThrow(/APOLAB_TEST_KEY is not set/);
  });

  it('may be missing if a base URL is given', async () => {
    delete process.env.APOLAB_TEST_KEY;
    const server = await serving((_, response) => json(response, 200, completion('Hi.')));
    expect(await ask(open(server))).toMatchObject({ text: 'Hi.' });
  });
});

it.each([
  [{ model: ' ' }, /Give the model's name/],
  [{ concurrency: 0 }, /concurrency must be a whole number of at least 1; given: 0/],
  [{ retries: -1 }, /retries must be a whole number of at least 0; given: -1/],
  [{ timeout: 0 }, /timeout must be a number above 0; given: 0/],
  [{ requestsPerMinute: -3 }, /requestsPerMinute must be a number above 0; given: -3/],
  [{ baseUrl: 'localhost:8000' }, /must begin with http/],
  [{ baseUrl: 'http://me:secret@localhost/v1' }, /contains a user name or password/],
  [{ price: { input: -1, output: 1 } }, /input of a price must be a number of at least 0; given: -1/],
])('invalid options are refused: %j', (options, message) => {
  expect(() => open({ baseUrl: 'http://127.0.0.1:9/v1' }, options)).toThrow(message);
});

it('usage is described in one line, with an estimate if the server does not count tokens', async () => {
  const server = await serving((_, response) => json(response, 200, completion('Hi there.', {}, { usage: null })));
  const one = open(server, { price: { input: 1, output: 2 } });
  await ask(one);
  // 6 bytes in and 9 out, four bytes per token.
  expect(one.usage).toMatchObject({ input: 2, output: 3, estimated: 1 });
  expect(describeUsage(one.usage)).toBe('1 answered, about 5 tokens, $0.0000');
});
