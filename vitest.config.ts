import { defineConfig } from 'vitest/config';

// Tests that start a real kernel, a real JupyterLab or a training run need minutes on two cores, not vitest's 5 s.
export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 240_000,
    maxWorkers: 2,
  },
});
