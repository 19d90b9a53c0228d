/**
 * The safetensors format: 8 bytes with the header's length, a JSON header with each tensor's type, shape and byte range, then the
 * tensors. F32, F16 and BF16 are read as float32, F32 is written; both one tensor at a time.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { ApolabError } from '../core/errors.js';
import { writeAtomic } from '../core/atomicFile.js';
import { floatTypes, type FloatType } from './floats.js';
import { decodeUtf8, fieldsOf, parseJson, quoted } from './json.js';

/** The shape and values of one tensor, outside of any backend. */
export interface TensorValues {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A tensor whose values are read only when they are written, so that one tensor at a time is in memory. */
export interface TensorSource {
  readonly shape: readonly number[];
  read(): Promise<Float32Array>;
}

/** Type, shape and byte range of a tensor in its file. */
export interface TensorEntry {
  readonly dtype: keyof typeof floatTypes;
  readonly shape: readonly number[];
  /** First byte, counted from the beginning of the file. */
  readonly start: number;
  /** The byte after the last one. */
  readonly end: number;
}

/** An open safetensors file; its header is read and checked. */
export interface SafetensorsFile {
  readonly file: string;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** The values of one tensor, converted to float32. */
  read(name: string): Promise<Float32Array>;
  close(): Promise<void>;
}

const lengthBytes = 8;
/** Longer headers are refused, as in the reference implementation. */
const longestHeader = 100_000_000;
/** Bytes per read; a multiple of every element size. */
const chunkBytes = 1 << 24;

/**
 * Opens a safetensors file and checks that the header describes every byte of it.
 *
 * @throws ApolabError if the file is cut short, has a type that is not supported, or its tensors overlap or leave gaps. It names
 * the tensor.
 */
export async function openSafetensors(file: string): Promise<SafetensorsFile> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    throw new ApolabError(`${file} cannot be opened: ${(error as Error).message}`, { cause: error });
  });
  try {
    const { size } = await handle.stat();
    const tensors = await readHeader(handle, size, file);
    return { file, tensors, read: (name) => readTensor(handle, tensors, name, file), close: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * Reads every tensor of a safetensors file as float32.
 *
 * @throws ApolabError for the same reasons as `openSafetensors`.
 *
 * @example
 * const { 'model.norm.weight': norm } = await readSafetensors('policy/model.safetensors');
 */
export async function readSafetensors(file: string): Promise<Record<string, TensorValues>> {
  const opened = await openSafetensors(file);
  try {
    const result: Record<string, TensorValues> = {};
    for (const [name, { shape }] of opened.tensors) result[name] = { shape, values: await opened.read(name) };
    return result;
  } finally {
    await opened.close();
  }
}

/**
 * Writes tensors as float32. The file appears under its name only when it is complete.
 *
 * @param metadata free text in the header
 */
export async function writeSafetensors(
  file: string,
  tensors: Readonly<Record<string, TensorValues | TensorSource>>,
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
): Promise<void> {
  let offset = 0;
  const entries = Object.entries(tensors).map(([name, { shape }]) => {
    const from = offset;
    offset += elements(shape) * floatTypes.F32.size;
    return [name, { dtype: 'F32', shape, data_offsets: [from, offset] }] as const;
  });
  const json = JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) });
  // Readers map the file into memory: a header of a multiple of 8 bytes keeps the tensors aligned.
  const header = Buffer.from(json.padEnd(json.length + ((8 - (Buffer.byteLength(json) % 8)) % 8)));
  const length = Buffer.alloc(lengthBytes);
  length.writeBigUInt64LE(BigInt(header.length));
  await writeAtomic(
    file,
    (async function* () {
      yield length;
      yield header;
      for (const tensor of Object.values(tensors)) {
        const values = 'read' in tensor ? await tensor.read() : tensor.values;
        yield new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      }
    })(),
  );
}

/** The number of elements of a tensor with this shape. */
export function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

async function readHeader(handle: FileHandle, size: number, file: string): Promise<Map<string, TensorEntry>> {
  const cutShort = () =>
    new ApolabError(`${file} is cut short: ${size} bytes are no complete header. Fetch or save the file again.`);
  if (size < lengthBytes) throw cutShort();
  const length = Buffer.alloc(lengthBytes);
  await readFully(handle, length, 0, file);
  const headerLength = length.readBigUInt64LE();
  if (headerLength > BigInt(longestHeader)) {
    throw new ApolabError(
      `${file} is not a safetensors file: its header would have ${headerLength.toString()} bytes. Fetch or save it again.`,
    );
  }
  const dataStart = lengthBytes + Number(headerLength);
  if (dataStart > size) throw cutShort();
  const header = new Uint8Array(Number(headerLength));
  await readFully(handle, header, lengthBytes, file);
  const origin = `${file}: the header`;
  const fields = fieldsOf(parseJson(decodeUtf8(header, origin), origin), origin);
  const entries = Object.entries(fields)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => [name, tensorEntry(value, `${file}: '${name}'`, dataStart)] as const);
  checkRanges(entries, dataStart, size, file);
  return new Map(entries);
}

function tensorEntry(value: unknown, origin: string, dataStart: number): TensorEntry {
  const { dtype, shape, data_offsets: offsets } = fieldsOf(value, origin);
  if (typeof dtype !== 'string' || !Object.hasOwn(floatTypes, dtype)) {
    throw new ApolabError(
      `${origin} is ${quoted(dtype)}; readable are ${Object.keys(floatTypes).join(', ')}. Convert the checkpoint first.`,
    );
  }
  if (!isListOfCounts(shape) || !Number.isSafeInteger(elements(shape))) {
    throw new ApolabError(`${origin} has the shape ${quoted(shape)}, expected a list of sizes.`);
  }
  if (!isListOfCounts(offsets) || offsets.length !== 2) {
    throw new ApolabError(`${origin} has the data_offsets ${quoted(offsets)}, expected [from, to].`);
  }
  const [from, to] = offsets as [number, number];
  const type = dtype as keyof typeof floatTypes;
  const needed = elements(shape) * floatTypes[type].size;
  if (to - from !== needed) {
    throw new ApolabError(
      `${origin} spans ${to - from} bytes, but shape [${shape.join(', ')}] of ${dtype} needs ${needed}.`,
    );
  }
  return { dtype: type, shape, start: dataStart + from, end: dataStart + to };
}

/** Checks that the tensors fill the file from the header to its end without gaps: anything else is damage. */
function checkRanges(
  entries: readonly (readonly [string, TensorEntry])[],
  dataStart: number,
  size: number,
  file: string,
) {
  let reached = dataStart;
  for (const [name, { start, end }] of [...entries].sort(([, a], [, b]) => a.start - b.start || a.end - b.end)) {
    if (end > size) {
      throw new ApolabError(
        `${file} is cut short: '${name}' ends at byte ${end} of ${size}. Fetch or save the file again.`,
      );
    }
    if (start !== reached) {
      const what = start < reached ? 'overlaps the tensor before it' : 'leaves a gap before it';
      throw new ApolabError(
        `${file}: '${name}' begins at byte ${start}, expected ${reached}: it ${what}. Fetch or save the file again.`,
      );
    }
    reached = end;
  }
  if (reached !== size) {
    throw new ApolabError(`${file} has ${size - reached} bytes after its last tensor. Fetch or save the file again.`);
  }
}

async function readTensor(
  handle: FileHandle,
  tensors: ReadonlyMap<string, TensorEntry>,
  name: string,
  file: string,
): Promise<Float32Array> {
  const entry = tensors.get(name);
  if (entry === undefined) throw new ApolabError(`${file} has no tensor '${name}'.`);
  const type: FloatType = floatTypes[entry.dtype];
  const values = new Float32Array(elements(entry.shape));
  if (entry.dtype === 'F32') {
    await readFully(handle, new Uint8Array(values.buffer), entry.start, file);
    return values;
  }
  const chunk = new Uint8Array(Math.min(chunkBytes, entry.end - entry.start));
  for (let position = entry.start; position < entry.end; position += chunk.length) {
    const part = chunk.subarray(0, Math.min(chunk.length, entry.end - position));
    await readFully(handle, part, position, file);
    const first = (position - entry.start) / type.size;
    type.convert(part, values.subarray(first, first + part.length / type.size));
  }
  return values;
}

/** Fills `bytes` from the file, starting at byte `position`. */
export async function readFully(handle: FileHandle, bytes: Uint8Array, position: number, file: string): Promise<void> {
  for (let filled = 0; filled < bytes.length;) {
    const wanted = Math.min(chunkBytes, bytes.length - filled);
    const { bytesRead } = await handle.read(bytes, filled, wanted, position + filled);
    if (bytesRead === 0) {
      throw new ApolabError(`${file} became shorter while it was read. Does another process write it?`);
    }
    filled += bytesRead;
  }
}

function isListOfCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && (count as number) >= 0);
}
