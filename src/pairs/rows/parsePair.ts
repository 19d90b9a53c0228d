/**
 * Parses one row of a pairs file: a preference pair, or the reason why it is not one and how to fix it.
 *
 * TRL's two forms are accepted: the standard one (three strings) and the conversational one (lists of `{role, content}` that
 * end with the answer). The messages before the answers may have several turns and a system message; the last one is the
 * user's prompt.
 */
import { type PairScores, type PreferencePair, type Provenance } from '../pair.js';
import { attempt, BadRow, type Skipped } from './badRow.js';
import { tryParseJson } from '../formats/exactJson.js';
import type { Row } from '../formats/fileRow.js';
import { parseObject } from '../formats/parseObject.js';
import { kindOf, readAnswer, readPrompt } from './readValues.js';
import { isWellFormed } from '../formats/isWellFormed.js';
import { builderIds } from '../../builders/catalog.js';

/** A pair, or the reason why the row is not one. */
export type ParsedRow = { readonly kind: 'pair'; readonly pair: PreferencePair } | Skipped;

/**
 * Parses one line of JSONL.
 *
 * @example
 * parsePair('{"prompt": "1 + 1 ?", "chosen": " 2", "rejected": " 3"}').kind; // 'pair'
 */
export function parsePair(text: string): ParsedRow {
  const parsed = parseObject(text);
  return parsed.kind === 'values' ? pairOfRow(parsed.values) : { kind: 'skipped', reason: parsed.reason };
}

/**
 * Parses the columns of one row of any format.
 *
 * In the conversational form the prompt may be a string, a list, or missing (then it is taken from the messages before the
 * answers). A reviser's reasoning is read from `rationale`, or from `rational`, the spelling of the published CLAIR set.
 * `score_chosen` and `score_rejected` are numbers. Other columns are kept in `columns`; null counts as missing.
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
  throw new BadRow(column, `"${column}" has half a character (a lone surrogate such as \\ud83d); fix its text`);
}

/** Both scores; if only one is given it stays among the other columns. */
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

/** An object, or its JSON text, which some tables hold instead. */
function readProvenance(value: unknown): Provenance | undefined {
  const found = typeof value === 'string' && value.startsWith('{') ? tryParseJson(value) : value;
  return isProvenance(found) ? found : undefined;
}

/** Whether a column `provenance` has the form that the builders write; any other is kept among the other columns. */
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
