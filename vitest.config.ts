import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

// Whatever computes with tensors is tested on every backend that this machine has.
const numeric = ['tensor', 'objectives', 'model', 'training'].map((room) => `tests/${room}/**/*.test.ts`);
const hasTensorFlow = existsSync('.tensorflow/tfjs_binding.node');

// Tests that start a real kernel, a real JupyterLab or a training run need minutes on two cores, not vitest's 5 s.
const patience = { testTimeout: 120_000, hookTimeout: 240_000 };

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      { test: { ...patience, name: 'default', include: ['tests/**/*.test.ts'] } },
      ...(hasTensorFlow
        ? [{ test: { ...patience, name: 'wasm', include: numeric, env: { APOLAB_BACKEND: 'wasm' } } }]
        : []),
    ],
  },
});
