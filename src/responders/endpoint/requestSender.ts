/** Sending one request once: within the budget, with its tokens counted. */
import type { TokenUsage } from '../../pairs/pair.js';
import { refusal } from '../refusal.js';
import type { Refusal, Response } from '../responder.js';
import { adapt, type Adaptation } from './adaptations.js';
import { type Budget, costOf } from './budget.js';
import type { ChatClient } from './chatClient.js';
import { type ChatRequest, mostTokens } from './chatRequest.js';
import { readCompletion } from './completion.js';
import { isServerError, isUnreachable } from './serverError.js';
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

/** Sends requests of one endpoint. */
export class RequestSender {
  readonly #parts: SenderParts;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  /**
   * Sends a request once and reads its answer. A request whose answer was lost counts as an average one, because nobody
   * knows what it cost.
   *
   * @throws BudgetReached if the request could exceed the budget, and the errors of server and connection
   */
  async send(
    request: ChatRequest,
    adaptations: ReadonlySet<Adaptation>,
    signal: AbortSignal,
  ): Promise<Response | Refusal> {
    const { settings, client, budget, meter } = this.#parts;
    const { price } = settings;
    const most = mostTokens(request);
    await budget.reserve(costOf(most, price));
    let used: TokenUsage = { input: 0, output: 0 };
    try {
      meter.counts.requests += 1;
      const answer = this.#read(await client.complete(adapt(request, adaptations), signal), request);
      used = answer.tokens ?? most;
      return answer;
    } catch (error) {
      if (!isServerError(error) && !isUnreachable(error)) {
        used = meter.expect(request);
        meter.counts.estimated += 1;
      }
      throw error;
    } finally {
      budget.settle(costOf(most, price), costOf(used, price));
      meter.spend(used);
    }
  }

  /** The answer in a completion, without the key, with its tokens counted or estimated. */
  #read(completion: unknown, request: ChatRequest): Response | Refusal {
    const { settings, meter, redact } = this.#parts;
    const { isCut, ...content } = readCompletion(completion);
    const text = content.text === undefined ? undefined : redact(content.text);
    const origin = {
      ...(content.model === undefined ? {} : { model: redact(content.model) }),
      tokens: content.tokens ?? meter.estimate(request, text ?? ''),
      time: new Date().toISOString(),
    };
    meter.recordOutput(origin.tokens.output);
    const found = { ...(text === undefined ? {} : { text }), ...origin };
    if (content.kind === 'skipped') return refusal(redact(content.reason), found);
    if (isCut && settings.keepCut !== true) {
      const longest = String(request.max_tokens);
      return refusal(`the answer was cut at its longest length, ${longest} tokens; raise maxTokens`, found);
    }
    return { kind: 'response', text: text!, ...origin };
  }
}
