/**
 * What a column of Parquet can hold. The type of a column is the first of this table that holds all of its values exactly;
 * the last one, JSON text, holds anything.
 */
import type { SchemaElement } from 'hyparquet';
import { stringifyJson } from './exactJson.js';
import { isWellFormed } from './isWellFormed.js';

interface ColumnKind {
  /** Whether a value survives this type unchanged. */
  holds(value: unknown): boolean;
  /** The elements of a Parquet schema that describe the column, from the top down. */
  schema(name: string): SchemaElement[];
  /** A value as the writer wants it. */
  encode(value: unknown): unknown;
}

const same = (value: unknown) => value;
const optional = { repetition_type: 'OPTIONAL' } as const;
const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } } as const;

function scalar(element: Omit<SchemaElement, 'name'>, holds: ColumnKind['holds'], encode = same): ColumnKind {
  return { holds, encode, schema: (name) => [{ ...element, ...optional, name }] };
}

/** A list as pyarrow and the Hub's files have it: three levels, each of which may be null. */
function listOf(name: string, element: SchemaElement[]): SchemaElement[] {
  return [
    { name, ...optional, num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    ...element,
  ];
}

function list(item: ColumnKind): ColumnKind {
  return {
    holds: (value) => Array.isArray(value) && value.every((part) => item.holds(part)),
    encode: (value) => (value as readonly unknown[]).map((part) => item.encode(part)),
    schema: (name) => listOf(name, item.schema('element')),
  };
}

// Half a character has no UTF-8: JSON writes it as an escape.
const isText = (value: unknown) => typeof value === 'string' && isWellFormed(value);
const isInteger = (value: unknown) =>
  typeof value === 'bigint' ? BigInt.asIntN(64, value) === value : Number.isSafeInteger(value) && !Object.is(value, -0);

const scalars = {
  boolean: scalar({ type: 'BOOLEAN' }, (value) => typeof value === 'boolean'),
  integer: scalar({ type: 'INT64' }, isInteger, (value) => BigInt(value as number | bigint)),
  number: scalar({ type: 'DOUBLE' }, (value) => typeof value === 'number'),
  string: scalar(text, isText),
} satisfies Record<string, ColumnKind>;

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
  json: scalar(text, () => true, stringifyJson),
} satisfies Record<string, ColumnKind>;

export type ColumnType = keyof typeof columnTypes;

/** `role` before `content`: an object of another order is kept as JSON, so that it comes back as it was. */
function isMessage(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const keys = Object.keys(value);
  return keys.length === 2 && keys[0] === 'role' && keys[1] === 'content' && Object.values(value).every(isText);
}

/** All types, of which a column's values leave some; the first that is left is the column's. */
export const anyType: readonly ColumnType[] = Object.keys(columnTypes) as ColumnType[];
