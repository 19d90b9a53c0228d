/** Reads the tools of a row. */
import { BadRow } from './badRow.js';
import { tryParseJson } from '../formats/exactJson.js';
import type { Row } from '../formats/fileRow.js';
import { kindOf } from './readText.js';

/**
 * The column `tools`: a list of JSON schemas, or its JSON text, as TRL reads it; undefined if there is none.
 *
 * @throws BadRow if it is anything else, as a template would fail on it
 */
export function readTools(row: Row): readonly unknown[] | undefined {
  const value = row.tools ?? undefined;
  if (value === undefined || value === '' || value === 'null') return undefined;
  const tools = typeof value === 'string' ? tryParseJson(value) : value;
  if (isListOfObjects(tools)) return tools;
  throw new BadRow('tools', `"tools" is ${kindOf(value)}; make it a list of JSON schemas, or the JSON text of one`);
}

function isListOfObjects(value: unknown): value is readonly object[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null);
}
