/** The metadata of a GGUF file: typed values by key. Errors name the file and the key. */
import { ApolabError } from '../../core/errors.js';
import { quoted } from '../json.js';

/** Reads metadata by key. A method without a default throws if the key is missing; each throws if the value has another type. */
export interface GgufMetadata {
  has(key: string): boolean;
  text(key: string, fallback?: string): string;
  /** A whole number of 0 or more. */
  count(key: string, fallback?: number): number;
  number(key: string, fallback?: number): number;
  flag(key: string, fallback: boolean): boolean;
  texts(key: string): readonly string[];
  numbers(key: string): readonly number[];
}

/**
 * Wraps the values that the package read.
 *
 * @param origin the file that error messages name
 */
export function ggufMetadata(values: Readonly<Record<string, unknown>>, origin: string): GgufMetadata {
  const given = new Map(Object.entries(values));
  /** The value of a key as `convert` returns it: undefined if the value has another type. */
  function read<T>(key: string, expected: string, convert: (value: unknown) => T | undefined, fallback?: T): T {
    if (!given.has(key) && fallback !== undefined) return fallback;
    const converted = convert(given.get(key));
    if (converted !== undefined) return converted;
    throw new ApolabError(
      `${origin}: the metadata's ${key} is ${quoted(plain(given.get(key)))}, expected ${expected}. ` +
        'The file is damaged, or an old version of llama.cpp wrote it: fetch it again, or take a newer file of the model.',
    );
  }
  const listOf = <T>(value: unknown, convert: (item: unknown) => T | undefined): T[] | undefined => {
    if (!Array.isArray(value)) return undefined;
    const items = value.map(convert);
    return items.some((item) => item === undefined) ? undefined : (items as T[]);
  };
  return {
    has: (key) => given.has(key),
    text: (key, fallback) => read(key, 'a text', asText, fallback),
    count: (key, fallback) => read(key, 'a whole number of 0 or more', asCount, fallback),
    number: (key, fallback) => read(key, 'a number', asNumber, fallback),
    flag: (key, fallback) =>
      read(key, 'true or false', (value) => (typeof value === 'boolean' ? value : undefined), fallback),
    texts: (key) => read(key, 'a list of texts', (value) => listOf(value, asText)),
    numbers: (key) => read(key, 'a list of numbers', (value) => listOf(value, asNumber)),
  };
}

const asText = (value: unknown) => (typeof value === 'string' ? value : undefined);

/** 64-bit integers arrive as bigint. */
function asNumber(value: unknown): number | undefined {
  const number = typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

function asCount(value: unknown): number | undefined {
  const number = asNumber(value);
  return Number.isSafeInteger(number) && number! >= 0 ? number : undefined;
}

/** JSON has no bigint. */
const plain = (value: unknown) => (typeof value === 'bigint' ? Number(value) : value);
