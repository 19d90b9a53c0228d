/** A causal language model with its tokenizer: what a policy is here. */
import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { ApolabError } from '../errors.js';
import { writeAtomic } from '../files.js';
import { tf, useBackend } from '../tensor/index.js';
import { formatConfig, parseConfig, type ModelConfig } from './config.js';
import { generateTokens, type GenerateOptions } from './generate.js';
import { loadParameters, type TrainableParameters } from './parameters.js';
import { readSafetensors, writeSafetensors } from './safetensors.js';
import { createTokenizer, type Tokenizer, type TokenizerConfigJson, type TokenizerJson } from './tokenizer.js';

const files = {
  config: 'config.json',
  weights: 'model.safetensors',
  tokenizer: 'tokenizer.json',
  tokenizerConfig: 'tokenizer_config.json',
} as const;

/** Has the shape of a `Responder`, so a model answers prompts wherever one is asked for. */
export class LanguageModel {
  constructor(
    readonly config: ModelConfig,
    readonly parameters: TrainableParameters,
    readonly tokenizer: Tokenizer,
    readonly name = 'policy',
  ) {}

  /** The parameters that training moves: all of them, or an adapter's where the model carries one. */
  get trainable(): TrainableParameters {
    return this.parameters;
  }

  /** One response a prompt, as text; greedy unless a temperature is given. */
  // A promise already, although WebAssembly answers at once: other backends and servers will not.
  // eslint-disable-next-line @typescript-eslint/require-await
  async generate(prompts: readonly string[], options: GenerateOptions = {}): Promise<string[]> {
    const ids = prompts.map((prompt) => this.tokenizer.encodePrompt(prompt));
    const responses = generateTokens(this.parameters, this.config, ids, this.tokenizer.endOfSequence, options);
    return responses.map((response) => this.tokenizer.decode(response));
  }

  /** `generate` under the name by which pair builders ask any responder. */
  respond(
    prompts: readonly string[],
    options: { readonly temperature: number; readonly seed: number },
  ): Promise<string[]> {
    return this.generate(prompts, options);
  }

  /** Writes the folder that transformers' `from_pretrained` and `fromPretrained` here read. */
  async save(folder: string): Promise<void> {
    const tensors = Object.entries(this.parameters).map(
      ([name, tensor]) => [name, { shape: tensor.shape, values: tensor.dataSync<'float32'>() }] as const,
    );
    const write = (file: string, json: unknown) =>
      writeAtomic(path.join(folder, file), `${JSON.stringify(json, null, 2)}\n`);
    await writeSafetensors(path.join(folder, files.weights), Object.fromEntries(tensors));
    await write(files.tokenizer, this.tokenizer.files.tokenizer);
    await write(files.tokenizerConfig, this.tokenizer.files.config);
    await write(files.config, formatConfig(this.config));
  }

  /** Frees the parameters' memory; the model cannot be used afterwards. */
  dispose(): void {
    tf.dispose(Object.values(this.parameters));
  }
}

/**
 * Reads a model from a folder in Hugging Face's layout: config.json, model.safetensors, tokenizer.json, tokenizer_config.json.
 *
 * @throws ApolabError that names the file or the tensor, where one is missing or does not fit.
 *
 * @example
 * const policy = await models.fromPretrained('datasets/miniature-world/policy-0');
 */
export async function fromPretrained(folder: string): Promise<LanguageModel> {
  await useBackend();
  const place = (file: string) => path.join(folder, file);
  for (const file of Object.values(files)) {
    await access(place(file)).catch((error: unknown) => {
      throw new ApolabError(`${folder} has no ${file}; a model's folder holds ${Object.values(files).join(', ')}.`, {
        cause: error,
      });
    });
  }
  const config = parseConfig(await readJson(place(files.config)), place(files.config));
  const tokenizer = createTokenizer(
    (await readJson(place(files.tokenizer))) as TokenizerJson,
    (await readJson(place(files.tokenizerConfig))) as TokenizerConfigJson,
    folder,
  );
  const tensors = await readSafetensors(place(files.weights));
  return new LanguageModel(config, loadParameters(config, tensors, place(files.weights)), tokenizer);
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new ApolabError(`${file} is not valid JSON: ${(error as Error).message}`, { cause: error });
  }
}
