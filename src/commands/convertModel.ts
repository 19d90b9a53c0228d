/** `apolab convert-model`: a GGUF file as a folder that transformers loads. */
import { createProgress, type ProgressLine } from '../core/progress.js';
import { defineCommand } from './options/defineCommand.js';
import type { OptionsOf } from './options/optionTable.js';
import { jsonOption } from './options/sharedOptions.js';

/** The command, for the table of commands. */
export const convertModelCommand = () =>
  defineCommand({
    name: 'convert-model',
    description: 'convert a GGUF file into a model folder with float32 safetensors, which transformers loads',
    operands: [
      { name: '<in>', help: 'GGUF file, or another model that apolab reads' },
      { name: '<folder>', help: 'new folder to write' },
    ],
    options: jsonOption,
    notes: ['The folder appears when it is complete. One tensor at a time is in memory.'],
    examples: ['npx apolab convert-model SmolLM2-135M-Instruct.Q4_1.gguf smollm2'],
    run: convert,
  });

async function convert({ json }: OptionsOf<typeof jsonOption>, source: string, folder: string) {
  const { convertModel } = await import('../model/convertModel.js');
  let progress: ProgressLine | undefined;
  const converted = await convertModel(source, folder, {
    onTensor: (done, all) => {
      progress ??= createProgress('converting', all);
      progress.update(done, 'tensors');
    },
  });
  progress?.finish();
  if (json) console.log(JSON.stringify(converted));
  else
    console.log(
      `${folder}: ${converted.tensors} tensors, ${converted.parameters.toLocaleString('en')} parameters, float32`,
    );
}
