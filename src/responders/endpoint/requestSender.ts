/** Sending one request once: within the budget, with its tokens counted. */
import type { TokenUsage } from '../../pairs/pair.js';
import { refusal } from '../refusal.js';
import type { Origin, Refusal, Response } from '../responder.js';
import { adapt, type Adaptation } from './adaptations.js';
import { type Budget, costOf } from './budget.js';
import type { ChatClient } from './chatClient.js';
import { type ChatRequest, mostTokens } from './chatRequest.js';
import { InvalidCompletionError, readCompletion } from './completion.js';
import type { HttpAnswer } from './httpPost.js';
import { RequestError } from './serverError.js';
import type { Settings } from './settings.js';
import type { UsageMeter } from './usageMeter.js';

/** What a `RequestSender` works with. */
export interface SenderParts {
  readonly settings: Settings;
  readonly client: ChatClient;
  readonly budget: Budget;
  readonly meter: UsageMeter;
  /** Removes the key from a text. */
  readonly redact: (text: string) => string;
}

/** One sending of a request. */
export interface Sending {
  readonly signal: AbortSignal;
  /** What the requests of one run have in common. */
  readonly run: object | undefined;
}

/** Sends requests of one endpoint. */
export class RequestSender {
  readonly #parts: SenderParts;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  /**
   * Sends a request once and reads its answer. The tokens that the server counts are settled also if the answer is an error.
   * A lost answer counts in the budget as the most that it may have cost.
   *
   * @throws BudgetReached if the request could exceed the budget, RequestError for everything that the server and the
   * connection do, and the signal's reason if it is aborted
   */
  async send(
    request: ChatRequest,
    adaptations: ReadonlySet<Adaptation>,
    { signal, run }: Sending,
  ): Promise<Response | Refusal> {
    const { settings, client, budget, meter } = this.#parts;
    const { price } = settings;
    const most = mostTokens(request);
    await budget.reserve(costOf(most, price), run);
    let used: TokenUsage | 'lost' = { input: 0, output: 0 };
    try {
      signal.throwIfAborted();
      meter.counts.requests += 1;
      used = 'lost';
      const answer = this.#read(await client.complete(bodyOf(request, settings, adaptations), signal), request);
      used = answer.tokens ?? most;
      return answer;
    } catch (given) {
      if (signal.aborted) throw given;
      const error = given instanceof RequestError ? given : unexpected(given);
      used = error.tokens ?? (error.mayHaveCost ? 'lost' : { input: 0, output: 0 });
      throw error;
    } finally {
      budget.settle(costOf(most, price), used === 'lost' ? used : costOf(used, price));
      if (used === 'lost') meter.lose(most);
      else meter.spend(used);
    }
  }

  /** The answer in a completion, without the key, with its tokens counted or estimated. */
  #read(answer: HttpAnswer, request: ChatRequest): Response | Refusal {
    const { settings, meter, redact } = this.#parts;
    const { isCut, ...content } = readCompletion(answer);
    const text = content.text === undefined ? undefined : redact(content.text);
    const written = `${text ?? ''}${content.reasoning ?? ''}`;
    const origin = {
      ...(content.model === undefined ? {} : { model: redact(content.model) }),
      ...(content.reasoning === undefined ? {} : { reasoning: redact(content.reasoning) }),
      tokens: content.tokens ?? meter.estimate(request, written, isCut),
      time: new Date().toISOString(),
    };
    meter.recordOutput(origin.tokens.output);
    const found = { ...(text === undefined ? {} : { text }), ...origin };
    if (isCut && (text === undefined || settings.keepCut !== true)) {
      return refusal(cutReason(request, text, origin), found);
    }
    if (content.kind === 'skipped') return refusal(redact(content.reason), found);
    return { kind: 'response', text: text!, ...origin };
  }
}

/** The body as it is sent. */
function bodyOf(request: ChatRequest, { stream }: Settings, adaptations: ReadonlySet<Adaptation>) {
  const streaming = stream === true ? { stream: true, stream_options: { include_usage: true } } : {};
  return adapt({ ...request, ...streaming }, adaptations);
}

/** Why a cut answer is refused, and how to raise the limit. */
function cutReason(request: ChatRequest, text: string | undefined, { reasoning }: Origin): string {
  const before =
    text !== undefined ? '' : reasoning === undefined ? ', before it had any text' : ', before its thinking ended';
  return (
    `the answer was cut at its longest length, ${String(request.max_tokens)} tokens${before}; ` +
    'raise maxTokens (--max-tokens, or --policy-max-tokens for a policy)'
  );
}

/** An error that nobody foresaw is an unusable answer, so that it does not end the process. */
function unexpected(error: unknown): RequestError {
  return new InvalidCompletionError(`the answer cannot be read (${String(error)})`, false, error);
}
