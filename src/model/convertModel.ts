/** Any readable model as a folder in Hugging Face's layout, one tensor at a time. */
import { existsSync } from 'node:fs';
import { writeAtomicFolder } from '../core/atomicFile.js';
import { ApolabError } from '../core/errors.js';
import { openModel } from './fromPretrained.js';
import { writeModelFolder } from './modelFolder.js';
import { checkTensors, readFinite } from './parameters.js';
import { elements, type TensorSource } from './safetensors.js';

/** What was converted. */
export interface ConvertedModel {
  readonly folder: string;
  readonly tensors: number;
  readonly parameters: number;
}

/**
 * Writes a GGUF file (or another model that `fromPretrained` reads) as a folder with float32 safetensors, which transformers
 * loads. The folder appears when it is complete. Needs memory for one tensor.
 *
 * @throws ApolabError if the folder exists, or the model is damaged or not supported.
 *
 * @example
 * await models.convert('SmolLM2-135M-Instruct.Q4_1.gguf', 'smollm2');
 */
export async function convertModel(
  source: string,
  folder: string,
  {
    maxShardBytes = 5e9,
    onTensor,
  }: { readonly maxShardBytes?: number; readonly onTensor?: (done: number, all: number) => void } = {},
): Promise<ConvertedModel> {
  if (existsSync(folder)) {
    throw new ApolabError(`${folder} exists already. Give the name of a new folder, or delete this one.`);
  }
  const { checkpoint, ...model } = await openModel(source);
  try {
    checkTensors(model.config, checkpoint);
    const entries = [...checkpoint.tensors];
    let done = 0;
    const tensors = entries.map(([name, { shape }]): [string, TensorSource] => {
      const read = () => {
        onTensor?.((done += 1), entries.length);
        return readFinite(checkpoint, name);
      };
      return [name, { shape, read }];
    });
    await writeAtomicFolder(folder, (part) =>
      writeModelFolder(part, model, Object.fromEntries(tensors), maxShardBytes),
    );
    const parameters = entries.reduce((sum, [, { shape }]) => sum + elements(shape), 0);
    return { folder, tensors: entries.length, parameters };
  } finally {
    await checkpoint.close();
  }
}
