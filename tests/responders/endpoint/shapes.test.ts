/** Answers in the shapes of many servers, from a server in another process: each is asked for whole and streamed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApolabError } from '../../../src/core/errors.js';
import { endpoint } from '../../../src/responders/endpoint/endpoint.js';
import type { EndpointOptions } from '../../../src/responders/endpoint/settings.js';
import type { EndpointUsage } from '../../../src/responders/endpoint/usage.js';
import type { Answer } from '../../../src/responders/responder.js';
import { type Billed, type ServerProcess, startServer } from './serverProcess.js';

let server: ServerProcess;
beforeAll(async () => void (server = await startServer('shapes')));
afterAll(() => server.close());

interface Asked {
  readonly answer: Answer | ApolabError;
  readonly usage: EndpointUsage;
}

async function ask(prompt: string, options: Partial<EndpointOptions>): Promise<Asked> {
  const one = endpoint({ model: 'm', baseUrl: server.baseUrl, cache: false, retries: 0, ...options });
  const answer = await one.respond([prompt], { temperature: 0, seed: 0 }).then(
    ([first]) => first!,
    (error: unknown) => {
      // Only an error that a person can act on ends a run.
      expect(error).toBeInstanceOf(ApolabError);
      return error as ApolabError;
    },
  );
  const { usage } = one;
  await one.close();
  return { answer, usage };
}

/** An answer without its time. */
function comparable({ answer, usage }: Asked) {
  if (answer instanceof Error) return { thrown: answer.message, usage };
  return { ...(answer as object), time: undefined, usage };
}

const counted = { input: 9, output: 21 };
const said = (text: string, more: object = {}) => ({ kind: 'response', text, tokens: counted, ...more });
const skipped = (reason: RegExp, more: object = {}) => ({
  kind: 'skipped',
  reason: expect.stringMatching(reason) as string,
  ...more,
});

/** By the name of the behaviour: the answer, and the tokens if they are others than 9 and 21. */
const expected: Readonly<Record<string, readonly [answer: object, tokens?: { input: number; output: number }]>> = {
  usual: [said('Lyon.', { model: 'served-model' })],
  choiceWithoutDelta: [said('Lyon.')],
  usageWithoutChoices: [said('Lyon.')],
  usageInLastChoice: [said('Lyon.')],
  usageInEachChunk: [said('Lyon.')],
  usageOfGroq: [said('Lyon.')],
  usageByAnthropicsNames: [said('Lyon.')],
  usageWithHiddenThinking: [said('Lyon.', { tokens: { input: 9, output: 121 } }), { input: 9, output: 121 }],
  finishError: [skipped(/finish reason 'error'$/)],
  finishUnknown: [skipped(/finish reason 'worker_lost'$/)],
  finishTool: [skipped(/called a tool/, { text: 'Let me look.' })],
  finishNull: [said('Lyon.')],
  finishEos: [said('Lyon.')],
  finishEndTurn: [said('Lyon.')],
  filtered: [skipped(/content filter stopped/, { text: 'Half a' })],
  declined: [skipped(/the model declines: I cannot\./)],
  cut: [skipped(/cut at its longest length, 4096 tokens; raise maxTokens \(--max-tokens/), { input: 9, output: 4096 }],
  cutEmpty: [
    skipped(/cut at its longest length, 4096 tokens, before it had any text; raise maxTokens \(--max-tokens/),
    { input: 9, output: 4096 },
  ],
  cutThinking: [skipped(/before its thinking ended; raise/, { reasoning: 'Well, hm' })],
  empty: [skipped(/the answer is empty$/)],
  onlyThinking: [skipped(/the answer is only thinking$/)],
  thinkTags: [said('Lyon.', { reasoning: 'A city.' })],
  thinkClosingTag: [said('Lyon.', { reasoning: 'A city.' })],
  thinkMagistral: [said('Lyon.', { reasoning: 'A city.' })],
  thinkField: [said('Lyon.', { reasoning: 'A city.' })],
  thinkFieldVllm: [said('Lyon.', { reasoning: 'A city.' })],
  thinkParts: [said('Lyon.', { reasoning: 'A city.' })],
  edges: [said('Lyon.')],
  bodyError: [skipped(/status 503: no worker$/)],
  bodyErrorWithoutCode: [skipped(/the server reports an error: no worker$/)],
  modelNotLoaded: [skipped(/^status 400: failed to load model$/), { input: 0, output: 0 }],
  vllmMessage: [skipped(/^status 400: too long$/), { input: 0, output: 0 }],
  errorWithUsage: [skipped(/status 500: crashed$/)],
};

describe('an answer of the kind', () => {
  it.each(Object.entries(expected))('%s is the same whole and streamed', async (name, [answer, tokens = counted]) => {
    for (const stream of [false, true]) {
      const asked = await ask(name, { stream });
      expect(asked.answer).toMatchObject(answer);
      expect(asked.usage).toMatchObject({ ...tokens, requests: 1, lost: 0, estimated: 0 });
    }
  });

  it.each(['cutEmpty', 'cutThinking', 'filtered', 'modelNotLoaded'])('%s is asked for once', async (name) => {
    for (const stream of [false, true]) expect((await ask(name, { stream, retries: 6 })).usage.requests).toBe(1);
  });

  it.each(['empty', 'onlyThinking'])('%s is asked for twice, and both are paid', async (name) => {
    const { usage } = await ask(name, { retries: 6 });
    expect(usage).toMatchObject({ requests: 2, input: 18, output: 42 });
  });
});

const good = new Set(['stop', 'eos', 'end_turn', null, '']);

describe('a seeded answer', () => {
  const seeds = Array.from({ length: 120 }, (_, seed) => seed);
  it.each(seeds)('%i is the same whole and streamed, costs what the server charges, and ends nothing', async (seed) => {
    const name = `seed ${seed}`;
    const shape = await server.read<Record<string, unknown>>(`answer?${encodeURIComponent(name)}`);
    const model = `model ${seed}`;
    const options = { model, retries: 0 } as const;
    const [whole, streamed] = [await ask(name, options), await ask(name, { ...options, stream: true })];
    expect(comparable(streamed)).toEqual(comparable(whole));
    const { billed } = await server.read<Billed>('log');
    const { input, output } = billed[model]!;
    const { usage, answer } = whole;
    if (usage.estimated + usage.lost === 0) {
      expect({ input: 2 * usage.input, output: 2 * usage.output }).toEqual({ input, output });
    } else {
      // Only if the server did not count.
      expect(input + output).toBe(0);
    }
    if (answer instanceof Error) return;
    const { kind, text = '' } = answer as { readonly kind: string; readonly text?: string };
    const isPlain = shape.status === undefined && shape.bodyError === undefined && shape.refusal === undefined;
    const plain = (shape.text as string).replace(/^<think>\n[^]*?\n<\/think>/, '').trim();
    const isGood = isPlain && good.has(shape.finish as string | null) && plain !== '';
    expect([kind, isGood ? text : '']).toEqual([isGood ? 'response' : 'skipped', isGood ? plain : '']);
    if (kind === 'skipped') expect((answer as { readonly reason: string }).reason).toMatch(/\S/);
  });
});
