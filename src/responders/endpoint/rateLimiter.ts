import { setTimeout as sleep } from 'node:timers/promises';
import { TokenBucket } from 'limiter';
import pLimit, { type LimitFunction } from 'p-limit';

/** The limits of a `RateLimiter`. */
export interface RateLimits {
  /** Requests in progress or ready to be sent. */
  readonly concurrency: number;
  readonly requestsPerMinute?: number | undefined;
  /** Tokens in and out per minute, as estimated for each request. */
  readonly tokensPerMinute?: number | undefined;
}

/** After so many requests in a row that the server asked to wait, all requests wait. */
const busyLimit = 3;

/** Decides when a request may be sent: limits on concurrency, requests and tokens per minute, and the server's pauses. */
export class RateLimiter {
  readonly #slots: LimitFunction;
  readonly #requests: TokenBucket | undefined;
  readonly #tokens: TokenBucket | undefined;
  #pausedUntil = 0;
  #busyInARow = 0;

  constructor({ concurrency, requestsPerMinute, tokensPerMinute }: RateLimits) {
    this.#slots = pLimit(concurrency);
    this.#requests = bucket(requestsPerMinute, 60);
    this.#tokens = bucket(tokensPerMinute, 1);
  }

  /** Runs `send` as soon as the limits allow it; `tokens` is the estimate for this request. Throws if `signal` is aborted. */
  run<T>(tokens: number, signal: AbortSignal, send: () => Promise<T>): Promise<T> {
    return this.#slots(async () => {
      signal.throwIfAborted();
      await this.#requests?.removeTokens(1);
      // A request that is larger than the bucket would wait for ever.
      if (this.#tokens !== undefined) await this.#tokens.removeTokens(Math.min(tokens, this.#tokens.bucketSize));
      for (let wait = this.#pause(); wait > 0; wait = this.#pause()) await sleep(wait, undefined, { signal });
      signal.throwIfAborted();
      return send();
    });
  }

  /** Records an answer: the server is not busy. */
  recordAnswer(): void {
    this.#busyInARow = 0;
  }

  /**
   * Records that the server asked a request to wait. One such answer may come from one of many machines behind the address;
   * several in a row mean that the whole server is busy, and then no request is sent before that time.
   */
  recordBusy(milliseconds: number): void {
    this.#busyInARow += 1;
    if (this.#busyInARow < busyLimit) return;
    this.#pausedUntil = Math.max(this.#pausedUntil, performance.now() + milliseconds);
  }

  #pause(): number {
    return Math.ceil(this.#pausedUntil - performance.now());
  }
}

/** The bucket holds `1 / share` of a minute's tokens, so that a minute's requests are not sent in one burst. */
function bucket(perMinute: number | undefined, share: number): TokenBucket | undefined {
  if (perMinute === undefined) return undefined;
  return new TokenBucket({
    bucketSize: Math.max(1, perMinute / share),
    tokensPerInterval: perMinute,
    interval: 'minute',
  });
}
