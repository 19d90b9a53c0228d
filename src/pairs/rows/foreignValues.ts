/** Translates the values of other programs' rows: roles, prompts in several columns, rated completions. */
import { BadRow } from './badRow.js';
import { cellOf, type Row } from '../formats/fileRow.js';
import { tryParseJson } from '../formats/exactJson.js';

/** The row without some of its columns. */
export function withoutColumns(row: Row, columns: readonly string[]): Row {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !columns.includes(name)));
}

/** ShareGPT's names of the roles, as LLaMA-Factory and Axolotl write them. */
const roles: Readonly<Record<string, string>> = {
  human: 'user',
  user: 'user',
  gpt: 'assistant',
  chatgpt: 'assistant',
  assistant: 'assistant',
  model: 'assistant',
  bing: 'assistant',
  system: 'system',
  tool: 'tool',
  observation: 'tool',
  function_call: 'assistant',
};

/**
 * Messages with the keys `role` and `content`: ShareGPT's `from` and `value` are translated, one message becomes a list of one.
 * Anything else is returned as it is; what is wrong with it is said where it is read.
 */
export function toMessages(value: unknown): unknown {
  if (isObject(value) && (isShareGpt(value) || 'role' in value)) return [toMessage(value)];
  return Array.isArray(value) && value.some(isShareGpt) ? value.map(toMessage) : value;
}

/** The messages of a ShareGPT row, with its system prompt, if that is a column of its own. */
export function shareGptMessages(row: Row): unknown {
  const messages = toMessages(row.conversations) as readonly unknown[];
  const system = row.system ?? undefined;
  const [first] = messages;
  const hasOwn = isObject(first) && first.role === 'system';
  return system === undefined || system === '' || hasOwn
    ? messages
    : [{ role: 'system', content: system }, ...messages];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isShareGpt(value: unknown): value is Record<string, unknown> {
  return isObject(value) && 'from' in value && 'value' in value;
}

function toMessage(message: unknown): unknown {
  if (!isShareGpt(message)) return message;
  const { from, value, ...others } = message;
  const role = typeof from === 'string' ? (cellOf(roles, from) ?? from) : from;
  // A call that is not JSON stays a text.
  const call = from === 'function_call' && typeof value === 'string' ? tryParseJson(value) : undefined;
  if (call === undefined) return { role, content: value, ...others };
  const calls = (Array.isArray(call) ? call : [call]).map((one: unknown) => ({ type: 'function', function: one }));
  return { role, tool_calls: calls, ...others };
}

/**
 * The column `prompt` of a row that has its prompt in several: `instruction` (or `question`), `input`, `system` and `history`,
 * joined as LLaMA-Factory does. A text, or messages if there is a system prompt or a history.
 */
export function alpacaPrompt(row: Row, column: 'instruction' | 'question'): Row {
  const { input, system, history } = row;
  const question = row[column];
  const isFilled = (value: unknown) => typeof value === 'string' && value.trim() !== '';
  const text = column === 'instruction' && isFilled(input) ? `${String(question)}\n${String(input)}` : question;
  const turns = Array.isArray(history) ? history.flatMap((turn: unknown) => turnOf(turn)) : [];
  if (!isFilled(system) && turns.length === 0) return { prompt: text };
  const before = isFilled(system) ? [{ role: 'system', content: system }] : [];
  return { prompt: [...before, ...turns, { role: 'user', content: text }] };
}

function turnOf(turn: unknown): { readonly role: string; readonly content: unknown }[] {
  if (!Array.isArray(turn) || turn.length !== 2) {
    throw new BadRow('history', '"history" is not a list of [question, answer]; correct it or leave it out');
  }
  const [question, answer] = turn as [unknown, unknown];
  return [
    { role: 'user', content: question },
    { role: 'assistant', content: answer },
  ];
}

/** The best and the worst of UltraFeedback's completions, by `overall_score`. */
export function ratedCompletions(row: Row): Row {
  const rated = (row.completions as readonly unknown[]).flatMap((completion) => {
    if (!isObject(completion)) return [];
    const score = Number(completion.overall_score ?? NaN);
    return Number.isFinite(score) ? [{ response: completion.response, score }] : [];
  });
  const [first, ...others] = rated;
  if (first === undefined) {
    throw new BadRow(
      'completions',
      '"completions" has none with a response and an overall_score; add scores, or pairs',
    );
  }
  const best = others.reduce((one, other) => (other.score > one.score ? other : one), first);
  const worst = others.reduce((one, other) => (other.score < one.score ? other : one), first);
  if (best.score === worst.score) {
    throw new BadRow(
      'completions',
      'all of "completions" have the same overall_score, which prefers nothing; remove the row',
    );
  }
  return {
    prompt: row.instruction,
    chosen: best.response,
    rejected: worst.response,
    score_chosen: best.score,
    score_rejected: worst.score,
  };
}
