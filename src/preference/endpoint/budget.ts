/**
 * What requests cost, and a limit that is never passed: the most that a request can cost is set aside before it is sent,
 * and what it did cost counts once its answer is there.
 */
import { ApolabError } from '../../errors.js';
import type { TokenUsage } from '../pair.js';

/** Dollars for a million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
}

/** What may be spent; nothing here means no limit. */
export interface BudgetLimits {
  /** Tokens in and out together. */
  readonly tokens?: number;
  /** Dollars; needs a price. */
  readonly dollars?: number;
}

export interface Spent extends TokenUsage {
  /** Undefined where no price is known. */
  readonly dollars: number | undefined;
}

/** Thrown where the next request could pass the budget. */
export class BudgetReached extends ApolabError {
  override name = 'BudgetReached';
}

export class Budget {
  #spent: TokenUsage = { input: 0, output: 0 };
  #setAside: TokenUsage = { input: 0, output: 0 };
  readonly #waiting: (() => void)[] = [];

  constructor(
    readonly limits: BudgetLimits = {},
    readonly price?: Price,
  ) {
    if (limits.dollars !== undefined && price === undefined) {
      throw new ApolabError(
        'A budget in dollars needs the price of a million tokens in and out: price: { input, output }.',
      );
    }
    for (const [name, value] of Object.entries({ ...limits, ...price })) {
      if (!(value >= 0)) throw new ApolabError(`${name} of a budget must be a number of at least 0; given: ${value}.`);
    }
  }

  get spent(): Spent {
    return { ...this.#spent, dollars: this.#dollars(this.#spent) };
  }

  /**
   * Sets aside what a request costs at most. Where that does not fit beside what is set aside for others it waits for
   * their answers, which mostly cost less; where it fits in no case it throws.
   */
  async reserve(most: TokenUsage): Promise<void> {
    while (!this.#fits(add(add(this.#spent, this.#setAside), most))) {
      if (isNothing(this.#setAside)) throw this.#reached(most);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#setAside = add(this.#setAside, most);
  }

  /** Replaces what was set aside by what the request did cost; nothing where it was not answered. */
  settle(most: TokenUsage, used: TokenUsage): void {
    this.#setAside = { input: this.#setAside.input - most.input, output: this.#setAside.output - most.output };
    this.#spent = add(this.#spent, used);
    this.#waiting.splice(0).forEach((resume) => resume());
  }

  #fits(usage: TokenUsage): boolean {
    const { tokens = Infinity, dollars = Infinity } = this.limits;
    return usage.input + usage.output <= tokens && (this.#dollars(usage) ?? 0) <= dollars;
  }

  #dollars({ input, output }: TokenUsage): number | undefined {
    return this.price === undefined ? undefined : (input * this.price.input + output * this.price.output) / 1e6;
  }

  #reached(most: TokenUsage): BudgetReached {
    const say = (usage: TokenUsage) => {
      const dollars = this.limits.dollars === undefined ? undefined : this.#dollars(usage);
      return dollars === undefined
        ? `${(usage.input + usage.output).toLocaleString('en')} tokens`
        : `$${dollars.toFixed(4)}`;
    };
    const limit =
      this.limits.dollars === undefined
        ? `${this.limits.tokens!.toLocaleString('en')} tokens`
        : `$${this.limits.dollars}`;
    return new BudgetReached(
      `The budget of ${limit} is used up: ${say(this.#spent)} spent, and the next request may cost ${say(most)}. ` +
        'Raise the budget or lower the longest answer (max tokens), then run the same again; what was answered is not asked twice.',
    );
  }
}

const add = (a: TokenUsage, b: TokenUsage): TokenUsage => ({ input: a.input + b.input, output: a.output + b.output });

const isNothing = ({ input, output }: TokenUsage) => input === 0 && output === 0;
