/** A model's weights in their folder: one safetensors file, or shards with an index that maps each tensor to its file. */
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { ApolabError } from '../core/errors.js';
import { writeAtomic } from '../core/atomicFile.js';
import { floatTypes } from './floats.js';
import { fieldsOf, parseJson, quoted, readText } from './json.js';
import {
  elements,
  openSafetensors,
  writeSafetensors,
  type SafetensorsFile,
  type TensorEntry,
  type TensorSource,
} from './safetensors.js';

/** A model's stored tensors, which are read one at a time. */
export interface Checkpoint {
  /** The file or index that error messages name. */
  readonly origin: string;
  readonly tensors: ReadonlyMap<string, Pick<TensorEntry, 'shape'>>;
  /** The values of one tensor, converted to float32. */
  read(name: string): Promise<Float32Array>;
  close(): Promise<void>;
}

/** File name of weights that are not sharded. */
export const weightsFile = 'model.safetensors';
const indexFile = `${weightsFile}.index.json`;
const shardName = /^model-\d{5}-of-\d{5}\.safetensors$/;

/**
 * Opens the weights of a model's folder: model.safetensors or, if it does not exist, the shards of its index.
 *
 * @throws ApolabError if weights are missing or damaged; the message says how to get them.
 */
export async function openCheckpoint(folder: string): Promise<Checkpoint> {
  const place = (file: string) => path.join(folder, file);
  if (existsSync(place(weightsFile))) {
    const single = await openSafetensors(place(weightsFile));
    return { ...single, origin: single.file };
  }
  if (existsSync(place(indexFile))) return openShards(folder, place(indexFile));
  const pickled = ['pytorch_model.bin', 'pytorch_model.bin.index.json'].find((file) => existsSync(place(file)));
  throw new ApolabError(
    pickled === undefined
      ? `${folder} has no ${weightsFile} and no ${indexFile}: without weights there is no model.`
      : `${folder} has ${pickled} but no ${weightsFile}. Load it once with transformers and save it again ` +
          '(save_pretrained writes safetensors).',
  );
}

async function openShards(folder: string, index: string): Promise<Checkpoint> {
  const fields = fieldsOf(parseJson(await readText(index), index), index);
  const map = Object.entries(fieldsOf(fields.weight_map, `${index}: weight_map`));
  const shards = new Map<string, SafetensorsFile>();
  const close = async () => {
    for (const shard of shards.values()) await shard.close();
  };
  try {
    const tensors = new Map<string, TensorEntry>();
    const shardOf = new Map<string, SafetensorsFile>();
    for (const [name, file] of map) {
      if (typeof file !== 'string' || path.basename(file) !== file || file === '') {
        throw new ApolabError(
          `${index}: '${name}' is in ${quoted(file)}, expected the name of a file in the same folder.`,
        );
      }
      if (!existsSync(path.join(folder, file))) {
        throw new ApolabError(`${folder} has no ${file}, which ${indexFile} names for '${name}'. Fetch it again.`);
      }
      const shard = shards.get(file) ?? (await openSafetensors(path.join(folder, file)));
      shards.set(file, shard);
      const entry = shard.tensors.get(name);
      if (entry === undefined) {
        throw new ApolabError(`${shard.file} has no tensor '${name}', which ${indexFile} says it has.`);
      }
      tensors.set(name, entry);
      shardOf.set(name, shard);
    }
    return { origin: index, tensors, read: (name) => shardOf.get(name)!.read(name), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Writes the weights as float32: to one file, or to shards with an index if they have more than `maxShardBytes` bytes.
 * Weights of an earlier save in the same folder are removed afterwards, so that no reader mixes the two.
 */
export async function saveCheckpoint(
  folder: string,
  tensors: Readonly<Record<string, TensorSource>>,
  maxShardBytes: number,
): Promise<void> {
  const shards = planShards(tensors, maxShardBytes);
  const names = shards.map((_, index) =>
    shards.length === 1 ? weightsFile : `model-${counted(index + 1)}-of-${counted(shards.length)}.safetensors`,
  );
  for (const [index, shard] of shards.entries()) await writeSafetensors(path.join(folder, names[index]!), shard);
  const kept = new Set(names);
  if (shards.length > 1) {
    const weightMap = shards.flatMap((shard, index) =>
      Object.keys(shard).map((name) => [name, names[index]!] as const),
    );
    const content = { metadata: { total_size: bytesOf(tensors) }, weight_map: Object.fromEntries<string>(weightMap) };
    await writeAtomic(path.join(folder, indexFile), `${JSON.stringify(content, null, 2)}\n`);
    kept.add(indexFile);
  }
  const stale = (file: string) => file === weightsFile || file === indexFile || shardName.test(file);
  for (const file of await readdir(folder)) {
    if (stale(file) && !kept.has(file)) await rm(path.join(folder, file));
  }
}

/** Splits the tensors, in their order, into shards of at most `maxShardBytes`; a larger tensor gets a shard of its own. */
function planShards(
  tensors: Readonly<Record<string, TensorSource>>,
  maxShardBytes: number,
): Record<string, TensorSource>[] {
  const shards: Record<string, TensorSource>[] = [{}];
  let filled = 0;
  for (const [name, tensor] of Object.entries(tensors)) {
    const bytes = bytesOf({ [name]: tensor });
    if (filled > 0 && filled + bytes > maxShardBytes) {
      shards.push({});
      filled = 0;
    }
    shards.at(-1)![name] = tensor;
    filled += bytes;
  }
  return shards;
}

const bytesOf = (tensors: Readonly<Record<string, TensorSource>>) =>
  Object.values(tensors).reduce((sum, { shape }) => sum + elements(shape) * floatTypes.F32.size, 0);

const counted = (number: number) => String(number).padStart(5, '0');
