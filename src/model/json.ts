/** JSON files of a model's folder: read strictly; errors name the file. */
import { readFile } from 'node:fs/promises';
import { ApolabError } from '../core/errors.js';

/** The fields of a JSON object, whose values are not checked yet. */
export type JsonFields = Readonly<Record<string, unknown>>;

/**
 * The text of a UTF-8 file, without its byte-order mark if it has one.
 *
 * @throws ApolabError if the file cannot be read or is not UTF-8.
 */
export async function readText(file: string): Promise<string> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new ApolabError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  });
  return decodeUtf8(bytes, file);
}

/**
 * The text of UTF-8 bytes, without a byte-order mark.
 *
 * @param origin the file that error messages name
 * @throws ApolabError if the bytes are not UTF-8.
 */
export function decodeUtf8(bytes: Uint8Array, origin: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new ApolabError(`${origin} is not UTF-8 text. Fetch the file again, or save it as UTF-8.`, { cause: error });
  }
}

/**
 * The value of a JSON text.
 *
 * @param origin the file that error messages name
 * @throws ApolabError if the text is not valid JSON.
 */
export function parseJson(text: string, origin: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new ApolabError(`${origin} is not valid JSON: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * The fields of a JSON object.
 *
 * @param origin the file or field that error messages name
 * @throws ApolabError if the value is not an object.
 */
export function fieldsOf(value: unknown, origin: string): JsonFields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonFields;
  throw new ApolabError(`${origin} is ${quoted(value)}, expected a JSON object.`);
}

/** A value as an error message shows it: JSON of at most 80 characters, `missing` for undefined. */
export function quoted(value: unknown): string {
  const text = value === undefined ? 'missing' : asJson(value);
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}

function asJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // JSON.parse reads values nested a hundred thousand levels deep; JSON.stringify overflows the stack on them.
    if (error instanceof RangeError) return `${Array.isArray(value) ? '[' : '{'}...`;
    throw error;
  }
}
