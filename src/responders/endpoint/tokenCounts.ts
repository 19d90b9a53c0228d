/** The tokens of a request as servers count them. */
import type { TokenUsage } from '../../pairs/pair.js';
import { fieldsOf } from './serverError.js';

/**
 * The tokens in a `usage` object, by OpenAI's names or by Anthropic's; undefined if it does not count both.
 *
 * A total that is larger than the sum of its parts holds thinking that is billed as output.
 *
 * @example
 * tokenCounts({ prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 }); // { input: 7, output: 5 }
 * tokenCounts({ prompt_tokens: 7, completion_tokens: 5, total_tokens: 40 }); // { input: 7, output: 33 }
 */
export function tokenCounts(usage: unknown): TokenUsage | undefined {
  const { prompt_tokens, completion_tokens, input_tokens, output_tokens, total_tokens } = fieldsOf(usage);
  const input = countOf(prompt_tokens) ?? countOf(input_tokens);
  const stated = countOf(completion_tokens) ?? countOf(output_tokens);
  const total = countOf(total_tokens);
  if (input === undefined || (stated === undefined && total === undefined)) return undefined;
  return { input, output: Math.max(stated ?? 0, (total ?? 0) - input) };
}

/** The tokens wherever an answer or a chunk has them: in `usage`, in its first choice, or in Groq's `x_groq`. */
export function tokensOfAnswer(answer: unknown): TokenUsage | undefined {
  const { usage, choices, x_groq, error } = fieldsOf(answer);
  const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
  const places = [usage, fieldsOf(choice).usage, fieldsOf(x_groq).usage, fieldsOf(error).usage];
  return places.map(tokenCounts).find((tokens) => tokens !== undefined);
}

/** Two counts of one request as the larger of each: servers count on in the chunks of a stream. */
export function largerCounts(one: TokenUsage | undefined, other: TokenUsage | undefined): TokenUsage | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return { input: Math.max(one.input, other.input), output: Math.max(one.output, other.output) };
}

function countOf(value: unknown): number | undefined {
  const count = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return Number.isSafeInteger(count) && (count as number) >= 0 ? (count as number) : undefined;
}
