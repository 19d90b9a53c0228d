/**
 * A model behind an OpenAI-compatible endpoint, as a responder: paced, tried again where that helps, never beyond its
 * budget, and with every answer kept on disk.
 *
 * The key is read from the environment and goes into the Authorization header; it is removed from whatever a server says
 * before that is shown, kept or thrown.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI from 'openai';
import { ApolabError } from '../../core/errors.js';
import { jupyterDisplay, type MimeBundle } from '../../core/display.js';
import { linkedSignal } from '../../core/linkedSignal.js';
import type { Prompt, TokenUsage } from '../../pairs/pair.js';
import { earlierOccurrences } from '../../core/earlierOccurrences.js';
import type { Answer, Refusal, Responder, RespondOptions, Response } from '../responder.js';
import { bufferedFetch, type BufferedFetch } from './bufferedFetch.js';
import { adapt, type Adaptation, adaptationFor } from './adaptations.js';
import { Budget, costOf } from './budget.js';
import { readCompletion } from './completion.js';
import { RateLimiter } from './rateLimiter.js';
import { requestKey, ResponseCache } from './responseCache.js';
import { type EndpointOptions, type Settings, settingsOf } from './settings.js';
import { describeUsage, type EndpointUsage } from './usage.js';
import { InvalidCompletionError, isServerError, isUnreachable, retryDecision } from './retryPolicy.js';

/**
 * A model behind an OpenAI-compatible endpoint: OpenAI's, vLLM's, llama.cpp's, Ollama's and others'.
 *
 * @throws ApolabError where an option is of no use or the key is missing
 * @example
 * const strong = endpoint({ model: 'gpt-4-turbo', price: { input: 10, output: 30 }, budget: { dollars: 5 } });
 * const pairs = clair({ prompts, policy, reviser: strong });
 */
export function endpoint(options: EndpointOptions): Endpoint {
  return new Endpoint(options);
}

/** Milliseconds before the second try; doubles with every further one. */
const firstBackoff = 500;
const longestBackoff = 60_000;

/** The fetch that is used has a time-out of its own. */
const longestTimer = 2 ** 31 - 1;

/** Tries of an address at which nobody was met so far. */
const firstTries = 3;

/** A key shorter than this is a placeholder such as `EMPTY`, and may be part of any word. */
const shortestSecret = 8;

/** An answer whose tokens nobody counts: about four bytes each. */
const bytesPerToken = 4;

type Request = Readonly<Record<string, unknown>> & { readonly messages: readonly { role: string; content: string }[] };

export class Endpoint implements Responder {
  readonly name: string;
  readonly concurrency: number;
  readonly limitsConcurrency = true;
  readonly baseUrl: string;
  readonly #options: Settings;
  readonly #client: OpenAI;
  readonly #fetch: BufferedFetch;
  readonly #pace: RateLimiter;
  readonly #budget: Budget;
  readonly #redact: (text: string) => string;
  readonly #asked = new Map<string, Promise<Response | Refusal>>();
  readonly #counts = { requests: 0, retries: 0, answered: 0, cached: 0, estimated: 0 };
  /** Fields that this server does not take, found out by asking. */
  readonly #adaptations = new Set<Adaptation>();
  #cache: Promise<ResponseCache<Response | Refusal>> | undefined;
  #givenUpInARow = 0;
  #meanOutput = 0;
  #spent: TokenUsage = { input: 0, output: 0 };

  constructor(options: EndpointOptions) {
    const settings = settingsOf(options);
    const { model, baseUrl, keyVariable = 'OPENAI_API_KEY', concurrency, budget } = settings;
    const key = process.env[keyVariable]?.trim() ?? '';
    if (key === '' && baseUrl === undefined) {
      throw new ApolabError(
        `There is no key: the environment variable ${keyVariable} is not set. Set it, or give the baseUrl of a server that needs none.`,
      );
    }
    this.#options = settings;
    this.name = model;
    this.concurrency = concurrency;
    this.#redact = key.length < shortestSecret ? (text) => text : (text) => text.replaceAll(key, '***');
    this.#fetch = bufferedFetch(concurrency, settings.timeout * 1000);
    this.#client = new OpenAI({
      // Servers that need no key take any.
      apiKey: key === '' ? 'none' : key,
      baseURL: baseUrl ?? null,
      maxRetries: 0,
      logLevel: 'off',
      // An answer that is read as it is written must not be gathered first.
      ...(settings.stream === true
        ? { timeout: settings.timeout * 1000 }
        : { timeout: longestTimer, fetch: this.#fetch }),
    });
    // Without a query, in which some servers want a key.
    const { origin, pathname } = new URL(this.#client.baseURL);
    this.baseUrl = origin + pathname;
    // Beyond those that are with the server some are kept ready, each to go out the moment that a connection is free.
    const ready = settings.stream === true ? 0 : Math.ceil(concurrency / 8);
    this.#pace = new RateLimiter({ ...settings, concurrency: concurrency + ready });
    this.#budget = budget instanceof Budget ? budget : new Budget(budget);
  }

  /** What was used so far. */
  get usage(): EndpointUsage {
    return { ...this.#counts, ...costOf(this.#spent, this.#options.price) };
  }

  /**
   * One answer a prompt. A prompt that comes several times in a call gets as many answers, each with a seed of its own.
   *
   * @throws ApolabError where no further request is of use (a wrong key, an unknown model, a budget that is used up)
   */
  async respond(prompts: readonly Prompt[], options: RespondOptions): Promise<Answer[]> {
    const times = earlierOccurrences(prompts, (prompt) => JSON.stringify(prompt));
    return Promise.all(
      prompts.map((prompt, index) => this.#answer(this.#request(prompt, options, times[index]!), options.signal)),
    );
  }

  /** Closes connections and the cache; a later request opens them again. */
  async close(): Promise<void> {
    this.#fetch.close();
    const cache = await this.#cache;
    this.#cache = undefined;
    cache?.close();
  }

  [jupyterDisplay](): MimeBundle {
    return { 'text/plain': `${this.name} at ${this.baseUrl}: ${describeUsage(this.usage)}` };
  }

  #request(prompt: Prompt, { temperature, seed, maxTokens }: RespondOptions, time: number): Request {
    const { model, system, parameters, maxTokens: longest } = this.#options;
    const asked = typeof prompt === 'string' ? [{ role: 'user', content: prompt }] : prompt;
    const messages =
      system === undefined || asked[0]?.role === 'system' ? asked : [{ role: 'system', content: system }, ...asked];
    return {
      model,
      messages: messages.map(({ role, content }) => ({ role, content })),
      temperature,
      max_tokens: maxTokens ?? longest,
      // Some servers take no more than 31 bits.
      seed: (seed + time) % 2 ** 31,
      ...parameters,
    };
  }

  /** From the cache, from the same question that is under way, or from the server. */
  async #answer(request: Request, signal: AbortSignal | undefined): Promise<Response | Refusal> {
    const cache = await this.#openCache();
    const key = requestKey({ baseUrl: this.#client.baseURL, request });
    const known = cache?.get(key);
    if (known !== undefined) {
      this.#counts.answered += 1;
      this.#counts.cached += 1;
      return known;
    }
    const underWay = this.#asked.get(key);
    if (underWay !== undefined) return underWay;
    const asked = this.#ask(request, signal, (answer) => cache?.set(key, answer)).finally(() =>
      this.#asked.delete(key),
    );
    this.#asked.set(key, asked);
    return asked;
  }

  #openCache(): Promise<ResponseCache<Response | Refusal>> | undefined {
    const { cache } = this.#options;
    if (cache !== false) this.#cache ??= ResponseCache.open(cache);
    return this.#cache;
  }

  /** Asks until there is an answer, or no hope of one. */
  async #ask(
    request: Request,
    outer: AbortSignal | undefined,
    keep: (answer: Response | Refusal) => void,
  ): Promise<Response | Refusal> {
    const { signal, release } = linkedSignal(outer);
    try {
      for (let attempt = 1; ; attempt++) {
        const applied = new Set(this.#adaptations);
        try {
          const { input, output } = this.#estimate(request);
          const sent = await this.#pace.run(input + output, signal, () => this.#send(request, applied, signal));
          keep(sent);
          this.#givenUpInARow = 0;
          this.#pace.recordAnswer();
          this.#counts.answered += 1;
          return sent;
        } catch (error) {
          if (signal.aborted) throw error;
          const adaptation = adaptationFor(error, applied);
          if (adaptation !== undefined) {
            this.#adaptations.add(adaptation);
            continue;
          }
          const refusal = await this.#takeVerdict(error, attempt, signal);
          if (refusal === undefined) continue;
          if (refusal.final) keep(refusal.answer);
          return refusal.answer;
        }
      }
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      release();
    }
  }

  /** Waits where the request is to be tried again; otherwise the refusal, and whether it is the server's last word. */
  async #takeVerdict(
    error: unknown,
    attempt: number,
    signal: AbortSignal,
  ): Promise<{ readonly answer: Refusal; readonly final: boolean } | undefined> {
    const verdict = retryDecision(error);
    if (verdict === undefined) throw error;
    const reason = this.#redact(verdict.reason);
    const refusal = (words: string): Refusal => ({ kind: 'skipped', reason: words });
    if (verdict.kind === 'fatal') throw new ApolabError(`${this.name} at ${this.baseUrl}: ${reason}`);
    if (verdict.kind === 'refused') {
      this.#counts.answered += 1;
      return { answer: refusal(reason), final: true };
    }
    const { retries } = this.#options;
    const tries = retries === 0 ? 1 : (verdict.maxAttempts ?? (this.#isNowhere(error) ? firstTries : retries + 1));
    if (attempt < tries) {
      this.#counts.retries += 1;
      if (verdict.after !== undefined) this.#pace.recordBusy(verdict.after);
      await sleep(verdict.after ?? backoff(attempt), undefined, { signal });
      return undefined;
    }
    if (verdict.final !== true) this.#givenUp(reason, this.#isNowhere(error));
    else this.#counts.answered += 1;
    const words = `no answer in ${attempt} ${attempt === 1 ? 'try' : 'tries'}; the last: ${reason}`;
    return { answer: refusal(words), final: verdict.final === true };
  }

  /** Nobody is there, and nobody ever was: more likely a wrong address than a server that restarts. */
  #isNowhere(error: unknown): boolean {
    return isUnreachable(error) && this.#counts.answered === this.#counts.cached;
  }

  /** A server that answers nobody is not asked for every prompt of a long list. */
  #givenUp(reason: string, nowhere: boolean): void {
    this.#givenUpInARow += 1;
    const patience = nowhere ? 1 : Math.max(20, 2 * this.concurrency);
    if (this.#givenUpInARow < patience) return;
    throw new ApolabError(
      `${this.name} at ${this.baseUrl} does not answer: ${reason}. ` +
        'See whether the server runs and the base URL is right, then run the same again; what was answered is not asked twice.',
    );
  }

  /** One request within the budget. What an answer costs that gets lost on its way nobody knows; it counts as an average one. */
  async #send(request: Request, applied: ReadonlySet<Adaptation>, signal: AbortSignal): Promise<Response | Refusal> {
    const { price } = this.#options;
    const most = this.#atMost(request);
    await this.#budget.reserve(costOf(most, price));
    let used: TokenUsage = { input: 0, output: 0 };
    try {
      this.#counts.requests += 1;
      const body = adapt(request, applied);
      const completion = await (this.#options.stream === true
        ? this.#streamed(body, signal)
        : this.#whole(body, signal));
      const answer = this.#taken(completion, request);
      used = answer.tokens ?? most;
      return answer;
    } catch (error) {
      if (!isServerError(error) && !isUnreachable(error)) {
        used = this.#estimate(request);
        this.#counts.estimated += 1;
      }
      throw error;
    } finally {
      this.#budget.settle(costOf(most, price), costOf(used, price));
      this.#spent = { input: this.#spent.input + used.input, output: this.#spent.output + used.output };
    }
  }

  #whole(body: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<unknown> {
    return this.#client.chat.completions.create(body as unknown as OpenAI.ChatCompletionCreateParamsNonStreaming, {
      signal,
    });
  }

  /** The pieces put together again, in the shape of a completion that came whole. */
  async #streamed(body: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<unknown> {
    const asked = { ...body, stream: true, stream_options: { include_usage: true } };
    const pieces = await this.#client.chat.completions.create(
      asked as unknown as OpenAI.ChatCompletionCreateParamsStreaming,
      { signal },
    );
    let text = '';
    let [model, finish, usage]: [unknown, unknown, unknown] = [undefined, undefined, undefined];
    for await (const piece of pieces) {
      const [choice] = piece.choices as typeof piece.choices | [];
      text += choice?.delta.content ?? '';
      finish = choice?.finish_reason ?? finish;
      model = piece.model;
      usage = piece.usage ?? usage;
    }
    if (finish === undefined || finish === null)
      throw new InvalidCompletionError('the stream ended before the answer did');
    return { model, usage, choices: [{ finish_reason: finish, message: { content: text } }] };
  }

  /** What the server said, without the key, with its tokens counted or estimated. */
  #taken(completion: unknown, request: Request): Response | Refusal {
    const { isCut, ...said } = readCompletion(completion);
    const text = said.text === undefined ? undefined : this.#redact(said.text);
    const origin = {
      ...(said.model === undefined ? {} : { model: this.#redact(said.model) }),
      tokens: said.tokens ?? this.#countAbout(request, text ?? ''),
      time: new Date().toISOString(),
    };
    this.#meanOutput += (origin.tokens.output - this.#meanOutput) / 100;
    const refusal = (reason: string): Refusal => ({
      kind: 'skipped',
      reason: this.#redact(reason),
      ...(text === undefined ? {} : { text }),
      ...origin,
    });
    if (said.kind === 'skipped') return refusal(said.reason);
    if (isCut && this.#options.keepCut !== true) {
      return refusal(`the answer was cut at its longest length, ${String(request.max_tokens)} tokens; raise maxTokens`);
    }
    return { kind: 'response', text: text!, ...origin };
  }

  #countAbout(request: Request, text: string): TokenUsage {
    this.#counts.estimated += 1;
    return { input: this.#estimate(request).input, output: Math.ceil(Buffer.byteLength(text) / bytesPerToken) };
  }

  /** No tokenizer makes more tokens than there are bytes; a message's frame takes a few more. */
  #atMost(request: Request): TokenUsage {
    return { input: bytesOf(request) + 16 * request.messages.length, output: Number(request.max_tokens) };
  }

  /** What a request is likely to take. */
  #estimate(request: Request): TokenUsage {
    return { input: Math.ceil(bytesOf(request) / bytesPerToken), output: Math.ceil(this.#meanOutput) };
  }
}

/** Doubles with every try, and is spread, so that those that failed together don't come back together. */
function backoff(attempt: number): number {
  return Math.min(longestBackoff, firstBackoff * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
}

function bytesOf({ messages }: Request): number {
  return messages.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
}
