/**
 * One row of a pairs file, read: a preference pair, or the reason why it is none, with the cure.
 *
 * Two forms are taken, as TRL takes them: the standard one (three strings) and the conversational one (lists of
 * `{role, content}` whose last message is the answer), the latter with one user message and one answer.
 */
import type { Message, PreferencePair } from './pair.js';

export type ParsedRow =
  { readonly kind: 'pair'; readonly pair: PreferencePair } | { readonly kind: 'rejected'; readonly reason: string };

/**
 * Reads one line of JSONL.
 *
 * In the conversational form the prompt may be a string, a list, or missing (then it is the message before the answers).
 * A reviser's reasoning is read from `rationale`, or from `rational`, as the published CLAIR set spells it.
 *
 * @example
 * parsePair('{"prompt": "1 + 1 ?", "chosen": " 2", "rejected": " 3"}').kind; // 'pair'
 */
export function parsePair(text: string): ParsedRow {
  try {
    return { kind: 'pair', pair: toPair(parseObject(text)) };
  } catch (error) {
    if (error instanceof BadRow) return { kind: 'rejected', reason: error.message };
    throw error;
  }
}

/** Why a row is no pair; leaves the parser by one door, and never this file. */
class BadRow extends Error {}

type Row = Readonly<Record<string, unknown>>;

function parseObject(text: string): Row {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new BadRow(
      /^\s*[[{]\s*$/.test(text)
        ? 'the JSON is spread over several lines; write one object a line (JSONL)'
        : `broken JSON (${(error as SyntaxError).message}); write one whole JSON object a line`,
    );
  }
  if (kindOf(value) !== 'an object') {
    throw new BadRow(`${kindOf(value)}, not an object; write {"prompt": "...", "chosen": "...", "rejected": "..."}`);
  }
  return value as Row;
}

function toPair(row: Row): PreferencePair {
  const chosen = readResponse(row, 'chosen');
  const rejected = readResponse(row, 'rejected');
  const prompt = readPrompt(row, chosen.before, rejected.before);
  if (chosen.response === rejected.response) {
    throw new BadRow('"chosen" and "rejected" are equal, which prefers nothing; change one or remove the row');
  }
  const rationale = readRationale(row);
  return {
    prompt,
    chosen: chosen.response,
    rejected: rejected.response,
    ...(rationale === undefined ? {} : { rationale }),
  };
}

/** A response, and in the conversational form the messages before it. */
function readResponse(
  row: Row,
  field: 'chosen' | 'rejected',
): { readonly response: string; readonly before: readonly Message[] } {
  const value = required(row, field);
  if (!Array.isArray(value)) return { response: nonEmptyString(value, `"${field}"`), before: [] };
  const messages = readMessages(value, field);
  const answer = messages.at(-1);
  if (answer?.role !== 'assistant') {
    throw new BadRow(
      `"${field}" ends with ${answer === undefined ? 'no message' : `a message by "${answer.role}"`}; its last message must be the assistant's answer`,
    );
  }
  return { response: answer.content, before: messages.slice(0, -1) };
}

function readPrompt(row: Row, ...before: (readonly Message[])[]): string {
  const repeated = before.filter((messages) => messages.length > 0).map((messages) => onlyUser(messages, 'an answer'));
  const given = row.prompt === undefined && repeated.length === 2 ? repeated[0] : required(row, 'prompt');
  const prompt = Array.isArray(given)
    ? onlyUser(readMessages(given, 'prompt'), '"prompt"')
    : nonEmptyString(given, '"prompt"');
  if (repeated.some((text) => text !== prompt)) {
    throw new BadRow('"chosen" and "rejected" must answer the same prompt, and their first messages differ from it');
  }
  return prompt;
}

function readRationale(row: Row): string | undefined {
  const value = row.rationale ?? row.rational ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw new BadRow(`"rationale" is ${kindOf(value)}; make it a string or leave it out`);
}

function readMessages(values: readonly unknown[], field: string): Message[] {
  return values.map((value, index) => {
    const where = `"${field}"[${index}]`;
    const { role, content } = (value ?? {}) as Partial<Record<keyof Message, unknown>>;
    if (typeof role !== 'string') throw new BadRow(`${where} has no "role"; write {"role": "user", "content": "..."}`);
    return { role, content: nonEmptyString(content, `${where}.content`) };
  });
}

/** The text of the one user message that a prompt may have here. */
function onlyUser(messages: readonly Message[], where: string): string {
  const [message, ...more] = messages;
  if (message?.role === 'user' && more.length === 0) return message.content;
  const roles = messages.map(({ role }) => role).join(', ') || 'none';
  throw new BadRow(
    `the messages before ${where === '"prompt"' ? 'the answer' : where} are by ${roles}; this version takes one user message`,
  );
}

function required(row: Row, field: string): unknown {
  const value = row[field];
  if (value !== undefined) return value;
  const present = Object.keys(row).map((key) => `"${key}"`);
  throw new BadRow(`"${field}" is missing; the row has ${present.length === 0 ? 'no fields' : present.join(', ')}`);
}

function nonEmptyString(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new BadRow(`${where} is ${kindOf(value)}; make it a string`);
  if (value.trim() === '') throw new BadRow(`${where} is empty; write its text or remove the row`);
  return value;
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
