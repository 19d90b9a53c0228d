/** Messages of a conversation, with everything that chat templates and servers know: tools, reasoning, images. */

/** A part of a message's content: a text, or a reference to an image, a sound and the like. */
export interface ContentPart {
  /** `text` for a text, which is in `text`. */
  readonly type: string;
  readonly [key: string]: unknown;
}

/**
 * One message of a conversation. Keys other than `role` and `content` (`tool_calls`, `name`, `tool_call_id`,
 * `reasoning_content` and any others) are kept as they were read and given to the chat template.
 */
export interface Message {
  readonly role: string;
  /** Absent from a message that only calls tools. */
  readonly content?: string | readonly ContentPart[];
  readonly [key: string]: unknown;
}

/**
 * What a message says, as text for people and checks: its text or its text parts, then its tool calls as JSON, each on a line
 * of its own. Reasoning is not part of it.
 *
 * @example
 * messageText({ role: 'assistant', tool_calls: [{ function: { name: 'price', arguments: { of: 'tea' } } }] });
 * // '{"name":"price","arguments":{"of":"tea"}}'
 */
export function messageText({ content, tool_calls: calls }: Message): string {
  const text = typeof content === 'string' ? content : (content ?? []).map(partText).join('');
  const called = Array.isArray(calls) ? calls.map(callText) : [];
  return [...(text === '' && called.length > 0 ? [] : [text]), ...called].join('\n');
}

function partText({ type, text }: ContentPart): string {
  return typeof text === 'string' ? text : `[${type}]`;
}

/** Servers put the call into `function`, some files do not. */
function callText(call: unknown): string {
  const inside: unknown = typeof call === 'object' && call !== null && 'function' in call ? call.function : call;
  return JSON.stringify(inside ?? null, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}
