/** LoRA adapters in PEFT's layout: adapter_config.json and adapter_model.safetensors. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ApolabError } from '../core/errors.js';
import { writeAtomic } from '../core/atomicFile.js';
import { tf } from '../tensor/index.js';
import { partOf, type Adapter } from './adapter.js';
import type { Checkpoint } from './checkpoint.js';
import { fieldsOf, parseJson, quoted, readText, type JsonFields } from './json.js';
import type { LanguageModel } from './languageModel.js';
import { withAdapter } from './lora.js';
import { adapterName, adapterPrefix, readFinite, variable } from './parameters.js';
import { openSafetensors, writeSafetensors } from './safetensors.js';

const configFile = 'adapter_config.json';
const weightsFile = 'adapter_model.safetensors';

/**
 * Writes the adapter alone, for `PeftModel.from_pretrained` and `loadAdapter`; weights as float32.
 *
 * @param base what PEFT is to load the adapter onto: the name or the folder of the base model
 * @throws ApolabError where the model has no adapter.
 *
 * @example
 * await models.saveAdapter(policy, 'policy-adapter', 'HuggingFaceTB/SmolLM2-135M');
 */
export async function saveAdapter(model: LanguageModel, folder: string, base?: string): Promise<void> {
  const { adapter } = model;
  if (adapter === undefined) throw new ApolabError('The model has no adapter; save the model itself (model.save).');
  const tensors = Object.entries(partOf(model.parameters, 'adapter')).map(
    ([name, tensor]) => [name, { shape: tensor.shape, read: () => tensor.data<'float32'>() }] as const,
  );
  await writeSafetensors(path.join(folder, weightsFile), Object.fromEntries(tensors));
  const suffix = '.lora_A.weight';
  const config = {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: base ?? null,
    r: adapter.rank,
    lora_alpha: adapter.alpha,
    lora_dropout: 0,
    use_rslora: adapter.rankStabilized,
    bias: 'none',
    fan_in_fan_out: false,
    init_lora_weights: true,
    inference_mode: true,
    // Whole names: an adapter need not have a part in every layer.
    target_modules: tensors
      .filter(([name]) => name.endsWith(suffix))
      .map(([name]) => name.slice(adapterPrefix.length, -suffix.length)),
  };
  await writeAtomic(path.join(folder, configFile), `${JSON.stringify(config, null, 2)}\n`);
}

/**
 * The model with an adapter that PEFT or `saveAdapter` wrote. The weights are shared with the model that was given:
 * disposing of one model disposes of both.
 *
 * @throws ApolabError that names the file and the tensor or field, where the adapter does not fit the model or is of a kind
 * that is not computed (DoRA, ranks that differ, tensors of its own besides A and B).
 *
 * @example
 * const policy = await models.loadAdapter(await models.fromPretrained('SmolLM2-135M'), 'policy-adapter');
 */
export async function loadAdapter(model: LanguageModel, folder: string): Promise<LanguageModel> {
  for (const file of [configFile, weightsFile]) {
    if (existsSync(path.join(folder, file))) continue;
    throw new ApolabError(`${folder} has no ${file}; an adapter's folder holds ${configFile} and ${weightsFile}.`);
  }
  const where = path.join(folder, configFile);
  const adapter = parseAdapterConfig(fieldsOf(parseJson(await readText(where), where), where), where);
  const opened = await openSafetensors(path.join(folder, weightsFile));
  const checkpoint: Checkpoint = { ...opened, where: opened.file };
  const tensors: Record<string, tf.Variable> = {};
  try {
    checkTensors(model, adapter, checkpoint);
    for (const [name, { shape }] of checkpoint.tensors) {
      tensors[name] = variable(await readFinite(checkpoint, name), shape);
    }
    return withAdapter(model, adapter, tensors);
  } catch (error) {
    tf.dispose(tensors);
    throw error;
  } finally {
    await checkpoint.close();
  }
}

/** Fields that change what an adapter computes, and must be off. */
const notComputed = [
  'use_dora',
  'use_qalora',
  'use_bdlora',
  'lora_bias',
  'fan_in_fan_out',
  'modules_to_save',
  'rank_pattern',
  'alpha_pattern',
  'layer_replication',
  'target_parameters',
  'trainable_token_indices',
  'alora_invocation_tokens',
  'arrow_config',
  'kasa_config',
  'velora_config',
  'monteclora_config',
];
/** Ways to begin that leave the base as it is; the others (PiSSA, OLoRA, ...) change it too. */
const plainBeginnings: readonly unknown[] = [true, false, undefined, null, 'gaussian', 'eva', 'orthogonal'];

function parseAdapterConfig(given: JsonFields, where: string): Adapter {
  const refuse = (field: string, right: string) =>
    new ApolabError(`${where}: ${field} is ${quoted(given[field])}, expected ${right}.`);
  if (given.peft_type !== 'LORA') throw refuse('peft_type', '"LORA", the only kind computed here');
  if ((given.bias ?? 'none') !== 'none') throw refuse('bias', '"none": trained biases are not read here');
  const on = notComputed.find((field) => !isOff(given[field]));
  if (on !== undefined) throw refuse(on, 'it off: such an adapter is not computed here. Merge it with PEFT first');
  if (!plainBeginnings.includes(given.init_lora_weights)) {
    throw refuse('init_lora_weights', 'a start that leaves the base as it is. Convert the adapter with PEFT first');
  }
  const [rank, alpha, rankStabilized] = [given.r, given.lora_alpha ?? 8, given.use_rslora ?? false];
  if (!Number.isInteger(rank) || (rank as number) <= 0) throw refuse('r', 'a positive whole number');
  if (typeof alpha !== 'number' || !(alpha > 0)) throw refuse('lora_alpha', 'a number above 0');
  if (typeof rankStabilized !== 'boolean') throw refuse('use_rslora', 'true or false');
  return { rank: rank as number, alpha, rankStabilized };
}

function isOff(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** Every tensor is an A or a B of one of the model's linear maps, in its shape, and each has its other. */
function checkTensors({ parameters }: LanguageModel, { rank }: Adapter, { where, tensors }: Checkpoint): void {
  if (tensors.size === 0) throw new ApolabError(`${where} holds no tensor.`);
  for (const [name, { shape }] of tensors) {
    const [, module = '', factor = ''] = /^base_model\.model\.(.+)\.lora_([AB])\.weight$/.exec(name) ?? [];
    const weight = parameters[`${module}.weight`];
    if (weight?.rank !== 2 || module.endsWith('embed_tokens')) {
      throw new ApolabError(
        `${where}: '${name}' belongs to no linear map of the model; a part of an adapter is called ` +
          `'${adapterName('model.layers.0.self_attn.q_proj', 'A')}', say. Is this the adapter's base?`,
      );
    }
    const [outputs, inputs] = weight.shape as [number, number];
    const expected = factor === 'A' ? [rank, inputs] : [outputs, rank];
    if (shape.join() !== expected.join()) {
      throw new ApolabError(
        `${where}: '${name}' has shape [${shape.join(', ')}], but the model and rank ${rank} ask for ` +
          `[${expected.join(', ')}]. Is this the adapter's base?`,
      );
    }
    const other = adapterName(module, factor === 'A' ? 'B' : 'A');
    if (!tensors.has(other)) throw new ApolabError(`${where} has '${name}' but no '${other}'.`);
  }
}
