import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';

// Whatever computes with tensors is tested on every backend that this machine has.
const numeric = ['tensor', 'objectives', 'model', 'training'].map((room) => `tests/${room}/**/*.test.ts`);
const hasTensorFlow = ['tfjs_binding', 'process'].every((name) => existsSync(`.tensorflow/${name}.node`));

// Tests that start a real kernel, a real JupyterLab or a training run need minutes on two cores, not vitest's 5 s.
const patience = { testTimeout: 120_000, hookTimeout: 240_000 };

function slowerKernels(): string[] {
  if (!hasTensorFlow) return [];
  const processor = createRequire(import.meta.url)('./.tensorflow/process.node') as {
    readonly instructionSets: () => string[];
  };
  const built = processor.instructionSets().filter((name) => existsSync(`.tensorflow/kernels-${name}.node`));
  return [...built.slice(1), 'none'];
}

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      { test: { ...patience, name: 'default', include: ['tests/**/*.test.ts'] } },
      ...(hasTensorFlow
        ? [{ test: { ...patience, name: 'wasm', include: numeric, env: { APOLAB_BACKEND: 'wasm' } } }]
        : []),
      // The fused kernels of the other instruction sets that the processor has, and the layers without them; `default` has the fastest.
      ...slowerKernels().map((name) => ({
        test: { ...patience, name, include: ['tests/tensor/**/*.test.ts'], env: { APOLAB_INSTRUCTION_SET: name } },
      })),
    ],
  },
});
