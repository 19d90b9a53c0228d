import type { Cost } from './budget.js';

/** What an endpoint was used for, and what that cost. */
export interface EndpointUsage extends Cost {
  /** Requests sent, retries included. */
  readonly requests: number;
  readonly retries: number;
  /** Prompts with an answer or a final refusal. */
  readonly answered: number;
  /** How many of these came from the cache. */
  readonly cached: number;
  /** Requests whose tokens are an estimate, because the server did not count them or its answer was broken. */
  readonly estimated: number;
}

/**
 * An endpoint's usage in one line.
 *
 * @example
 * describeUsage(strong.usage); // '1,000 answered (120 from the cache), 431,220 tokens, $4.31'
 */
export function describeUsage({ answered, cached, retries, input, output, dollars, estimated }: EndpointUsage): string {
  const parts = [
    `${answered.toLocaleString('en')} answered${cached === 0 ? '' : ` (${cached.toLocaleString('en')} from the cache)`}`,
    ...(retries === 0 ? [] : [`${retries.toLocaleString('en')} ${retries === 1 ? 'retry' : 'retries'}`]),
    `${estimated === 0 ? '' : 'about '}${(input + output).toLocaleString('en')} tokens`,
    ...(dollars === undefined ? [] : [`$${dollars.toFixed(dollars < 1 ? 4 : 2)}`]),
  ];
  return parts.join(', ');
}
