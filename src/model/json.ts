/** JSON files of a model's folder: read strictly, refused with the file's name. */
import { readFile } from 'node:fs/promises';
import { ApolabError } from '../core/errors.js';

/** The fields of a JSON object, not yet checked. */
export type JsonFields = Readonly<Record<string, unknown>>;

/**
 * The text of a UTF-8 file (without a byte-order mark, where it has one).
 *
 * @throws ApolabError where the file cannot be read or is not UTF-8.
 */
export async function readText(file: string): Promise<string> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new ApolabError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  });
  return decodeUtf8(bytes, file);
}

/** @throws ApolabError where the bytes are not UTF-8; `where` names their file. */
export function decodeUtf8(bytes: Uint8Array, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new ApolabError(`${where} is not UTF-8 text. Fetch the file again, or save it as UTF-8.`, { cause: error });
  }
}

/** @throws ApolabError where the text is no JSON; `where` names its file. */
export function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new ApolabError(`${where} is not valid JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** @throws ApolabError where the value is no JSON object. */
export function fieldsOf(value: unknown, where: string): JsonFields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonFields;
  throw new ApolabError(`${where} is ${quoted(value)}, expected a JSON object.`);
}

/** A value as an error message shows it: as JSON, a long one cut. */
export function quoted(value: unknown): string {
  const text = value === undefined ? 'missing' : asJson(value);
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}

function asJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // Lists in lists, a hundred thousand deep: parsed, but too deep to be written.
    if (error instanceof RangeError) return `${Array.isArray(value) ? '[' : '{'}...`;
    throw error;
  }
}
