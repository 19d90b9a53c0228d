/**
 * What requests cost, and a limit that is never exceeded: before a request is sent, the most that it can cost is reserved;
 * after its answer, the real cost is counted. Several endpoints may share one budget.
 */
import { ApolabError } from '../../core/errors.js';
import type { TokenUsage } from '../../pairs/pair.js';

/** Dollars per million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
}

/** The limits of a budget; no limit without them. */
export interface BudgetLimits {
  /** Tokens in and out together. */
  readonly tokens?: number;
  /** Dollars; every endpoint that shares the budget then needs a price. */
  readonly dollars?: number;
}

/** Tokens and what they cost. */
export interface Cost extends TokenUsage {
  /** Undefined if no price is known. */
  readonly dollars: number | undefined;
}

/** Thrown if the next request could exceed the budget. */
export class BudgetReached extends ApolabError {
  override name = 'BudgetReached';
}

interface Amount {
  readonly tokens: number;
  readonly dollars: number;
}

/**
 * A limit on tokens or dollars that several endpoints can share.
 *
 * @example
 * const budget = new preference.Budget({ dollars: 5 });
 * const policy = preference.endpoint({ model: 'small', price: { input: 0.1, output: 0.4 }, budget });
 * const reviser = preference.endpoint({ model: 'strong', price: { input: 10, output: 30 }, budget });
 */
export class Budget {
  #spent: Amount = { tokens: 0, dollars: 0 };
  #reserved: Amount = { tokens: 0, dollars: 0 };
  /** The most that lost answers may have cost. */
  #lost: Amount = { tokens: 0, dollars: 0 };
  /** The error that ended each run. */
  readonly #ended = new WeakMap<object, BudgetReached>();
  readonly #waiting: (() => void)[] = [];

  constructor(readonly limits: BudgetLimits = {}) {
    requireNumbers('budget', limits);
  }

  /**
   * Reserves the most that a request can cost. If the reserves of other requests leave too little, it waits for their
   * answers, which mostly cost less.
   *
   * @param run what the requests of one run have in common. After the first BudgetReached all further requests of the run
   *   get the same error, also cheaper ones: the run ends, and the server would be paid for answers that nobody reads.
   * @throws BudgetReached if no other request is in progress and the budget is still too small
   */
  async reserve(most: Cost, run?: object): Promise<void> {
    const amount = amountOf(most);
    for (;;) {
      const ended = run === undefined ? undefined : this.#ended.get(run);
      if (ended !== undefined) throw ended;
      const over = this.#over([this.#spent, this.#lost, this.#reserved, amount].reduce(add));
      if (over === undefined) break;
      if (this.#reserved.tokens === 0) {
        const error = reached(over, this.limits, { spent: this.#spent, lost: this.#lost, most: amount });
        if (run !== undefined) this.#ended.set(run, error);
        throw error;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#reserved = add(this.#reserved, amount);
  }

  /**
   * Replaces a request's reserve by its real cost, which is 0 for a request that the server refused. With 'lost', because
   * nobody knows what a lost answer cost, the reserve stays as spent.
   */
  settle(most: Cost, used: Cost | 'lost'): void {
    const back = amountOf(most);
    const tokens = this.#reserved.tokens - back.tokens;
    // Sums of dollars are not exact; without requests in progress the reserve is exactly 0.
    this.#reserved = { tokens, dollars: tokens === 0 ? 0 : this.#reserved.dollars - back.dollars };
    if (used === 'lost') this.#lost = add(this.#lost, back);
    else this.#spent = add(this.#spent, amountOf(used));
    this.#waiting.splice(0).forEach((resume) => resume());
  }

  #over(amount: Amount): keyof Amount | undefined {
    const { tokens = Infinity, dollars = Infinity } = this.limits;
    return amount.tokens > tokens ? 'tokens' : amount.dollars > dollars ? 'dollars' : undefined;
  }
}

/**
 * What tokens cost at a price.
 *
 * @example
 * costOf({ input: 1000, output: 500 }, { input: 10, output: 30 }).dollars; // 0.025
 */
export function costOf({ input, output }: TokenUsage, price: Price | undefined): Cost {
  const dollars = price === undefined ? undefined : (input * price.input + output * price.output) / 1e6;
  return { input, output, dollars };
}

/**
 * Checks that all numbers are at least 0.
 *
 * @throws ApolabError that names `what` and the first number that is not
 */
export function requireNumbers(what: string, numbers: object): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (!(Number(value) >= 0)) {
      throw new ApolabError(`${name} of a ${what} must be a number of at least 0; given: ${String(value)}.`);
    }
  }
}

const amountOf = ({ input, output, dollars = 0 }: Cost): Amount => ({ tokens: input + output, dollars });

const add = (a: Amount, b: Amount): Amount => ({ tokens: a.tokens + b.tokens, dollars: a.dollars + b.dollars });

const formatters = {
  tokens: (amount: number) => `${amount.toLocaleString('en')} tokens`,
  dollars: (amount: number) => `$${amount.toFixed(amount < 1 ? 4 : 2)}`,
} as const;

interface Reached {
  readonly spent: Amount;
  readonly lost: Amount;
  /** What the next request may cost. */
  readonly most: Amount;
}

function reached(unit: keyof Amount, limits: BudgetLimits, { spent, lost, most }: Reached): BudgetReached {
  const format = formatters[unit];
  const lostPart = lost[unit] === 0 ? '' : `, up to ${format(lost[unit])} for answers that were lost`;
  return new BudgetReached(
    `The budget of ${format(limits[unit]!)} is used up: ${format(spent[unit])} spent${lostPart}, and the next request may cost ${format(most[unit])}. ` +
      'Raise the budget or lower the longest answer (max tokens), then run the same again; cached answers are not asked for again.',
  );
}
