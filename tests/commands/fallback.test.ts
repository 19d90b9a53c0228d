/** What doctor, lab and reproduce say if a slower way of computing runs, in copies of the installation with parts of it missing. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/core/packageRoot.js';
import { backends } from '../../src/tensor/index.js';
import { instructionSets } from '../../src/tensor/tensorflowFiles.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'apolab-fallback-'));
beforeAll(() => {
  for (const name of ['dist', 'package.json', 'tsconfig.json'])
    cpSync(path.join(packageRoot, name), path.join(folder, name), { recursive: true });
  for (const name of ['node_modules', 'datasets', 'notebooks', 'src'])
    symlinkSync(path.join(packageRoot, name), path.join(folder, name));
  // A Python that starts no JupyterLab: only what is printed before that matters.
  mkdirSync(path.join(folder, '.venv/bin'), { recursive: true });
  writeFileSync(path.join(folder, '.venv/bin/python'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The hash of the sources that the installation's kernels were compiled from. */
function nativeSources(): unknown {
  const record = path.join(packageRoot, '.tensorflow/.apolab-tensorflow.json');
  return existsSync(record) ? (JSON.parse(readFileSync(record, 'utf8')) as { sources?: unknown }).sources : undefined;
}

/** Puts what set-up has built into the copy: a record, and the files that are named. */
function build(record: object, files: readonly string[] = []): void {
  const target = path.join(folder, '.tensorflow');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  writeFileSync(path.join(target, '.apolab-tensorflow.json'), JSON.stringify({ sources: nativeSources(), ...record }));
  for (const name of files) {
    const source = path.join(packageRoot, '.tensorflow', name);
    if (existsSync(source)) cpSync(source, path.join(target, name));
  }
}

function apolab(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const script = `import('./dist/src/cli.js').then(({ main }) => main(${JSON.stringify(args)}))`;
  const own = { ...process.env, APOLAB_BACKEND: undefined, APOLAB_INSTRUCTION_SET: undefined, ...env };
  return spawnSync(process.execPath, ['-e', script], { cwd: folder, env: own, encoding: 'utf8' });
}

interface Finding {
  readonly ok: boolean;
  readonly status: string;
  readonly found: string;
}
const findings = (env: NodeJS.ProcessEnv = {}) =>
  JSON.parse(apolab(['doctor', '--json'], env).stdout) as Record<string, Finding>;

const reason = 'g++ failed: The C++ compiler failed (a.h:740:20: error: inlining failed).';

describe('without TensorFlow', () => {
  beforeAll(() => build({ key: '', ready: false, reason }));
  const note = `Tensors run on wasm, about three times slower than on TensorFlow. ${reason} To try again: npx apolab backend tensorflow`;

  it('doctor marks the row, with the cost, the reason and the fix', () => {
    expect(findings().tensorflow).toEqual({ ok: false, status: 'slow', found: note });
    expect(apolab(['doctor']).stdout).toContain(`SLOW tensorflow  ${note}\n`);
  });

  it('doctor does not mark a backend that the person chose', () => {
    expect(findings({ APOLAB_BACKEND: 'wasm' }).tensorflow).toMatchObject({ ok: true, status: 'ok' });
  });

  it.each([
    ['lab', '--no-browser'],
    ['reproduce', '--out', path.join(folder, 'out')],
  ])('%s says it once, in a line on standard error', (...args) => {
    const { stdout, stderr } = apolab(args);
    expect(stderr.split('\n').filter((line) => line === note)).toHaveLength(1);
    expect(stdout).not.toContain('wasm');
  });
});

describe.skipIf(!backends.tensorflow.isInstalled())('with TensorFlow', () => {
  const [best = ''] = instructionSets();
  const files = ['process.node', 'tfjs_binding.node'];
  const missing = { [best]: reason };

  it('without kernels, doctor and lab say so', () => {
    build({ key: '', ready: true, compiler: 'clang++', missing }, files);
    const note = `TensorFlow runs without the fused kernels, 1.5 to 2 times slower than with them. No kernels for ${best}: ${reason} To try again, with another compiler in CXX: npx apolab backend tensorflow`;
    const found = findings();
    expect(found.backend?.found).toMatch(/^tensorflow /);
    expect(found.tensorflow).toEqual({ ok: true, status: 'ok', found: 'runs, compiled with clang++' });
    expect(found.kernels).toEqual({ ok: false, status: 'slow', found: note });
    expect(apolab(['lab', '--no-browser']).stderr.split('\n')).toContain(note);
  });

  it('with kernels, nothing is said, and doctor names them and those that are missing', () => {
    build({ key: '', ready: true, missing: { other: reason } }, [...files, `kernels-${best}.node`]);
    expect(findings().kernels).toEqual({
      ok: true,
      status: 'ok',
      found: `${best} (not needed by this processor and missing: other: ${reason})`,
    });
    expect(apolab(['lab', '--no-browser']).stderr).not.toMatch(/slower|wasm/);
  });
});
