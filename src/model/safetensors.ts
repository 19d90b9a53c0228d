/**
 * The safetensors format: 8 bytes with the header's length, a JSON header that says where each tensor lies, the bytes.
 * F32, F16 and BF16 are read, all as float32; F32 is written.
 */
import { readFile } from 'node:fs/promises';
import { ApolabError } from '../errors.js';
import { writeAtomic } from '../files.js';
import type { TensorValues } from './parameters.js';

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const lengthBytes = 8;

const readers: Readonly<
  Record<string, { readonly bytes: number; readonly read: (bytes: DataView, offset: number) => number }>
> = {
  F32: { bytes: 4, read: (view, offset) => view.getFloat32(offset, true) },
  F16: { bytes: 2, read: (view, offset) => halfToFloat(view.getUint16(offset, true)) },
  BF16: { bytes: 2, read: (view, offset) => bfloatToFloat(view.getUint16(offset, true)) },
};

/**
 * Reads every tensor of a safetensors file as float32.
 *
 * @throws ApolabError that names the tensor, where the file is cut short or holds a type that is not read.
 */
export async function readSafetensors(file: string): Promise<Record<string, TensorValues>> {
  const bytes = await readFile(file);
  const headerLength = bytes.length < lengthBytes ? Infinity : Number(bytes.readBigUInt64LE(0));
  const start = lengthBytes + headerLength;
  if (start > bytes.length) {
    throw new ApolabError(
      `${file} is cut short: ${bytes.length} bytes hold no complete header. Fetch or save the file again.`,
    );
  }
  const header = parseHeader(bytes.toString('utf8', lengthBytes, start), file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Object.fromEntries(
    Object.entries(header).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]) => {
        const reader = readers[dtype];
        if (reader === undefined) {
          throw new ApolabError(
            `${file}: '${name}' is ${dtype}; readable are ${Object.keys(readers).join(', ')}. Convert the checkpoint first.`,
          );
        }
        const count = shape.reduce((product, size) => product * size, 1);
        if (to - from !== count * reader.bytes) {
          throw new ApolabError(
            `${file}: '${name}' spans ${to - from} bytes, but shape [${shape.join(', ')}] of ${dtype} needs ${count * reader.bytes}.`,
          );
        }
        if (start + to > bytes.length) {
          throw new ApolabError(
            `${file} is cut short: '${name}' ends at byte ${start + to} of ${bytes.length}. Fetch or save the file again.`,
          );
        }
        const values = new Float32Array(count);
        for (let index = 0; index < count; index++)
          values[index] = reader.read(view, start + from + index * reader.bytes);
        return [name, { shape, values }];
      },
    ),
  );
}

/** Writes tensors as float32, whole or not at all; `metadata` is free text beside them. */
export async function writeSafetensors(
  file: string,
  tensors: Readonly<Record<string, TensorValues>>,
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
): Promise<void> {
  let offset = 0;
  const entries = Object.entries(tensors).map(([name, { shape, values }]): [string, HeaderEntry] => {
    const from = offset;
    offset += values.byteLength;
    return [name, { dtype: 'F32', shape, data_offsets: [from, offset] }];
  });
  const json = JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) });
  // Readers map the file into memory: padding the header to 8 bytes keeps the tensors aligned.
  const header = Buffer.from(json.padEnd(Math.ceil(Buffer.byteLength(json) / 8) * 8));
  const length = Buffer.alloc(lengthBytes);
  length.writeBigUInt64LE(BigInt(header.length));
  const data = Object.values(tensors).map(({ values }) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength),
  );
  await writeAtomic(file, Buffer.concat([length, header, ...data]));
}

function parseHeader(text: string, file: string): Record<string, HeaderEntry> {
  try {
    const entries = Object.entries(JSON.parse(text) as Record<string, HeaderEntry>);
    return Object.fromEntries(entries.filter(([name]) => name !== '__metadata__'));
  } catch (error) {
    throw new ApolabError(`${file} is no safetensors file: its header is not JSON.`, { cause: error });
  }
}

function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const bits = new DataView(new ArrayBuffer(4));

/** bfloat16 is the upper half of a float32. */
function bfloatToFloat(half: number): number {
  bits.setUint32(0, half * 0x10000);
  return bits.getFloat32(0);
}
