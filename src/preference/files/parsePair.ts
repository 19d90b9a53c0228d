/**
 * One row of a pairs file, read: a preference pair, or the reason why it is none, with the cure.
 *
 * Two forms are taken, as TRL takes them: the standard one (three strings) and the conversational one (lists of
 * `{role, content}` whose last message is the answer). What stands before the answers may have several turns and a system
 * message; the last of it is what the user asks.
 */
import type { PreferencePair } from '../pair.js';
import { attempt, BadRow, type Rejection } from './badRow.js';
import type { Row } from './fileRow.js';
import { parseObject } from './jsonl.js';
import { kindOf, readAnswer, readPrompt } from './readValues.js';

export type ParsedRow = { readonly kind: 'pair'; readonly pair: PreferencePair } | Rejection;

/**
 * Reads one line of JSONL.
 *
 * @example
 * parsePair('{"prompt": "1 + 1 ?", "chosen": " 2", "rejected": " 3"}').kind; // 'pair'
 */
export function parsePair(text: string): ParsedRow {
  const parsed = parseObject(text);
  return parsed.kind === 'values' ? pairOfRow(parsed.values) : { kind: 'rejected', reason: parsed.reason };
}

/**
 * Reads the columns of one row, whatever format they come from.
 *
 * In the conversational form the prompt may be a string, a list, or missing (then it is the message before the answers).
 * A reviser's reasoning is read from `rationale`, or from `rational`, as the published CLAIR set spells it.
 *
 * @example
 * pairOfRow({ prompt: '1 + 1 ?', chosen: ' 2', rejected: ' 3' }).kind; // 'pair'
 */
export function pairOfRow(row: Row): ParsedRow {
  return attempt(() => ({ kind: 'pair', pair: toPair(row) }));
}

function toPair(row: Row): PreferencePair {
  const chosen = readAnswer(row, 'chosen');
  const rejected = readAnswer(row, 'rejected');
  const asked = readPrompt(row, [chosen, rejected]);
  if (chosen.text === rejected.text) {
    throw new BadRow(
      'rejected',
      '"chosen" and "rejected" are equal, which prefers nothing; change one or remove the row',
    );
  }
  const rationale = readRationale(row);
  return {
    prompt: asked.prompt,
    chosen: chosen.text,
    rejected: rejected.text,
    ...(rationale === undefined ? {} : { rationale }),
    ...(asked.conversation === undefined ? {} : { conversation: asked.conversation }),
  };
}

function readRationale(row: Row): string | undefined {
  const value = row.rationale ?? row.rational ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw new BadRow('rationale', `"rationale" is ${kindOf(value)}; make it a string or leave it out`);
}
