/** What `npm run bench` measures. A case is one row: a model, pairs, and how they are trained on. */

/**
 * `model` and `pairs` are inputs that inputs.py makes; `rank` is that of an adapter. `quick` is the number of pairs with `--quick`.
 */
export const cases = {
  small: {
    name: '857K Llama, ragged pairs',
    model: 'small',
    pairs: 'ragged',
    batch: 16,
    learningRate: 1e-4,
    quick: 64,
  },
  clair: {
    name: 'SmolLM2-135M, CLAIR pairs',
    model: 'smollm2',
    pairs: 'clair',
    batch: 4,
    learningRate: 1e-5,
    quick: 8,
  },
  lora: {
    name: 'SmolLM2-135M, CLAIR pairs, LoRA rank 16',
    model: 'smollm2',
    pairs: 'clair',
    batch: 4,
    learningRate: 1e-4,
    quick: 8,
    rank: 16,
  },
  unlike: {
    name: 'SmolLM2-135M, unlike pairs',
    model: 'smollm2',
    pairs: 'unlike',
    batch: 4,
    learningRate: 1e-5,
    quick: 8,
  },
};

/** The trainers that are compared: a program, and what it is told besides the case. */
export const sides = {
  apolab: { program: 'here.mjs' },
  trl: { program: 'trl_here.py' },
  'trl-precomputed': { program: 'trl_here.py', precompute: true },
};

const base = { width: 256, depth: 4, length: 512, batch: 8, vocabulary: 8192 };
const axes = {
  width: [128, 256, 512, 1024],
  depth: [2, 4, 8, 16],
  length: [256, 512, 1024, 2048, 4096],
  batch: [2, 8, 32],
  vocabulary: [8192, 32768, 131072],
};

/** Models of which one number at a time differs from `base`. With `length` the tokens of a step stay the same. */
export const scaling = Object.entries(axes).flatMap(([axis, values]) =>
  values.map((value) => {
    const shape = { ...base, [axis]: value };
    return { axis, value, ...shape, ...(axis === 'length' ? { batch: 4096 / value } : {}) };
  }),
);
