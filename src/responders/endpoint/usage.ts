import type { Cost } from './budget.js';

/** What went over the wire, and what it cost. */
export interface EndpointUsage extends Cost {
  /** Requests sent, those that were tried again included. */
  readonly requests: number;
  readonly retries: number;
  /** Prompts that were answered, or refused for good. */
  readonly answered: number;
  /** Of these, how many came from the cache. */
  readonly cached: number;
  /** Of these, how many had tokens that were estimated, because the server did not count them or its answer was broken. */
  readonly estimated: number;
}

/**
 * What was used, in a line.
 *
 * @example
 * describeUsage(strong.usage); // '1,000 answered (120 from the cache), 431,220 tokens, $4.31'
 */
export function describeUsage({ answered, cached, retries, input, output, dollars, estimated }: EndpointUsage): string {
  const parts = [
    `${answered.toLocaleString('en')} answered${cached === 0 ? '' : ` (${cached.toLocaleString('en')} from the cache)`}`,
    ...(retries === 0 ? [] : [`${retries.toLocaleString('en')} tried again`]),
    `${estimated === 0 ? '' : 'about '}${(input + output).toLocaleString('en')} tokens`,
    ...(dollars === undefined ? [] : [`$${dollars.toFixed(dollars < 1 ? 4 : 2)}`]),
  ];
  return parts.join(', ');
}
