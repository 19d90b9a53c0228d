/** When a request may be sent: not too many at once, not too many a minute, and none while the server asks for a pause. */
import { setTimeout as sleep } from 'node:timers/promises';
import { TokenBucket } from 'limiter';
import pLimit, { type LimitFunction } from 'p-limit';

export interface RateLimits {
  /** Requests under way at once, or ready to be. */
  readonly concurrency: number;
  readonly requestsPerMinute?: number | undefined;
  /** Tokens in and out a minute, by what requests are estimated to take. */
  readonly tokensPerMinute?: number | undefined;
}

/** So many requests in a row that are asked to wait mean that all are. */
const busyServer = 3;

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

  /** Runs `send` when it may be sent; `tokens` is what it is estimated to take. */
  run<T>(tokens: number, signal: AbortSignal, send: () => Promise<T>): Promise<T> {
    return this.#slots(async () => {
      signal.throwIfAborted();
      await this.#requests?.removeTokens(1);
      // A request larger than a minute's tokens would wait for ever.
      if (this.#tokens !== undefined) await this.#tokens.removeTokens(Math.min(tokens, this.#tokens.bucketSize));
      for (let wait = this.#pause(); wait > 0; wait = this.#pause()) await sleep(wait, undefined, { signal });
      signal.throwIfAborted();
      return send();
    });
  }

  /** Tells of an answer that was none of a busy server. */
  recordAnswer(): void {
    this.#busyInARow = 0;
  }

  /**
   * Tells of a server that asks to wait. One request's refusal may be one of many machines'; several in a row are the whole
   * server's, and then no request goes out before that time. Those that are out go on.
   */
  recordBusy(milliseconds: number): void {
    this.#busyInARow += 1;
    if (this.#busyInARow < busyServer) return;
    this.#pausedUntil = Math.max(this.#pausedUntil, performance.now() + milliseconds);
  }

  #pause(): number {
    return Math.ceil(this.#pausedUntil - performance.now());
  }
}

/** Holds a share of a minute's worth, so that a minute's requests do not go out in one burst. */
function bucket(perMinute: number | undefined, share: number): TokenBucket | undefined {
  if (perMinute === undefined) return undefined;
  return new TokenBucket({
    bucketSize: Math.max(1, perMinute / share),
    tokensPerInterval: perMinute,
    interval: 'minute',
  });
}
