/**
 * Decoding as one operation of the TensorFlow backend on a CPU (native/decoder.h): between two tokens no JavaScript runs, and no scores
 * of the vocabulary leave the operation.
 */
import * as tf from '@tensorflow/tfjs';
import type { DecoderMap, DecoderModel, NativeDecoder } from './decoderTypes.js';

/** The part of tfjs-node's backend that is used here. */
interface TensorFlowBackend {
  readonly binding: { readonly TF_ATTR_INT: number };
  executeMultipleOutputs(
    name: string,
    attributes: { name: string; type: number; value: number }[],
    inputs: tf.Tensor[],
    outputs: number,
  ): tf.Tensor[];
}

/** Tokens per tile of keys, `keyTile` in native/attention.h: a cache has whole tiles. */
const tile = 64;

/** The decoder by the kernel; decoderTypes.ts documents it. */
export const fusedDecoder: NativeDecoder = {
  // As in native/decoder.h.
  tokensAtOnce: 1024,

  cache: (model, slots, tokens, earlier) => {
    const rows = model.layers.length * slots * model.keyValueHeads;
    const width = Math.ceil(tokens / tile) * tile * model.headSize;
    const sized = (values?: tf.Tensor2D) => {
      if (values === undefined) return tf.fill<tf.Rank.R2>([rows, width], 0);
      const wider = tf.pad(values, [
        [0, 0],
        [0, width - values.shape[1]],
      ]);
      values.dispose();
      return wider;
    };
    return { keys: sized(earlier?.keys), values: sized(earlier?.values) };
  },

  capacity: ({ headSize }, { keys }) => keys.shape[1] / headSize,

  decode: async (model, cache, segments, options) => {
    const { layout, parameters } = layoutOf(model);
    const rows = segments.flatMap((segment) => segment.rows);
    const { temperature, topK, topP, repetitionPenalty, steps, milliseconds, ends } = options;
    const sampling = [...bitsOf([temperature, topP, repetitionPenalty]), topK, steps, milliseconds];
    const inputs = [
      integers(layout),
      tf.tensor1d([model.normEpsilon, model.adapterScale, ...model.frequencies]),
      integers(segments.flatMap(({ tokens }) => tokens)),
      tf.tensor2d(
        segments.flatMap(({ tokens, position, rows: { length } }) => [tokens.length, position, length]),
        [segments.length, 3],
        'int32',
      ),
      integers(rows.map(({ slot }) => slot)),
      integers(sampling),
      integers(temperature === 0 ? [] : bitsOf(rows.flatMap(({ draws }) => draws))),
      integers(repetitionPenalty === 1 ? [] : withOffsets(rows.map(({ seen }) => [...seen]))),
      integers(ends),
    ];
    try {
      const attributes = [{ name: 'N', type: backend().binding.TF_ATTR_INT, value: parameters.length }];
      const given = [...inputs, cache.keys, cache.values, ...parameters];
      const [chosen] = backend().executeMultipleOutputs('ApolabDecode', attributes, given, 1) as [tf.Tensor];
      const values = await chosen.data<'int32'>();
      chosen.dispose();
      return Array.from({ length: values.length / rows.length }, (_, step) =>
        Array.from(values.subarray(step * rows.length, (step + 1) * rows.length)),
      );
    } finally {
      tf.dispose(inputs);
    }
  },
};

const backend = () => tf.backend() as unknown as TensorFlowBackend;

const integers = (values: readonly number[]) => tf.tensor1d([...values], 'int32');

/** Doubles as two int32 each, because tensors have no type for them. */
function bitsOf(values: readonly number[]): number[] {
  return Array.from(new Int32Array(Float64Array.from(values).buffer));
}

/** Lists one after another, behind the places where each begins and the last one ends. */
function withOffsets(lists: readonly (readonly number[])[]): number[] {
  let place = lists.length + 1;
  const offsets = lists.map(({ length }) => (place += length) - length);
  return [...offsets, place, ...lists.flat()];
}

/** The model's numbers and the places of its tensors in the list of parameters, in the order in which native/decoder.h reads them. */
function layoutOf(model: DecoderModel): { layout: number[]; parameters: tf.Tensor[] } {
  const parameters: tf.Tensor[] = [];
  const place = (tensor: tf.Tensor | undefined) => (tensor === undefined ? -1 : parameters.push(tensor) - 1);
  const map = ({ weight, bias, down, up }: DecoderMap) => [weight, bias, down, up].map(place);
  const layout = [model.layers.length, model.heads, model.keyValueHeads, model.headSize];
  layout.push(place(model.embedding), place(model.finalNorm), ...map(model.head));
  for (const { window, rotates, norms, maps } of model.layers) {
    const { query, key, value, output, gate, up, down } = maps;
    layout.push(window, Number(rotates), ...[norms.input, norms.output, norms.query, norms.key].map(place));
    layout.push(...[query, key, value, output, gate, up, down].flatMap(map));
  }
  return { layout, parameters };
}
