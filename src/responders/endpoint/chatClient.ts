/** The HTTP client of an endpoint: one request in, one completion out, whole or streamed. */
import OpenAI from 'openai';
import { bufferedFetch, type BufferedFetch } from './bufferedFetch.js';
import { InvalidCompletionError } from './completion.js';
import type { Settings } from './settings.js';

/** `bufferedFetch` has a timeout of its own, so the OpenAI client's is as long as a timer can be. */
const longestTimer = 2 ** 31 - 1;

type Body = Readonly<Record<string, unknown>>;

/** A client of the OpenAI-compatible server of an endpoint. It never retries; `RetryingSender` does. */
export class ChatClient {
  readonly #client: OpenAI;
  readonly #fetch: BufferedFetch;
  readonly #stream: boolean;

  constructor({ baseUrl, concurrency, timeout, stream = false }: Settings, key: string) {
    this.#stream = stream;
    this.#fetch = bufferedFetch(concurrency, timeout * 1000);
    this.#client = new OpenAI({
      // Servers that need no key take any.
      apiKey: key === '' ? 'none' : key,
      baseURL: baseUrl ?? null,
      maxRetries: 0,
      logLevel: 'off',
      // `bufferedFetch` reads the whole answer first, so streams use the built-in fetch.
      ...(stream ? { timeout: timeout * 1000 } : { timeout: longestTimer, fetch: this.#fetch }),
    });
  }

  /** The base URL in use, with its query. */
  get baseUrl(): string {
    return this.#client.baseURL;
  }

  /** The server's answer to one request; throws the OpenAI client's errors. */
  complete(body: Body, signal: AbortSignal): Promise<unknown> {
    if (this.#stream) return this.#streamed(body, signal);
    const whole = body as unknown as OpenAI.ChatCompletionCreateParamsNonStreaming;
    return this.#client.chat.completions.create(whole, { signal });
  }

  /** Closes the connections; a later request opens new ones. */
  close(): void {
    this.#fetch.close();
  }

  /** The chunks of a stream, joined to the form of a completion that came whole. */
  async #streamed(body: Body, signal: AbortSignal): Promise<unknown> {
    const streaming = { ...body, stream: true, stream_options: { include_usage: true } };
    const chunks = await this.#client.chat.completions.create(
      streaming as unknown as OpenAI.ChatCompletionCreateParamsStreaming,
      { signal },
    );
    let text = '';
    let [model, finish, usage]: [unknown, unknown, unknown] = [undefined, undefined, undefined];
    for await (const chunk of chunks) {
      const [choice] = chunk.choices as typeof chunk.choices | [];
      text += choice?.delta.content ?? '';
      finish = choice?.finish_reason ?? finish;
      model = chunk.model;
      usage = chunk.usage ?? usage;
    }
    if (finish === undefined || finish === null) {
      throw new InvalidCompletionError('the stream ended before the answer did');
    }
    return { model, usage, choices: [{ finish_reason: finish, message: { content: text } }] };
  }
}
