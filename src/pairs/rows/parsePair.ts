/**
 * One row of a pairs file, read: a preference pair, or the reason why it is none, with the cure.
 *
 * Two forms are taken, as TRL takes them: the standard one (three strings) and the conversational one (lists of
 * `{role, content}` whose last message is the answer). What stands before the answers may have several turns and a system
 * message; the last of it is what the user asks.
 */
import { type PairScores, type PreferencePair, type Provenance } from '../pair.js';
import { attempt, BadRow, type Skipped } from './badRow.js';
import { tryParseJson } from '../formats/exactJson.js';
import type { Row } from '../formats/fileRow.js';
import { parseObject } from '../formats/jsonl.js';
import { kindOf, readAnswer, readPrompt } from './readValues.js';
import { isWellFormed } from '../formats/isWellFormed.js';
import { builderIds } from '../../builders/catalog.js';

export type ParsedRow = { readonly kind: 'pair'; readonly pair: PreferencePair } | Skipped;

/**
 * Reads one line of JSONL.
 *
 * @example
 * parsePair('{"prompt": "1 + 1 ?", "chosen": " 2", "rejected": " 3"}').kind; // 'pair'
 */
export function parsePair(text: string): ParsedRow {
  const parsed = parseObject(text);
  return parsed.kind === 'values' ? pairOfRow(parsed.values) : { kind: 'skipped', reason: parsed.reason };
}

/**
 * Reads the columns of one row, whatever format they come from.
 *
 * In the conversational form the prompt may be a string, a list, or missing (then it is the message before the answers).
 * A reviser's reasoning is read from `rationale`, or from `rational`, as the published CLAIR set spells it. Two numbers
 * `score_chosen` and `score_rejected` are the scores. Columns that no pair has are kept in `columns`; null is no value.
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
  const taken = new Set(['prompt', 'chosen', 'rejected', 'rationale', 'rational']);
  const rationale = readRationale(row);
  const scores = readScores(row);
  if (scores !== undefined) taken.add('score_chosen').add('score_rejected');
  const provenance = readProvenance(row.provenance);
  if (provenance !== undefined) taken.add('provenance');
  const columns = otherColumns(row, taken);
  return {
    prompt: asked.prompt,
    chosen: chosen.text,
    rejected: rejected.text,
    ...(rationale === undefined ? {} : { rationale }),
    ...(asked.conversation === undefined ? {} : { conversation: asked.conversation }),
    ...(scores === undefined ? {} : { scores }),
    ...(provenance === undefined ? {} : { provenance }),
    ...(columns === undefined ? {} : { columns }),
  };
}

function readRationale(row: Row): string | undefined {
  const column = (row.rationale ?? undefined) === undefined ? 'rational' : 'rationale';
  const value = row[column] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== 'string') {
    throw new BadRow(column, `"${column}" is ${kindOf(value)}; make it a string or leave it out`);
  }
  if (isWellFormed(value)) return value;
  throw new BadRow(column, `"${column}" has half a character (a lone surrogate such as \\ud83d); repair its text`);
}

/** Both scores, where both are there; one alone stays among the other columns. */
function readScores(row: Row): PairScores | undefined {
  const chosen = readScore(row, 'score_chosen');
  const rejected = readScore(row, 'score_rejected');
  return chosen === undefined || rejected === undefined ? undefined : { chosen, rejected };
}

function readScore(row: Row, column: string): number | undefined {
  const value = row[column] ?? undefined;
  if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value;
  throw new BadRow(column, `"${column}" is ${describe(value)}; make it a number or leave it out`);
}

function describe(value: unknown): string {
  return typeof value === 'number' ? String(value) : kindOf(value);
}

/** An object, or its JSON as text, where a table had no better place for it. */
function readProvenance(value: unknown): Provenance | undefined {
  const found = typeof value === 'string' && value.startsWith('{') ? tryParseJson(value) : value;
  return isProvenance(found) ? found : undefined;
}

/** Whether a column `provenance` is what a builder here writes; anybody else's is one of the other columns. */
function isProvenance(value: unknown): value is Provenance {
  if (typeof value !== 'object' || value === null) return false;
  const { builder, seed, models } = value as Partial<Record<keyof Provenance, unknown>>;
  const isBuilder = (builderIds as readonly unknown[]).includes(builder);
  return isBuilder && typeof seed === 'number' && typeof models === 'object' && models !== null;
}

function otherColumns(row: Row, taken: ReadonlySet<string>): Row | undefined {
  const others = Object.entries(row).filter(
    ([name, value]) => !taken.has(name) && value !== undefined && value !== null,
  );
  return others.length === 0 ? undefined : Object.fromEntries(others);
}
