/**
 * Rotary position embedding: the angle by which each pair of a head's features turns per position.
 *
 * Scaled variants allow more positions than the pre-training had; `ropeTypes` is the table of the supported ones.
 */
import { ApolabError } from '../core/errors.js';
import { fieldsOf, quoted, type JsonFields } from './json.js';

/** A supported scaling of the rotary frequencies; all factors are above 0. */
export type RopeScaling =
  | { readonly type: 'linear'; readonly factor: number }
  | {
      readonly type: 'llama3';
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      /** Positions of the pre-training, before scaling. */
      readonly originalMaxPositions: number;
    };

/** The rotary settings of a model: the base of the frequencies and their scaling. */
export interface Rope {
  readonly theta: number;
  readonly scaling?: RopeScaling;
}

type ReadScaling = (number: (field: string) => number) => RopeScaling | undefined;

/** The supported rope types, by config.json's `rope_type`; each reads its numbers. */
const ropeTypes = {
  default: () => undefined,
  linear: (number) => ({ type: 'linear', factor: number('factor') }),
  llama3: (number) => ({
    type: 'llama3',
    factor: number('factor'),
    lowFrequencyFactor: number('low_freq_factor'),
    highFrequencyFactor: number('high_freq_factor'),
    originalMaxPositions: number('original_max_position_embeddings'),
  }),
} as const satisfies Record<'default' | RopeScaling['type'], ReadScaling>;

/**
 * Reads the rotary fields of a config.json: `rope_theta` and `rope_scaling` of transformers 4, or `rope_parameters` of
 * transformers 5. If both exist, `rope_scaling` counts, as in transformers.
 *
 * @param defaultTheta the base of the frequencies if the file has none
 * @param maxPositions the model's positions, the default of `original_max_position_embeddings`
 * @param origin the file that error messages name
 * @throws ApolabError if a number is missing or wrong, or the type is not supported; it names the field.
 */
export function parseRope(config: JsonFields, defaultTheta: number, maxPositions: number, origin: string): Rope {
  const scaling = config.rope_scaling ?? undefined;
  const field = scaling === undefined ? 'rope_parameters' : 'rope_scaling';
  const fields = fieldsOf(scaling ?? config.rope_parameters ?? {}, `${origin}: ${field}`);
  const positive = (name: string, value: unknown): number => {
    if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value;
    throw new ApolabError(`${origin}: ${name} is ${quoted(value)}, expected a number above 0.`);
  };
  const partial = fields.partial_rotary_factor ?? config.partial_rotary_factor ?? 1;
  if (partial !== 1) {
    throw new ApolabError(`${origin}: partial_rotary_factor is ${quoted(partial)}; only 1 is supported.`);
  }
  const type = fields.rope_type ?? fields.type ?? 'default';
  if (typeof type !== 'string' || !Object.hasOwn(ropeTypes, type)) {
    throw new ApolabError(
      `${origin}: the rope type in ${field} is ${quoted(type)}; supported are ${Object.keys(ropeTypes).join(', ')}. ` +
        'Within the positions of its pre-training the model may work without scaling: remove the field.',
    );
  }
  const read: ReadScaling = ropeTypes[type as keyof typeof ropeTypes];
  const found = read((name) => {
    const fallback = name === 'original_max_position_embeddings' ? maxPositions : undefined;
    return positive(`${field}.${name}`, fields[name] ?? fallback);
  });
  if (found?.type === 'llama3' && found.highFrequencyFactor <= found.lowFrequencyFactor) {
    throw new ApolabError(
      `${origin}: ${field}.high_freq_factor ${found.highFrequencyFactor} must be above low_freq_factor ` +
        `${found.lowFrequencyFactor}.`,
    );
  }
  const theta = positive('rope_theta', fields.rope_theta ?? config.rope_theta ?? defaultTheta);
  return { theta, ...(found === undefined ? {} : { scaling: found }) };
}

/**
 * Radians per position, for the first half of a head's features: `theta^(-2i / headSize)`, then scaled.
 *
 * `linear` divides every frequency by `factor`. `llama3` divides frequencies with wavelengths above `originalMaxPositions /
 * lowFrequencyFactor`, keeps those with wavelengths below `originalMaxPositions / highFrequencyFactor`, and interpolates between.
 * Source: transformers, modeling_rope_utils.py.
 *
 * @returns `[headSize / 2]`
 */
export function rotaryFrequencies(theta: number, scaling: RopeScaling | undefined, headSize: number): number[] {
  const plain = Array.from({ length: headSize / 2 }, (_, index) => theta ** ((-2 * index) / headSize));
  if (scaling === undefined) return plain;
  if (scaling.type === 'linear') return plain.map((frequency) => frequency / scaling.factor);
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalMaxPositions } = scaling;
  return plain.map((frequency) => {
    // Full turns within the positions of the pre-training.
    const turns = (originalMaxPositions * frequency) / (2 * Math.PI);
    const share = Math.min(1, Math.max(0, (turns - low) / (high - low)));
    return share * frequency + ((1 - share) * frequency) / factor;
  });
}
