/** The origin of a result: which model wrote it, when, and with how many tokens. */
import type { TokenUsage } from '../pairs/pair.js';
import type { Origin } from './responder.js';

/**
 * The origin of a result, without the result itself.
 *
 * @example
 * const answer = { kind: 'response', text: 'Hi.', model: 'small' } as const;
 * originOf(answer); // { model: 'small' }
 */
export function originOf({ model, tokens, reasoning, time }: Origin): Origin {
  return {
    ...(model === undefined ? {} : { model }),
    ...(tokens === undefined ? {} : { tokens }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(time === undefined ? {} : { time }),
  };
}

/**
 * One origin for a result of several answers: all models, the sum of their tokens, and the latest time.
 *
 * @example
 * joinedOrigins([{ model: 'a', tokens: { input: 1, output: 2 } }, { model: 'b', tokens: { input: 3, output: 4 } }]);
 * // { model: 'a + b', tokens: { input: 4, output: 6 } }
 */
export function joinedOrigins(origins: readonly Origin[]): Origin {
  const models = new Set(origins.flatMap(({ model }) => (model === undefined ? [] : [model])));
  const tokens = origins.flatMap((one) => (one.tokens === undefined ? [] : [one.tokens]));
  const times = origins.flatMap(({ time }) => (time === undefined ? [] : [time]));
  const total = (field: keyof TokenUsage) => tokens.reduce((sum, one) => sum + one[field], 0);
  return {
    ...(models.size === 0 ? {} : { model: [...models].join(' + ') }),
    ...(tokens.length === 0 ? {} : { tokens: { input: total('input'), output: total('output') } }),
    ...(times.length === 0 ? {} : { time: times.sort().at(-1)! }),
  };
}
