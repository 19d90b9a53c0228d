/** Counting what an endpoint does, and estimating what a request will use. */
import type { TokenUsage } from '../../pairs/pair.js';
import { type ChatRequest, estimateInput, estimateTokens } from './chatRequest.js';

/** Weight of the newest answer in the running mean of output tokens. */
const newestWeight = 1 / 100;

/** Counts requests, answers and tokens of one endpoint. */
export class UsageMeter {
  /** See `EndpointUsage`. */
  readonly counts = { requests: 0, retries: 0, answered: 0, cached: 0, estimated: 0 };
  #spent: TokenUsage = { input: 0, output: 0 };
  #meanOutput = 0;

  /** Tokens of all requests so far. */
  get spent(): TokenUsage {
    return this.#spent;
  }

  /** True if the server itself, not the cache, has answered at least once. */
  get hasServerAnswered(): boolean {
    return this.counts.answered > this.counts.cached;
  }

  /** Adds the tokens of one request. */
  spend({ input, output }: TokenUsage): void {
    this.#spent = { input: this.#spent.input + input, output: this.#spent.output + output };
  }

  /** Adds the output tokens of one answer to their running mean, from which `expect` estimates. */
  recordOutput(output: number): void {
    this.#meanOutput += (output - this.#meanOutput) * newestWeight;
  }

  /** The tokens that a request will probably use. */
  expect(request: ChatRequest): TokenUsage {
    return { input: estimateInput(request), output: Math.ceil(this.#meanOutput) };
  }

  /** An estimate of the tokens of a request with its answer, if the server did not count them. */
  estimate(request: ChatRequest, text: string): TokenUsage {
    this.counts.estimated += 1;
    return { input: estimateInput(request), output: estimateTokens(text) };
  }
}
