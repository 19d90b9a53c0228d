/** Counting what an endpoint does, and estimating what a request will use. */
import type { TokenUsage } from '../../pairs/pair.js';
import { type ChatRequest, estimateInput, estimateTokens, mostTokens } from './chatRequest.js';

/** Weight of the newest answer in the running mean of output tokens. */
const newestWeight = 1 / 100;

const none: TokenUsage = { input: 0, output: 0 };

/** Counts requests, answers and tokens of one endpoint. */
export class UsageMeter {
  /** See `EndpointUsage`. */
  readonly counts = { requests: 0, retries: 0, answered: 0, cached: 0, estimated: 0, lost: 0 };
  #spent = none;
  #lostAtMost = none;
  #meanOutput = 0;

  /** Tokens of all requests so far, without those whose answer was lost. */
  get spent(): TokenUsage {
    return this.#spent;
  }

  /** The most tokens that the server may have charged for answers that were lost. */
  get lostAtMost(): TokenUsage {
    return this.#lostAtMost;
  }

  /** True if the server itself, not the cache, has answered at least once. */
  get hasServerAnswered(): boolean {
    return this.counts.answered > this.counts.cached;
  }

  /** Adds the tokens of one request. */
  spend(tokens: TokenUsage): void {
    this.#spent = sum(this.#spent, tokens);
  }

  /** Counts a request whose answer was lost, with the most that it may have used. */
  lose(most: TokenUsage): void {
    this.counts.lost += 1;
    this.#lostAtMost = sum(this.#lostAtMost, most);
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
  estimate(request: ChatRequest, text: string, isCut: boolean): TokenUsage {
    this.counts.estimated += 1;
    return { input: estimateInput(request), output: isCut ? mostTokens(request).output : estimateTokens(text) };
  }
}

const sum = (one: TokenUsage, other: TokenUsage): TokenUsage => ({
  input: one.input + other.input,
  output: one.output + other.output,
});
