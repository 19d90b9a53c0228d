/**
 * A model behind an OpenAI-compatible endpoint, as a responder: with a rate limit, retries, a budget that is never
 * exceeded, and a cache of all answers on disk.
 *
 * The key is read from the environment and sent in the Authorization header, unless a header of the options holds one. Keys
 * are removed from all texts of the server before they are shown, stored or thrown.
 */
import { jupyterDisplay, type MimeBundle } from '../../core/display.js';
import { earlierOccurrences } from '../../core/earlierOccurrences.js';
import { ApolabError } from '../../core/errors.js';
import type { Prompt } from '../../pairs/pair.js';
import type { Answer, Refusal, Responder, RespondOptions, Response } from '../responder.js';
import { Budget, costOf } from './budget.js';
import { type CachedAnswer, freshAnswer } from './cachedAnswer.js';
import { ChatClient } from './chatClient.js';
import { type ChatRequest, chatRequest } from './chatRequest.js';
import { requestKey, ResponseCache } from './responseCache.js';
import { RetryingSender } from './retryingSender.js';
import { redactor } from './secrets.js';
import { type EndpointOptions, isHeaderValue, type Settings, settingsOf } from './settings.js';
import { describeUsage, type EndpointUsage } from './usage.js';
import { UsageMeter } from './usageMeter.js';

/**
 * A model behind an OpenAI-compatible endpoint: OpenAI's, vLLM's, llama.cpp's, Ollama's and others'.
 *
 * @throws ApolabError if an option is invalid or the key is missing
 * @example
 * const strong = endpoint({ model: 'gpt-4-turbo', price: { input: 10, output: 30 }, budget: { dollars: 5 } });
 * const pairs = clair({ prompts, policy, reviser: strong });
 */
export function endpoint(options: EndpointOptions): Endpoint {
  return new Endpoint(options);
}

/** A responder whose model is at a server; made by `endpoint`. */
export class Endpoint implements Responder {
  readonly name: string;
  readonly concurrency: number;
  readonly limitsConcurrency = true;
  /** The server's address without its query, since some servers expect a key there. */
  readonly baseUrl: string;
  readonly #settings: Settings;
  readonly #client: ChatClient;
  readonly #sender: RetryingSender;
  readonly #meter = new UsageMeter();
  readonly #inProgress = new Map<string, Promise<Response | Refusal>>();
  #cache: Promise<ResponseCache<CachedAnswer>> | undefined;

  constructor(options: EndpointOptions) {
    const settings = settingsOf(options);
    const { model, concurrency, budget } = settings;
    const key = keyOf(settings);
    this.#settings = settings;
    this.name = model;
    this.concurrency = concurrency;
    this.#client = new ChatClient(settings, key);
    const { origin, pathname } = new URL(this.#client.baseUrl);
    this.baseUrl = origin + pathname;
    const parts = {
      settings,
      client: this.#client,
      budget: budget instanceof Budget ? budget : new Budget(budget),
      meter: this.#meter,
      redact: redactor(settings, key),
    };
    this.#sender = new RetryingSender(parts, `${this.name} at ${this.baseUrl}`);
  }

  /** What was used so far. */
  get usage(): EndpointUsage {
    const { price } = this.#settings;
    const { counts, spent, lostAtMost } = this.#meter;
    const { adapted } = this.#sender;
    return { ...counts, ...costOf(spent, price), lostAtMost: costOf(lostAtMost, price), adapted };
  }

  /**
   * One answer per prompt. A prompt that comes several times in one call gets as many answers, each with a seed of its own.
   *
   * @throws ApolabError if no further request would succeed (a wrong key, an unknown model, a used-up budget)
   */
  async respond(prompts: readonly Prompt[], options: RespondOptions): Promise<Answer[]> {
    const repeats = earlierOccurrences(prompts, (prompt) => JSON.stringify(prompt));
    return Promise.all(
      prompts.map((prompt, index) =>
        this.#answer(chatRequest(this.#settings, prompt, options, repeats[index]!), options.signal),
      ),
    );
  }

  /** Closes connections and the cache; a later request opens them again. */
  async close(): Promise<void> {
    this.#client.close();
    const cache = await this.#cache;
    this.#cache = undefined;
    cache?.close();
  }

  [jupyterDisplay](): MimeBundle {
    return { 'text/plain': `${this.name} at ${this.baseUrl}: ${describeUsage(this.usage)}` };
  }

  /** From the cache, from the same request in progress, or from the server. */
  async #answer(request: ChatRequest, signal: AbortSignal | undefined): Promise<Response | Refusal> {
    const cache = await this.#openCache();
    const key = requestKey({ baseUrl: this.#client.baseUrl, request });
    const cached = freshAnswer(cache?.get(key));
    if (cached !== undefined) {
      this.#meter.counts.answered += 1;
      this.#meter.counts.cached += 1;
      return cached;
    }
    const inProgress = this.#inProgress.get(key);
    if (inProgress !== undefined) return inProgress;
    const sent = this.#sender
      .send(request, signal, (answer) => cache?.set(key, answer))
      .finally(() => this.#inProgress.delete(key));
    this.#inProgress.set(key, sent);
    return sent;
  }

  #openCache(): Promise<ResponseCache<CachedAnswer>> | undefined {
    const { cache } = this.#settings;
    if (cache !== false) this.#cache ??= ResponseCache.open(cache);
    return this.#cache;
  }
}

/** The key from the environment; '' if there is none and the server is not OpenAI's. */
function keyOf({ baseUrl, keyVariable = 'OPENAI_API_KEY' }: Settings): string {
  const key = process.env[keyVariable]?.trim() ?? '';
  if (!isHeaderValue(key)) {
    throw new ApolabError(
      `The key in ${keyVariable} has a character that no key has, such as a line break. Set it again.`,
    );
  }
  if (key !== '' || baseUrl !== undefined) return key;
  throw new ApolabError(
    `There is no key: the environment variable ${keyVariable} is not set. Set it, or give the baseUrl of a server that needs none.`,
  );
}
