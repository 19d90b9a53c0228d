import { execFile } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';
import { venvPython } from '../../src/commands/jupyterEnvironment.js';
import { testEnvironment } from './kernelProcess.js';

it("passes all of Jupyter's conformance suite, with no test skipped", async () => {
  const { env } = await testEnvironment();
  const script = path.join(import.meta.dirname, 'conformance.py');
  const { code, report } = await new Promise<{ code: number; report: string }>((resolve) => {
    const child = execFile(venvPython, [script], { env }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? 1, report: stdout + stderr }),
    );
  });
  expect(report).toMatch(/Ran \d+ tests in .*\n\nOK\n/);
  expect(report).not.toContain('skipped');
  expect(code).toBe(0);
});
