/** A model's weights in their folder: one safetensors file, or shards with an index that says which tensor lies where. */
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

/** Tensors to be read one at a time. */
export interface Checkpoint {
  /** The file or index that errors name. */
  readonly where: string;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  read(name: string): Promise<Float32Array>;
  close(): Promise<void>;
}

export const weightsFile = 'model.safetensors';
const indexFile = `${weightsFile}.index.json`;
const shardName = /^model-\d{5}-of-\d{5}\.safetensors$/;

/**
 * Opens the weights of a model's folder: model.safetensors, or where there is none the shards of its index.
 *
 * @throws ApolabError that names what is missing and how to get it.
 */
export async function openCheckpoint(folder: string): Promise<Checkpoint> {
  const place = (file: string) => path.join(folder, file);
  if (existsSync(place(weightsFile))) {
    const single = await openSafetensors(place(weightsFile));
    return { ...single, where: single.file };
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
        throw new ApolabError(`${index}: '${name}' lies in ${quoted(file)}, expected the name of a file beside it.`);
      }
      if (!existsSync(path.join(folder, file))) {
        throw new ApolabError(`${folder} has no ${file}, where ${indexFile} says '${name}' lies. Fetch it again.`);
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
    return { where: index, tensors, read: (name) => shardOf.get(name)!.read(name), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Writes the weights as float32: into one file, or where they are more than `maxShardBytes` into shards with an index.
 * Weights that an earlier save left in the folder are removed afterwards, so that no reader mixes the two.
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

/** Tensors in their order, a new shard wherever the next one would pass the limit. */
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
