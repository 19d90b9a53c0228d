/** Checks lists of messages, and keeps every key of theirs. */
import type { Message } from '../pair.js';
import { BadRow } from './badRow.js';
import { nonEmptyString, wellFormed } from './readText.js';

/**
 * The messages of a list. A key whose value is null counts as missing, as in transformers; any other is kept.
 *
 * @throws BadRow if one of them has no role, or says nothing
 */
export function readMessages(values: readonly unknown[], column: string): Message[] {
  return values.map((value, index) => {
    const field = `"${column}"[${index}]`;
    const given = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
    const kept = Object.entries(given).filter(([, inside]) => inside !== null && inside !== undefined);
    const message: Record<string, unknown> = Object.fromEntries(kept);
    const { role, content } = message;
    if (typeof role !== 'string' || role === '') {
      throw new BadRow(column, `${field} has no "role"; write {"role": "user", "content": "..."}`);
    }
    if (Array.isArray(content)) readParts(content, column, `${field}.content`);
    else if (!(saysMore(message) && (content === undefined || content === ''))) {
      nonEmptyString(content, column, `${field}.content`);
    }
    wellFormed(message, column, field);
    // Role and content first, as everywhere: columns of structs hold them in that order.
    return { role, ...(content === undefined ? {} : { content }), ...message } as Message;
  });
}

/** Whether a message may lack a text: it calls tools, gives its reasoning, or is a tool's answer, which may be empty. */
function saysMore({ role, content, tool_calls: calls, ...others }: Record<string, unknown>): boolean {
  const reasons = ['reasoning_content', 'reasoning', 'thinking', 'function_call'].some(
    (key) => others[key] !== undefined,
  );
  return (Array.isArray(calls) && calls.length > 0) || reasons || (role === 'tool' && content === '');
}

function readParts(parts: readonly unknown[], column: string, field: string): void {
  const isPart = (part: unknown) =>
    typeof part === 'object' && part !== null && 'type' in part && typeof part.type === 'string';
  if (parts.length > 0 && parts.every(isPart)) return;
  throw new BadRow(
    column,
    `${field} is a list without parts of a "type"; make it a string, or [{"type": "text", "text": "..."}]`,
  );
}

/** Whether two lists hold the same messages, with all their keys in any order. */
export function sameMessages(left: readonly Message[], right: readonly Message[]): boolean {
  return left.length === right.length && left.every((message, index) => sameValue(message, right[index]));
}

/** Whether two JSON values are the same; keys of objects in any order. */
export function sameValue(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const [keys, others] = [Object.keys(left), Object.keys(right)];
  const [first, second] = [left as Record<string, unknown>, right as Record<string, unknown>];
  return (
    keys.length === others.length &&
    keys.every((key) => Object.hasOwn(second, key) && sameValue(first[key], second[key]))
  );
}
