/**
 * The GGUF container: metadata and a table of tensors, then the tensors. The header is read by Hugging Face's package; what it
 * does not check is checked here, and each tensor is read and dequantized on its own.
 */
import { gguf, GGMLQuantizationType, type GGUFParseOutput } from '@huggingface/gguf';
import { open, type FileHandle } from 'node:fs/promises';
import { ApolabError } from '../../core/errors.js';
import { quoted } from '../json.js';
import { elements, readFully } from '../safetensors.js';
import { ggufTypes, type GgufTypeName } from './dequantize.js';
import { ggufMetadata, type GgufMetadata } from './metadata.js';

/** Type, shape and place of a tensor. */
export interface GgufTensor {
  readonly type: GgufTypeName;
  /** As in PyTorch: `[out, in]`. The file has it in the opposite order. */
  readonly shape: readonly number[];
  /** First byte, counted from the beginning of the file. */
  readonly start: number;
  /** The byte after the last one. */
  readonly end: number;
}

/** An open GGUF file whose header is read and checked. */
export interface GgufFile {
  readonly file: string;
  readonly metadata: GgufMetadata;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
  /** The values of one tensor, dequantized to float32. */
  read(name: string): Promise<Float32Array>;
  close(): Promise<void>;
}

/** About this many bytes are read at once. */
const chunkBytes = 1 << 24;
const damaged = 'The file is damaged or incomplete: fetch it again.';

/**
 * Opens a GGUF file (versions 1 to 3, little endian) and checks that the header is complete and that every tensor lies in the file.
 *
 * @throws ApolabError if the file is not GGUF, is damaged, is one part of several, or has a tensor of a type that is not readable.
 */
export async function openGguf(file: string): Promise<GgufFile> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    throw new ApolabError(`${file} cannot be opened: ${(error as Error).message}`, { cause: error });
  });
  try {
    const { size } = await handle.stat();
    const header = await readHeader(handle, size, file);
    const metadata = ggufMetadata(header.metadata as unknown as Record<string, unknown>, file);
    const parts = metadata.count('split.count', 1);
    if (parts > 1) {
      throw new ApolabError(
        `${file} is one of ${parts} parts of a model. Join them with llama.cpp (llama-gguf-split --merge FIRST-PART OUT.gguf), ` +
          'or take a file of the model that is not split.',
      );
    }
    const tensors = readTensors(header, size, file);
    return {
      file,
      metadata,
      tensors,
      read: (name) => readTensor(handle, tensors, name, file),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function readHeader(handle: FileHandle, size: number, file: string): Promise<GGUFParseOutput> {
  const magic = new Uint8Array(4);
  if (size >= magic.length) await readFully(handle, magic, 0, file);
  if (String.fromCharCode(...magic) !== 'GGUF') {
    throw new ApolabError(`${file} is not a GGUF file: it does not begin with the letters GGUF.`);
  }
  const header = await gguf(file, { allowLocalFile: true }).catch((error: unknown) => {
    throw new ApolabError(`${file}: its header cannot be read (${(error as Error).message}). ${damaged}`, {
      cause: error,
    });
  });
  if (!header.littleEndian) {
    throw new ApolabError(
      `${file} is a big-endian file, which is not readable here. Take the little-endian file of the model.`,
    );
  }
  // The package reads zeros after the end of the file.
  const [, headerEnd] = header.tensorInfoByteRange;
  if (headerEnd > size) {
    throw new ApolabError(
      `${file} is cut short: its header needs ${headerEnd} bytes, the file has ${size}. ${damaged}`,
    );
  }
  return header;
}

function readTensors(header: GGUFParseOutput, size: number, file: string): Map<string, GgufTensor> {
  const tensors = new Map<string, GgufTensor>();
  for (const info of header.tensorInfos) {
    const origin = `${file}: the tensor ${quoted(info.name)}`;
    const type = GGMLQuantizationType[info.dtype] as string | undefined;
    if (type === undefined || !Object.hasOwn(ggufTypes, type)) {
      throw new ApolabError(
        `${origin} is ${type ?? `of the unknown type ${String(info.dtype)}`}; readable are ${Object.keys(ggufTypes).join(', ')}. ` +
          'Take another file of the model, such as one with Q8_0 or Q4_K_M in its name.',
      );
    }
    const { values, bytes } = ggufTypes[type as GgufTypeName];
    const shape = info.shape.map(Number).reverse();
    if (shape.length === 0 || shape.some((length) => length < 1) || !Number.isSafeInteger(elements(shape))) {
      throw new ApolabError(`${origin} has the shape [${shape.join(', ')}], expected sizes of 1 or more. ${damaged}`);
    }
    if (shape.at(-1)! % values !== 0) {
      throw new ApolabError(
        `${origin} has rows of ${shape.at(-1)!} values, but ${type} stores blocks of ${values}. ${damaged}`,
      );
    }
    if (tensors.has(info.name)) throw new ApolabError(`${origin} is there twice. ${damaged}`);
    const start = Number(header.tensorDataOffset + info.offset);
    const end = start + (elements(shape) / values) * bytes;
    tensors.set(info.name, { type: type as GgufTypeName, shape, start, end });
  }
  checkRanges(tensors, size, file);
  return tensors;
}

/** Checks that the tensors lie in the file one after the other. */
function checkRanges(tensors: ReadonlyMap<string, GgufTensor>, size: number, file: string): void {
  let reached = 0;
  for (const [name, { start, end }] of [...tensors].sort(([, a], [, b]) => a.start - b.start)) {
    if (!Number.isSafeInteger(end) || end > size) {
      throw new ApolabError(
        `${file} is cut short: the tensor ${quoted(name)} ends at byte ${end} of ${size}. ${damaged}`,
      );
    }
    if (start < reached) {
      throw new ApolabError(`${file}: the tensor ${quoted(name)} overlaps the one before it. ${damaged}`);
    }
    reached = end;
  }
}

async function readTensor(
  handle: FileHandle,
  tensors: ReadonlyMap<string, GgufTensor>,
  name: string,
  file: string,
): Promise<Float32Array> {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new ApolabError(`${file} has no tensor ${quoted(name)}.`);
  const { values, bytes, convert } = ggufTypes[tensor.type];
  const result = new Float32Array(elements(tensor.shape));
  const whole = Math.floor(chunkBytes / bytes) * bytes;
  const chunk = new Uint8Array(Math.min(whole, tensor.end - tensor.start));
  for (let position = tensor.start; position < tensor.end; position += chunk.length) {
    const part = chunk.subarray(0, Math.min(chunk.length, tensor.end - position));
    await readFully(handle, part, position, file);
    const first = ((position - tensor.start) / bytes) * values;
    convert(part, result.subarray(first, first + (part.length / bytes) * values));
  }
  return result;
}
