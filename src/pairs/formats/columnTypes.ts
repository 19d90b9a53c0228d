/**
 * The types of Parquet columns. A column gets the first type of this table that holds all of its values exactly; the last
 * one, JSON text, holds anything.
 */
import type { SchemaElement } from 'hyparquet';
import { stringifyJson } from './exactJson.js';
import { isWellFormed } from './isWellFormed.js';

interface ColumnTypeRow {
  /** Whether a value is read back unchanged from a column of this type. */
  holds(value: unknown): boolean;
  /** The elements of the Parquet schema that describe the column, parents first. */
  schema(name: string): SchemaElement[];
  /** A value as hyparquet-writer takes it. */
  encode(value: unknown): unknown;
}

const same = (value: unknown) => value;
const optional = { repetition_type: 'OPTIONAL' } as const;
const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } } as const;

function scalar(element: Omit<SchemaElement, 'name'>, holds: ColumnTypeRow['holds'], encode = same): ColumnTypeRow {
  return { holds, encode, schema: (name) => [{ ...element, ...optional, name }] };
}

/** A list in the layout of pyarrow and of the Hub's files: three levels, each of them optional. */
function listOf(name: string, element: SchemaElement[]): SchemaElement[] {
  return [
    { name, ...optional, num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    ...element,
  ];
}

function list(item: ColumnTypeRow): ColumnTypeRow {
  return {
    holds: (value) => Array.isArray(value) && value.every((part) => item.holds(part)),
    encode: (value) => (value as readonly unknown[]).map((part) => item.encode(part)),
    schema: (name) => listOf(name, item.schema('element')),
  };
}

// A lone surrogate cannot be encoded in UTF-8; JSON text escapes it.
const isText = (value: unknown) => typeof value === 'string' && isWellFormed(value);
const isInteger = (value: unknown) =>
  typeof value === 'bigint' ? BigInt.asIntN(64, value) === value : Number.isSafeInteger(value) && !Object.is(value, -0);

const scalars = {
  boolean: scalar({ type: 'BOOLEAN' }, (value) => typeof value === 'boolean'),
  integer: scalar({ type: 'INT64' }, isInteger, (value) => BigInt(value as number | bigint)),
  number: scalar({ type: 'DOUBLE' }, (value) => typeof value === 'number'),
  string: scalar(text, isText),
} satisfies Record<string, ColumnTypeRow>;

/** The types by name, the narrowest first. */
export const columnTypes = {
  ...scalars,
  messages: {
    holds: (value) => Array.isArray(value) && value.length > 0 && value.every(isMessage),
    encode: same,
    schema: (name) =>
      listOf(name, [
        { name: 'element', ...optional, num_children: 2 },
        { name: 'role', ...optional, ...text },
        { name: 'content', ...optional, ...text },
      ]),
  },
  booleans: list(scalars.boolean),
  integers: list(scalars.integer),
  numbers: list(scalars.number),
  strings: list(scalars.string),
  // As Hugging Face's `datasets` stores messages whose keys differ: each one as JSON, with its keys in their order. The writer
  // makes the JSON.
  jsonMessages: list(
    scalar({ type: 'BYTE_ARRAY', converted_type: 'JSON', logical_type: { type: 'JSON' } }, isJsonMessage),
  ),
  json: scalar(text, () => true, stringifyJson),
} satisfies Record<string, ColumnTypeRow>;

/** The name of a column type. */
export type ColumnType = keyof typeof columnTypes;

/** Only objects with `role` before `content`: others are written as JSON, so that their keys keep their order. */
function isMessage(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const keys = Object.keys(value);
  return keys.length === 2 && keys[0] === 'role' && keys[1] === 'content' && Object.values(value).every(isText);
}

/** Whether a value is a message with any keys, which the writer's JSON holds exactly: it rounds a `bigint`. */
function isJsonMessage(value: unknown): boolean {
  const hasRole = typeof value === 'object' && value !== null && 'role' in value && typeof value.role === 'string';
  return hasRole && !hasBigInt(value);
}

function hasBigInt(value: unknown): boolean {
  if (typeof value === 'bigint') return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasBigInt);
}

/** All types, in the table's order: the candidates for a column before its first value. */
export const anyType: readonly ColumnType[] = Object.keys(columnTypes) as ColumnType[];
