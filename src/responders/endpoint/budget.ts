/**
 * What requests cost, and a limit that is never passed: the most that a request can cost is set aside before it is sent,
 * and what it did cost counts once its answer is there. Several endpoints may draw on one budget.
 */
import { ApolabError } from '../../core/errors.js';
import type { TokenUsage } from '../../pairs/pair.js';

/** Dollars for a million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
}

/** What may be spent; nothing here means no limit. */
export interface BudgetLimits {
  /** Tokens in and out together. */
  readonly tokens?: number;
  /** Dollars; needs the price of every endpoint that draws on it. */
  readonly dollars?: number;
}

export interface Cost extends TokenUsage {
  /** Undefined where no price is known. */
  readonly dollars: number | undefined;
}

/** Thrown where the next request could pass the budget. */
export class BudgetReached extends ApolabError {
  override name = 'BudgetReached';
}

interface Amount {
  readonly tokens: number;
  readonly dollars: number;
}

/**
 * @example
 * const budget = new preference.Budget({ dollars: 5 });
 * const policy = preference.endpoint({ model: 'small', price: { input: 0.1, output: 0.4 }, budget });
 * const reviser = preference.endpoint({ model: 'strong', price: { input: 10, output: 30 }, budget });
 */
export class Budget {
  #spent: Amount = { tokens: 0, dollars: 0 };
  #setAside: Amount = { tokens: 0, dollars: 0 };
  readonly #waiting: (() => void)[] = [];

  constructor(readonly limits: BudgetLimits = {}) {
    requireNumbers('budget', limits);
  }

  /**
   * Sets aside what a request costs at most. Where that does not fit beside what is set aside for others it waits for
   * their answers, which mostly cost less; where it fits in no case it throws.
   */
  async reserve(most: Cost): Promise<void> {
    const amount = amountOf(most);
    for (;;) {
      const over = this.#over(add(add(this.#spent, this.#setAside), amount));
      if (over === undefined) break;
      if (this.#setAside.tokens === 0) throw reached(over, this.limits, this.#spent, amount);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#setAside = add(this.#setAside, amount);
  }

  /** Replaces what was set aside by what the request did cost; nothing where it was not answered. */
  settle(most: Cost, used: Cost): void {
    const back = amountOf(most);
    const tokens = this.#setAside.tokens - back.tokens;
    // Sums of dollars are not exact; with no request under way nothing is set aside.
    this.#setAside = { tokens, dollars: tokens === 0 ? 0 : this.#setAside.dollars - back.dollars };
    this.#spent = add(this.#spent, amountOf(used));
    this.#waiting.splice(0).forEach((resume) => resume());
  }

  #over(amount: Amount): keyof Amount | undefined {
    const { tokens = Infinity, dollars = Infinity } = this.limits;
    return amount.tokens > tokens ? 'tokens' : amount.dollars > dollars ? 'dollars' : undefined;
  }
}

/** What tokens cost at a price. */
export function costOf({ input, output }: TokenUsage, price: Price | undefined): Cost {
  const dollars = price === undefined ? undefined : (input * price.input + output * price.output) / 1e6;
  return { input, output, dollars };
}

export function requireNumbers(what: string, numbers: object): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (!(Number(value) >= 0)) {
      throw new ApolabError(`${name} of a ${what} must be a number of at least 0; given: ${String(value)}.`);
    }
  }
}

const amountOf = ({ input, output, dollars = 0 }: Cost): Amount => ({ tokens: input + output, dollars });

const add = (a: Amount, b: Amount): Amount => ({ tokens: a.tokens + b.tokens, dollars: a.dollars + b.dollars });

const say = {
  tokens: (amount: number) => `${amount.toLocaleString('en')} tokens`,
  dollars: (amount: number) => `$${amount.toFixed(amount < 1 ? 4 : 2)}`,
} as const;

function reached(unit: keyof Amount, limits: BudgetLimits, spent: Amount, most: Amount): BudgetReached {
  const words = say[unit];
  return new BudgetReached(
    `The budget of ${words(limits[unit]!)} is used up: ${words(spent[unit])} spent, and the next request may cost ${words(most[unit])}. ` +
      'Raise the budget or lower the longest answer (max tokens), then run the same again; what was answered is not asked twice.',
  );
}
