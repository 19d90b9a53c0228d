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
  /** Answers whose tokens are an estimate, because the server did not count them. */
  readonly estimated: number;
  /** Requests whose answer was lost: the connection broke, the time was up, or what came was not a completion. */
  readonly lost: number;
  /** The most that the server may have charged for lost answers; not part of the tokens and dollars above. */
  readonly lostAtMost: Cost;
  /** Fields of requests that the server does not take, with what happened to each: `seed (left out)`. */
  readonly adapted: readonly string[];
}

/**
 * An endpoint's usage in one line.
 *
 * @example
 * const strong = preference.endpoint({ model: 'strong', baseUrl: 'http://localhost:8000/v1' });
 * describeUsage(strong.usage); // '0 answered, 0 tokens'
 */
export function describeUsage(usage: EndpointUsage): string {
  const { answered, cached, retries, estimated, lost, lostAtMost, adapted } = usage;
  const parts = [
    `${count(answered)} answered${cached === 0 ? '' : ` (${count(cached)} from the cache)`}`,
    ...(retries === 0 ? [] : [`${count(retries)} ${retries === 1 ? 'retry' : 'retries'}`]),
    `${estimated === 0 ? '' : 'about '}${costOf(usage)}`,
  ];
  const lostOnes = `${count(lost)} ${lost === 1 ? 'answer was' : 'answers were'} lost`;
  return [
    parts.join(', '),
    ...(lost === 0 ? [] : [`${lostOnes}, for which the server may have charged up to ${costOf(lostAtMost)} more`]),
    ...(adapted.length === 0 ? [] : [`the server does not take ${adapted.join(', ')}`]),
  ].join('; ');
}

const count = (number: number) => number.toLocaleString('en');

function costOf({ input, output, dollars }: Cost): string {
  const tokens = `${count(input + output)} tokens`;
  return dollars === undefined ? tokens : `${tokens}, $${dollars.toFixed(dollars < 1 ? 4 : 2)}`;
}
