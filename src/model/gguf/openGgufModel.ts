/** A model in a GGUF file: everything that a folder in Hugging Face's layout has, from the metadata. */
import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { ApolabError } from '../../core/errors.js';
import { noGenerationConfig } from '../generationConfig.js';
import { files } from '../modelFolder.js';
import type { ModelSource } from '../modelSource.js';
import { createTokenizer } from '../tokenizer.js';
import { openGguf } from './container.js';
import { ggufConfig } from './ggufConfig.js';
import { ggufCheckpoint } from './ggufTensors.js';
import { ggufTokenizer } from './ggufTokenizer.js';

/**
 * The GGUF file that a path means: the path itself if it is a file, or the only `.gguf` file of a folder without config.json.
 *
 * @returns undefined if the path is a folder without such a file
 * @throws ApolabError if the folder has several.
 */
export async function ggufFileOf(place: string): Promise<string | undefined> {
  if (statSync(place).isFile()) return place;
  if (existsSync(path.join(place, files.config))) return undefined;
  const found = (await readdir(place)).filter((file) => file.endsWith('.gguf')).sort();
  if (found.length < 2) return found.length === 0 ? undefined : path.join(place, found[0]!);
  throw new ApolabError(`${place} has ${found.length} GGUF files (${found.join(', ')}). Give the path of one of them.`);
}

/**
 * Opens the model of a GGUF file. `checkpoint.close` closes the file.
 *
 * @throws ApolabError if the file is damaged or its model is not supported; it names the key or the tensor.
 */
export async function openGgufModel(file: string): Promise<ModelSource> {
  const gguf = await openGguf(file);
  try {
    const config = await ggufConfig(gguf);
    const checkpoint = ggufCheckpoint(gguf, config);
    const contents = ggufTokenizer(gguf.metadata, file);
    const tokenizer = createTokenizer(contents.tokenizer, contents.config, file, {
      vocabularySize: config.vocabularySize,
    });
    return { config, tokenizer, generationConfig: noGenerationConfig, checkpoint };
  } catch (error) {
    await gguf.close();
    throw error;
  }
}
