/** A model's folder in Hugging Face's layout: the names of its files, and how they are written. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { writeAtomic } from '../core/atomicFile.js';
import { additionalTemplatesFolder } from './chatTemplates.js';
import { saveCheckpoint } from './checkpoint.js';
import { formatConfig } from './formatConfig.js';
import type { ModelSource } from './modelSource.js';
import type { TensorSource } from './safetensors.js';

/** The files of a model's folder, without the weights. */
export const files = {
  config: 'config.json',
  tokenizer: 'tokenizer.json',
  tokenizerConfig: 'tokenizer_config.json',
  generationConfig: 'generation_config.json',
  chatTemplate: 'chat_template.jinja',
} as const;

/**
 * Writes a folder that `models.fromPretrained` and transformers' `from_pretrained` read. Weights are float32; the other files
 * keep the text that was read. A file that is there is replaced as a whole, config.json last.
 *
 * @param maxShardBytes most bytes per file of weights; more are split into shards
 */
export async function writeModelFolder(
  folder: string,
  { config, tokenizer, generationConfig }: Omit<ModelSource, 'checkpoint'>,
  tensors: Readonly<Record<string, TensorSource>>,
  maxShardBytes: number,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await saveCheckpoint(folder, tensors, maxShardBytes);
  const { chatTemplate, additionalTemplates = {}, texts = {} } = tokenizer.files;
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  const contents = {
    [files.tokenizer]: texts[files.tokenizer] ?? json(tokenizer.files.tokenizer),
    [files.tokenizerConfig]: texts[files.tokenizerConfig] ?? json(tokenizer.files.config),
    [files.chatTemplate]: chatTemplate,
    [files.generationConfig]: generationConfig.source,
    ...Object.fromEntries(
      Object.entries(additionalTemplates).map(([name, text]) => [`${additionalTemplatesFolder}/${name}.jinja`, text]),
    ),
    [files.config]: formatConfig(config, tokenizer),
  };
  for (const [file, content] of Object.entries(contents)) {
    if (content !== undefined) await writeAtomic(path.join(folder, file), content);
  }
}
