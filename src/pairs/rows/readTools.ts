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
  if (Array.isArray(tools) && tools.every((tool) => typeof tool === 'object' && tool !== null)) return tools;
  throw new BadRow('tools', `"tools" is ${kindOf(value)}; make it a list of JSON schemas, or the JSON text of one`);
}
