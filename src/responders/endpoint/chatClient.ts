/** The HTTP client of an endpoint: one chat completion request in, the server's answer out. It never retries. */
import { createHttpPost, type HttpAnswer, type HttpPost } from './httpPost.js';
import type { Settings } from './settings.js';

const openAi = 'https://api.openai.com/v1';

/** Headers that carry a key instead of ours. */
const keyHeader = /key$|authorization$/;

/** A client of the OpenAI-compatible server of an endpoint. */
export class ChatClient {
  /** The base URL in use, with its query. */
  readonly baseUrl: string;
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #post: HttpPost;

  /** @param key '' for servers that need none */
  constructor({ baseUrl = openAi, headers = {}, concurrency, timeout }: Settings, key: string) {
    this.baseUrl = baseUrl;
    this.#url = completionsUrl(baseUrl);
    const given = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    this.#headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'user-agent': 'apolab',
      // A server whose key has a header of its own must not get another one beside it.
      ...(Object.keys(given).some((name) => keyHeader.test(name))
        ? {}
        : { authorization: `Bearer ${key === '' ? 'none' : key}` }),
      ...account('openai-organization', process.env.OPENAI_ORG_ID),
      ...account('openai-project', process.env.OPENAI_PROJECT_ID),
      ...given,
    };
    this.#post = createHttpPost(concurrency, timeout * 1000);
  }

  /** The server's answer to one request; throws a ConnectionError if there is none. */
  complete(body: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<HttpAnswer> {
    return this.#post(this.#url, this.#headers, JSON.stringify(body), signal);
  }

  /** Closes the connections; a later request opens new ones. */
  close(): void {
    this.#post.close();
  }
}

/** The address of chat completions: the path goes before the query, which Azure's addresses have. */
function completionsUrl(baseUrl: string): URL {
  const url = new URL(baseUrl);
  const path = url.pathname.replace(/\/+$/, '');
  url.pathname = path.endsWith('/chat/completions') ? path : `${path}/chat/completions`;
  url.hash = '';
  return url;
}

const account = (name: string, value: string | undefined) =>
  value === undefined || value.trim() === '' ? {} : { [name]: value.trim() };
