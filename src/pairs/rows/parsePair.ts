/**
 * Parses one row of a pairs file: a preference pair, or the reason why it is not one and how to fix it.
 *
 * TRL's two forms are accepted: the standard one (three strings) and the conversational one (lists of `{role, content}` that
 * end with the answer). The messages before the answers may have several turns and a system message; the last one is the
 * user's prompt or a tool's answer. Other forms are translated first, by the table of foreignRows.ts.
 */
import type { PreferencePair, Provenance } from '../pair.js';
import { asMessages, isText, textOf } from './answerText.js';
import { attempt, BadRow, type Skipped } from './badRow.js';
import { tryParseJson } from '../formats/exactJson.js';
import type { Row } from '../formats/fileRow.js';
import { parseObject } from '../formats/parseObject.js';
import { asPairRow } from './foreignRows.js';
import { sameValue } from './readMessages.js';
import { readScores } from './readScores.js';
import { kindOf } from './readText.js';
import { readTools } from './readTools.js';
import { readAnswer, readPrompt, type AnswerRead } from './readValues.js';
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
 * The prompt may be missing: then it is what both responses begin with, in either form. A reviser's reasoning is read from `rationale`, or from `rational`, the spelling of the published CLAIR set.
 * `score_chosen` and `score_rejected` are numbers, `tools` a list. Other columns are kept in `columns`; null counts as missing.
 *
 * @example
 * pairOfRow({ prompt: '1 + 1 ?', chosen: ' 2', rejected: ' 3' }).kind; // 'pair'
 */
export function pairOfRow(row: Row): ParsedRow {
  return attempt(() => ({ kind: 'pair', pair: toPair(row) }));
}

function toPair(given: Row): PreferencePair {
  const row = asPairRow(given);
  const read = readPrompt(row, [readAnswer(row, 'chosen'), readAnswer(row, 'rejected')]);
  const [chosen, rejected] = read.answers as [AnswerRead, AnswerRead];
  if (sameValue(asMessages(chosen), asMessages(rejected))) {
    throw new BadRow(
      'rejected',
      '"chosen" and "rejected" are equal, which prefers nothing; change one or remove the row',
    );
  }
  const taken = new Set(['prompt', 'chosen', 'rejected', 'rationale', 'rational']);
  const rationale = readRationale(row);
  const { scores, taken: takenScores } = readScores(row);
  const provenance = readProvenance(row.provenance);
  if (provenance !== undefined) taken.add('provenance');
  const tools = readTools(row);
  if (tools !== undefined) taken.add('tools');
  const columns = otherColumns(row, new Set([...taken, ...takenScores]));
  const isPlain = isText(chosen) && isText(rejected);
  return {
    prompt: read.prompt,
    chosen: textOf(chosen),
    rejected: textOf(rejected),
    ...(rationale === undefined ? {} : { rationale }),
    ...(read.conversation === undefined ? {} : { conversation: read.conversation }),
    ...(isPlain ? {} : { responseMessages: { chosen: asMessages(chosen), rejected: asMessages(rejected) } }),
    ...(tools === undefined ? {} : { tools }),
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
