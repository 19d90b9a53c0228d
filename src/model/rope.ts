/**
 * Rotary position embedding: how fast each pair of a head's features turns from one position to the next.
 *
 * Scaled variants stretch a model's positions past those of its pre-training; the table holds the ones computed here.
 */
import { ApolabError } from '../core/errors.js';
import { fieldsOf, quoted, type JsonFields } from './json.js';

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

export interface Rope {
  readonly theta: number;
  readonly scaling?: RopeScaling;
}

type ReadScaling = (number: (field: string) => number) => RopeScaling | undefined;

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
} satisfies Record<string, ReadScaling>;

/**
 * Reads the rotary fields of a config.json: `rope_theta` and `rope_scaling` as transformers 4 writes them, or
 * `rope_parameters` as transformers 5 does; where both are there, `rope_scaling` counts, as in transformers.
 *
 * @throws ApolabError that names the field, where a number is missing or the type is none of the table's.
 */
export function parseRope(config: JsonFields, defaultTheta: number, maxPositions: number, where: string): Rope {
  const scaling = config.rope_scaling ?? undefined;
  const field = scaling === undefined ? 'rope_parameters' : 'rope_scaling';
  const fields = fieldsOf(scaling ?? config.rope_parameters ?? {}, `${where}: ${field}`);
  const positive = (name: string, value: unknown): number => {
    if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value;
    throw new ApolabError(`${where}: ${name} is ${quoted(value)}, expected a number above 0.`);
  };
  const partial = fields.partial_rotary_factor ?? config.partial_rotary_factor ?? 1;
  if (partial !== 1) {
    throw new ApolabError(`${where}: partial_rotary_factor is ${quoted(partial)}; only whole heads are rotated here.`);
  }
  const type = fields.rope_type ?? fields.type ?? 'default';
  if (typeof type !== 'string' || !Object.hasOwn(ropeTypes, type)) {
    throw new ApolabError(
      `${where}: the rope type in ${field} is ${quoted(type)}; computed are ${Object.keys(ropeTypes).join(', ')}. ` +
        'Within the positions of its pre-training the model may run without: take the field out.',
    );
  }
  const read: ReadScaling = ropeTypes[type as keyof typeof ropeTypes];
  const found = read((name) => {
    const fallback = name === 'original_max_position_embeddings' ? maxPositions : undefined;
    return positive(`${field}.${name}`, fields[name] ?? fallback);
  });
  if (found?.type === 'llama3' && found.highFrequencyFactor <= found.lowFrequencyFactor) {
    throw new ApolabError(
      `${where}: ${field}.high_freq_factor ${found.highFrequencyFactor} must lie above low_freq_factor ` +
        `${found.lowFrequencyFactor}.`,
    );
  }
  const theta = positive('rope_theta', fields.rope_theta ?? config.rope_theta ?? defaultTheta);
  return { theta, ...(found === undefined ? {} : { scaling: found }) };
}

/**
 * Radians a position, for the first half of a head's features: `theta^(-2i / headSize)`, then scaled.
 *
 * `linear` divides all by `factor`. `llama3` divides those whose wavelength exceeds the pre-training's positions over
 * `lowFrequencyFactor`, keeps those below the positions over `highFrequencyFactor`, and blends between.
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
    // How many whole turns fit into the positions of the pre-training.
    const turns = (originalMaxPositions * frequency) / (2 * Math.PI);
    const share = Math.min(1, Math.max(0, (turns - low) / (high - low)));
    return share * frequency + ((1 - share) * frequency) / factor;
  });
}
