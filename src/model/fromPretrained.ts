/** Reads a model from a folder in Hugging Face's layout, or from a GGUF file. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { ApolabError } from '../core/errors.js';
import { useBackend } from '../tensor/index.js';
import { additionalTemplatesFolder } from './chatTemplates.js';
import { openCheckpoint } from './checkpoint.js';
import { parseConfig } from './config.js';
import { noGenerationConfig, parseGenerationConfig } from './generationConfig.js';
import { ggufFileOf, openGgufModel } from './gguf/openGgufModel.js';
import { fieldsOf, parseJson, readText } from './json.js';
import { LanguageModel } from './languageModel.js';
import { checkMemory, weightBytes } from './memory.js';
import { files } from './modelFolder.js';
import type { ModelSource } from './modelSource.js';
import { checkTensors, loadParameters } from './parameters.js';
import { createTokenizer, type Tokenizer } from './tokenizer.js';
import type { TokenizerJson } from './tokenizerFiles.js';

const needed = [files.config, files.tokenizer, files.tokenizerConfig];

/**
 * Reads a model: a folder in Hugging Face's layout, a GGUF file, or a folder that holds one GGUF file.
 *
 * A folder has config.json, model.safetensors (or shards with their index; F32, F16 and BF16, all converted to float32),
 * tokenizer.json, tokenizer_config.json and, if they exist, chat_template.jinja, additional_chat_templates/*.jinja and
 * generation_config.json. A GGUF file has all of it; its weights (F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K)
 * are dequantized to float32.
 * Architectures: llama (SmolLM and SmolLM2 too), mistral, qwen2, qwen3, smollm3. Weights are read one tensor at a time, so
 * the peak of memory is little more than the weights as float32.
 *
 * @throws ApolabError if a file or tensor is missing, damaged or does not fit; it names the file or the tensor.
 * @throws OutOfMemoryError if the weights do not fit into the memory that the backend can use.
 *
 * @example
 * const policy = await models.fromPretrained('datasets/miniature-world/policy-0');
 * const quantized = await models.fromPretrained('SmolLM2-135M-Instruct.Q4_1.gguf');
 */
export async function fromPretrained(place: string): Promise<LanguageModel> {
  await useBackend();
  const { config, tokenizer, generationConfig, checkpoint } = await openModel(place);
  try {
    checkTensors(config, checkpoint);
    checkMemory(`The model in ${place}`, { 'its weights': weightBytes(config) }, [
      'a smaller model',
      'a machine with more memory',
    ]);
    const parameters = await loadParameters(config, checkpoint);
    return new LanguageModel(config, parameters, tokenizer, undefined, generationConfig);
  } finally {
    await checkpoint.close();
  }
}

/**
 * Opens a model without reading its weights. `checkpoint.close` closes its files.
 *
 * @param place a folder or a GGUF file, as for `fromPretrained`
 * @throws ApolabError if a file is missing or damaged; it names the file.
 */
export async function openModel(place: string): Promise<ModelSource> {
  if (!existsSync(place)) {
    throw new ApolabError(
      `${place} does not exist; expected a GGUF file, or a folder with ${needed.join(', ')} and the weights.`,
    );
  }
  const gguf = await ggufFileOf(place);
  return gguf === undefined ? openFolder(place) : openGgufModel(gguf);
}

async function openFolder(folder: string): Promise<ModelSource> {
  const place = (file: string) => path.join(folder, file);
  for (const file of needed) {
    if (!existsSync(place(file))) {
      throw new ApolabError(`${folder} has no ${file}; a model's folder holds ${needed.join(', ')} and the weights.`);
    }
  }
  const config = parseConfig(await readText(place(files.config)), place(files.config));
  const tokenizer = await readTokenizer(folder, config.vocabularySize);
  const generationConfig = existsSync(place(files.generationConfig))
    ? parseGenerationConfig(await readText(place(files.generationConfig)), place(files.generationConfig))
    : noGenerationConfig;
  return { config, tokenizer, generationConfig, checkpoint: await openCheckpoint(folder) };
}

async function readTokenizer(folder: string, vocabularySize: number): Promise<Tokenizer> {
  const place = (file: string) => path.join(folder, file);
  const tokenizerText = await readText(place(files.tokenizer));
  const configText = await readText(place(files.tokenizerConfig));
  const fields = (text: string, file: string) => fieldsOf(parseJson(text, place(file)), place(file));
  const template = existsSync(place(files.chatTemplate)) ? await readText(place(files.chatTemplate)) : undefined;
  const additionalTemplates = await readAdditionalTemplates(place(additionalTemplatesFolder));
  return createTokenizer(
    fields(tokenizerText, files.tokenizer) as unknown as TokenizerJson,
    fields(configText, files.tokenizerConfig),
    folder,
    {
      vocabularySize,
      texts: { [files.tokenizer]: tokenizerText, [files.tokenizerConfig]: configText },
      ...(template === undefined ? {} : { chatTemplate: template }),
      ...(additionalTemplates === undefined ? {} : { additionalTemplates }),
    },
  );
}

/** The texts of `<name>.jinja` in a folder, by name; undefined if there are none. */
async function readAdditionalTemplates(folder: string): Promise<Record<string, string> | undefined> {
  if (!existsSync(folder)) return undefined;
  const suffix = '.jinja';
  const names = (await readdir(folder)).filter((file) => file.endsWith(suffix)).sort();
  if (names.length === 0) return undefined;
  const entries = names.map(
    async (file) => [file.slice(0, -suffix.length), await readText(path.join(folder, file))] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}
