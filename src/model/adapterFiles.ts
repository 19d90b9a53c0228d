/** LoRA adapters in PEFT's layout: adapter_config.json and adapter_model.safetensors. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ApolabError } from '../core/errors.js';
import { writeAtomic } from '../core/atomicFile.js';
import { read, tf } from '../tensor/index.js';
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
 * Writes the adapter without its base, as float32, for `PeftModel.from_pretrained` and `loadAdapter`.
 *
 * @param base name or folder of the base model that PEFT loads the adapter onto
 * @throws ApolabError if the model has no adapter.
 *
 * @example
 * const policy = models.addAdapter(base, { rank: 16 });
 * await models.saveAdapter(policy, 'policy-adapter', 'HuggingFaceTB/SmolLM2-135M');
 */
export async function saveAdapter(model: LanguageModel, folder: string, base?: string): Promise<void> {
  const { adapter } = model;
  if (adapter === undefined) throw new ApolabError('The model has no adapter; save the model itself (model.save).');
  const tensors = Object.entries(partOf(model.parameters, 'adapter')).map(
    ([name, tensor]) => [name, { shape: tensor.shape, read: () => read(tensor) }] as const,
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
    // Full names, because an adapter can change only some of the layers.
    target_modules: tensors
      .filter(([name]) => name.endsWith(suffix))
      .map(([name]) => name.slice(adapterPrefix.length, -suffix.length)),
  };
  await writeAtomic(path.join(folder, configFile), `${JSON.stringify(config, null, 2)}\n`);
}

/**
 * The model with an adapter that PEFT or `saveAdapter` wrote. Both models share the base weights: disposing of one disposes of
 * the other.
 *
 * @throws ApolabError if a file is missing, if the adapter does not fit the model, or if its kind is not supported (DoRA,
 * different ranks per layer, tensors other than A and B). The message names the file and the tensor or field.
 *
 * @example
 * const policy = await models.loadAdapter(await models.fromPretrained('SmolLM2-135M'), 'policy-adapter');
 */
export async function loadAdapter(model: LanguageModel, folder: string): Promise<LanguageModel> {
  for (const file of [configFile, weightsFile]) {
    if (existsSync(path.join(folder, file))) continue;
    throw new ApolabError(`${folder} has no ${file}; an adapter's folder holds ${configFile} and ${weightsFile}.`);
  }
  const origin = path.join(folder, configFile);
  const adapter = parseAdapterConfig(fieldsOf(parseJson(await readText(origin), origin), origin), origin);
  const opened = await openSafetensors(path.join(folder, weightsFile));
  const checkpoint: Checkpoint = { ...opened, origin: opened.file };
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

/** Fields of adapter_config.json that change the computation and are not supported: they must be off. */
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
/** Initialisations that leave the base weights unchanged; the others (PiSSA, OLoRA, ...) change them too. */
const plainInitialisations: readonly unknown[] = [true, false, undefined, null, 'gaussian', 'eva', 'orthogonal'];

function parseAdapterConfig(given: JsonFields, origin: string): Adapter {
  const refuse = (field: string, right: string) =>
    new ApolabError(`${origin}: ${field} is ${quoted(given[field])}, expected ${right}.`);
  if (given.peft_type !== 'LORA') throw refuse('peft_type', '"LORA", the only supported kind');
  if ((given.bias ?? 'none') !== 'none') throw refuse('bias', '"none": trained biases are not supported');
  const on = notComputed.find((field) => !isOff(given[field]));
  if (on !== undefined) throw refuse(on, 'it off: such an adapter is not supported. Merge it with PEFT first');
  if (!plainInitialisations.includes(given.init_lora_weights)) {
    throw refuse(
      'init_lora_weights',
      'an initialisation that leaves the base weights unchanged. Convert the adapter with PEFT first',
    );
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

/** Checks that every tensor is an A or a B of one of the model's linear maps, has the right shape, and that both are there. */
function checkTensors({ parameters }: LanguageModel, { rank }: Adapter, { origin, tensors }: Checkpoint): void {
  if (tensors.size === 0) throw new ApolabError(`${origin} holds no tensor.`);
  for (const [name, { shape }] of tensors) {
    const [, module = '', factor = ''] = /^base_model\.model\.(.+)\.lora_([AB])\.weight$/.exec(name) ?? [];
    const weight = parameters[`${module}.weight`];
    if (weight?.rank !== 2 || module.endsWith('embed_tokens')) {
      throw new ApolabError(
        `${origin}: '${name}' belongs to no linear map of the model; an adapter's tensor has a name like ` +
          `'${adapterName('model.layers.0.self_attn.q_proj', 'A')}'. Is this the adapter's base?`,
      );
    }
    const [outputs, inputs] = weight.shape as [number, number];
    const expected = factor === 'A' ? [rank, inputs] : [outputs, rank];
    if (shape.join() !== expected.join()) {
      throw new ApolabError(
        `${origin}: '${name}' has shape [${shape.join(', ')}], but the model and rank ${rank} need ` +
          `[${expected.join(', ')}]. Is this the adapter's base?`,
      );
    }
    const other = adapterName(module, factor === 'A' ? 'B' : 'A');
    if (!tensors.has(other)) throw new ApolabError(`${origin} has '${name}' but no '${other}'.`);
  }
}
