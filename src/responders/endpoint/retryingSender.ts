/** Sending a request until there is an answer: with the rate limit, the server's adaptations, and the retry policy. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ApolabError } from '../../core/errors.js';
import { linkedSignal } from '../../core/linkedSignal.js';
import { refusal } from '../refusal.js';
import type { Refusal, Response } from '../responder.js';
import { type Adaptation, adaptationFor } from './adaptations.js';
import type { ChatRequest } from './chatRequest.js';
import { RateLimiter } from './rateLimiter.js';
import { RequestSender, type SenderParts, type Sending } from './requestSender.js';
import { retryDecision } from './retryPolicy.js';
import { isUnreachable } from './serverError.js';

/** Milliseconds of backoff before the second attempt; doubled before every further one. */
const firstBackoff = 500;
const longestBackoff = 60_000;

/** Attempts at an address that has never answered. */
const attemptsAtNewAddress = 3;

/** A refusal after an error. A final one goes into the cache; the others are asked again by the next run. */
interface RefusedRequest {
  readonly refusal: Refusal;
  readonly final: boolean;
}

/** Sends the requests of one endpoint, with retries. */
export class RetryingSender {
  readonly #parts: SenderParts;
  readonly #label: string;
  readonly #sender: RequestSender;
  readonly #limiter: RateLimiter;
  /** The fields that this server was found not to take. */
  readonly #adaptations = new Set<Adaptation>();
  #failedInARow = 0;

  /** @param label names model and address in messages */
  constructor(parts: SenderParts, label: string) {
    this.#parts = parts;
    this.#label = label;
    this.#sender = new RequestSender(parts);
    const { settings } = parts;
    // Beyond the requests at the server a few are ready to be sent the moment that a connection is free.
    const ready = settings.stream === true ? 0 : Math.ceil(settings.concurrency / 8);
    this.#limiter = new RateLimiter({ ...settings, concurrency: settings.concurrency + ready });
  }

  /** What was changed in the requests for this server, for the person. */
  get adapted(): readonly string[] {
    return [...this.#adaptations].map(({ told }) => told);
  }

  /**
   * Sends a request until there is an answer or a refusal. `keep` is called with each result that may go into the cache.
   *
   * @throws ApolabError if no further request would succeed, and the signal's reason if it is aborted
   */
  async send(
    request: ChatRequest,
    outer: AbortSignal | undefined,
    keep: (answer: Response | Refusal) => void,
  ): Promise<Response | Refusal> {
    const { signal, release } = linkedSignal(outer);
    try {
      for (let attempt = 1; ; attempt++) {
        const applied = new Set(this.#adaptations);
        try {
          const answer = await this.#sendOnce(request, applied, { signal, run: outer });
          keep(answer);
          this.#recordAnswer();
          return answer;
        } catch (error) {
          if (signal.aborted) throw error;
          const adaptation = adaptationFor(error, applied);
          if (adaptation !== undefined) {
            this.#adaptations.add(adaptation);
            continue;
          }
          const refused = await this.#handle(error, attempt, signal);
          if (refused === undefined) continue;
          if (refused.final) keep(refused.refusal);
          return refused.refusal;
        }
      }
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      release();
    }
  }

  #sendOnce(request: ChatRequest, applied: ReadonlySet<Adaptation>, sending: Sending): Promise<Response | Refusal> {
    const { input, output } = this.#parts.meter.expect(request);
    const { signal } = sending;
    return this.#limiter.run(input + output, signal, () => this.#sender.send(request, applied, sending));
  }

  #recordAnswer(): void {
    this.#failedInARow = 0;
    this.#limiter.recordAnswer();
    this.#parts.meter.counts.answered += 1;
  }

  /** Follows the retry policy: waits and returns undefined for a retry, returns the refusal, or throws to abort the run. */
  async #handle(error: unknown, attempt: number, signal: AbortSignal): Promise<RefusedRequest | undefined> {
    const { meter, settings, redact } = this.#parts;
    const decision = retryDecision(error);
    if (decision === undefined) throw error;
    const reason = redact(decision.reason);
    if (decision.kind === 'abort') throw new ApolabError(`${this.#label}: ${reason}`);
    if (decision.kind === 'final') {
      meter.counts.answered += 1;
      return { refusal: refusal(reason), final: decision.keep };
    }
    const isNewAddress = isUnreachable(error) && !meter.hasServerAnswered;
    const usual = isNewAddress ? attemptsAtNewAddress : settings.retries + 1;
    const attempts = settings.retries === 0 ? 1 : (decision.maxAttempts ?? usual);
    if (attempt < attempts) {
      meter.counts.retries += 1;
      if (decision.after !== undefined) this.#limiter.recordBusy(decision.after);
      await sleep(decision.after ?? backoff(attempt), undefined, { signal });
      return undefined;
    }
    const final = decision.finalAfterLast === true;
    if (final) meter.counts.answered += 1;
    else this.#recordFailure(reason, isNewAddress);
    const counted = `${attempt} ${attempt === 1 ? 'attempt' : 'attempts'}`;
    const told = final ? `no text in ${counted}: ${reason}` : `no answer in ${counted}; the last error: ${reason}`;
    return { refusal: refusal(told), final };
  }

  /** Aborts the run if the server answers nobody, so that it is not asked for every prompt of a long list. */
  #recordFailure(reason: string, isNewAddress: boolean): void {
    this.#failedInARow += 1;
    const limit = isNewAddress ? 1 : Math.max(20, 2 * this.#parts.settings.concurrency);
    if (this.#failedInARow < limit) return;
    throw new ApolabError(
      `${this.#label} does not answer: ${reason}. ` +
        'Check that the server runs and that the base URL is right, then run the same again; cached answers are not asked for again.',
    );
  }
}

/** Milliseconds of exponential backoff with jitter, so that requests that failed together are not retried together. */
function backoff(attempt: number): number {
  return Math.min(longestBackoff, firstBackoff * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
}
