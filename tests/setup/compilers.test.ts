/**
 * Which compiler builds TensorFlow's binding and kernels, with compilers that fail as real ones do. The compilers are scripts: only
 * process.cc is really compiled, since set-up loads it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createMiniature } from './miniature.js';

const real = spawnSync('sh', ['-c', 'command -v g++ || command -v clang++'], { encoding: 'utf8' }).stdout.trim();
const supported = real !== '' && `${process.platform}-${process.arch}` === 'linux-x64';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

/** What GCC 12 prints about Eigen's FP16 code for Sapphire Rapids. */
const inlining =
  "/usr/lib/gcc/x86_64-linux-gnu/12/include/avx512fp16intrin.h:5932:1: error: inlining failed in call to 'always_inline' '_mm512_loadu_ph': target specific option mismatch";
const gccOutput = [
  'In file included from Eigen/Core:171,',
  inlining,
  ' 5932 | _mm512_loadu_ph (void const *__P)',
  '      | ^',
];

/** A compiler that fails if its arguments match the shell pattern; `*` fails always, '' never. */
const fakeCompiler = (failsOn: string, output = gccOutput) => `#!/bin/sh
case "$*" in *--version*) echo fake 12; exit 0;; esac
case "$*" in ${failsOn === '' ? '' : `${failsOn}) printf '%s\\n' ${output.map((line) => `"${line}"`).join(' ')} >&2; exit 1;; `}
*process.node) exec "${real}" "$@";; esac
for output; do :; done
: > "$output"
`;
const absent = '#!/bin/sh\nexit 127\n';

/** What ziglang says of 512-bit registers: 0.15 needs a flag that 0.16 does not know. */
const zigVersions = {
  '0.15': `case "$*" in
  *-mevex512*) ;;
  *-mavx512f*) echo "PacketMath.h:358:54: error: invalid output size for constraint '=v'" >&2; exit 1;;
esac`,
  '0.16': `case "$*" in *-mevex512*) echo 'error: unknown clang option: "-mevex512"' >&2; exit 1;; esac`,
};

/** pip and ziglang as set-up calls them. */
const fakePython = (failsOn: string, version: keyof typeof zigVersions) =>
  fakeCompiler(failsOn).replace(
    '#!/bin/sh\n',
    `#!/bin/sh
if [ "$2" = pip ]; then
  while [ "$1" != --target ]; do shift; done
  mkdir -p "$2/ziglang"; exit
fi
shift 5 # -m ziglang c++ and the flags that only zig knows
${zigVersions[version]}
`,
  );

interface Compilers {
  /** Patterns of arguments that each fails on; absent if not given. */
  readonly 'g++'?: string;
  readonly 'clang++'?: string;
  readonly ziglang?: string;
}

/** A project in which everything but the compiled files is there; TensorFlow's wheel is an empty folder. */
function project(compilers: Compilers, { prove = '', zig = '0.15' }: { prove?: string; zig?: '0.15' | '0.16' } = {}) {
  const folder = createMiniature({ tensorFlow: true });
  folders.push(folder);
  const write = (name: string, content: string) => {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content, { mode: 0o755 });
  };
  mkdirSync(path.join(folder, 'node_modules/@tensorflow'), { recursive: true });
  symlinkSync('../../packages/tfjs-node-gpu', path.join(folder, 'node_modules/@tensorflow/tfjs-node-gpu'));
  symlinkSync('../packages/node-api-headers', path.join(folder, 'node_modules/node-api-headers'));
  mkdirSync(path.join(folder, '.tensorflow/tensorflow'), { recursive: true });
  write('.tensorflow/.apolab-wheel', existsSync('/proc/driver/nvidia/version') ? 'tensorflow[and-cuda]==2.21.0' : 'tensorflow-cpu==2.21.0'); // prettier-ignore
  write('src/setup/proveTensorFlow.mjs', prove);
  for (const name of ['g++', 'clang++'] as const)
    write(`bin/${name}`, compilers[name] === undefined ? absent : fakeCompiler(compilers[name]));
  write('.venv/bin/python', compilers.ziglang === undefined ? absent : fakePython(compilers.ziglang, zig));
  const file = (name: string) => path.join(folder, '.tensorflow', name);
  return {
    folder,
    write,
    file,
    log: () => readFileSync(path.join(folder, '.setup/setup.log'), 'utf8'),
    record: () => JSON.parse(readFileSync(file('.apolab-tensorflow.json'), 'utf8')) as Record<string, unknown>,
    kernels: () => readdirSync(path.join(folder, '.tensorflow')).filter((name) => name.startsWith('kernels-')),
    /** Runs set-up's step; `insist` as `apolab backend tensorflow` does. */
    build({ CXX = '', insist = false } = {}) {
      const script = `
        const { ensureSetUp } = await import('./src/setup/ensure.mjs');
        const { steps: { tensorflow } } = await import('./src/setup/steps.mjs');
        const ran = await ensureSetUp([tensorflow], ${insist ? '{ insist: tensorflow }' : '{}'});
        console.log(JSON.stringify({ ran, done: tensorflow.isDone() }));`;
      const env = { ...process.env, CXX, PATH: `${path.join(folder, 'bin')}:${process.env.PATH ?? ''}` };
      const args = ['--input-type=module', '-e', script];
      const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8' });
      return { ...(JSON.parse(stdout === '' ? '{}' : stdout) as { ran?: number; done?: boolean }), stderr };
    },
  };
}

describe.skipIf(!supported)('TensorFlow is built', () => {
  test('without the kernels that the compiler cannot build, and the person reads why', () => {
    const built = project({ 'g++': '*-mavx512*' });
    const { ran, done, stderr } = built.build();
    expect({ ran, done }).toEqual({ ran: 1, done: true });
    expect(built.record()).toMatchObject({ ready: true, compiler: 'g++', failures: [] });
    expect(built.record().missing).toEqual({ avx512: expect.stringContaining(inlining) as string });
    expect(built.kernels()).toEqual(['kernels-avx2.node']);
    expect(stderr).toContain(`No kernels for avx512: The C++ compiler failed (${inlining})`);
    expect(built.log()).toContain(gccOutput.join('\n'));
  });

  test('again, with `apolab backend tensorflow`, once another compiler is there', () => {
    const built = project({ 'g++': '*-mavx512*' });
    built.build();
    expect(built.build()).toMatchObject({ ran: 0, done: true });
    built.write('bin/clang++', fakeCompiler(''));
    expect(built.build({ CXX: 'clang++', insist: true })).toMatchObject({ ran: 1, done: true });
    expect(built.record()).toMatchObject({ compiler: 'clang++', missing: {} });
    expect(built.kernels()).toEqual(['kernels-avx2.node', 'kernels-avx512.node']);
  });

  test.each([
    ['clang++ if g++ fails', { 'g++': '*', 'clang++': '' }, 'clang++', ['g++']],
    ['ziglang if both fail', { 'g++': '*', 'clang++': '*', ziglang: '' }, 'ziglang', ['g++', 'clang++']],
    ['ziglang if there is no other', { ziglang: '' }, 'ziglang', []],
    [
      'no optimisation if all fail with it',
      { 'g++': '*-O2*binding*', ziglang: '*-O2*binding*' },
      'g++ without optimisation',
      ['g++', 'ziglang'],
    ],
  ])('with %s', (_, compilers, compiler, failed) => {
    const built = project(compilers);
    const { done, stderr } = built.build();
    expect(done, stderr).toBe(true);
    const failures = failed.map((name) => ({ compiler: name, reason: expect.stringContaining(inlining) as string }));
    expect(built.record()).toMatchObject({ ready: true, compiler, failures, missing: {} });
    if (failed.length > 0) expect(stderr).toContain(`TensorFlow was compiled with ${compiler} instead.`);
    else expect(stderr).toMatch(/^Building [^\n]* \.\.\. done, \d+ s\n$/);
  });

  test('with a newer ziglang, that does not know the flags of the older one', () => {
    const built = project({ ziglang: '' }, { zig: '0.16' });
    expect(built.build().done).toBe(true);
    expect(built.record()).toMatchObject({ compiler: 'ziglang', missing: {} });
    expect(built.kernels()).toEqual(['kernels-avx2.node', 'kernels-avx512.node']);
  });

  test('with CXX and its arguments, and no other compiler', () => {
    const built = project({ 'g++': '*' });
    built.write('bin/mine', fakeCompiler('').replace('#!/bin/sh', '#!/bin/sh\n[ "$1" = --mine ] || exit 1\nshift'));
    expect(built.build({ CXX: 'mine --mine' })).toMatchObject({ done: true });
    expect(built.record()).toMatchObject({ compiler: 'mine', failures: [] });
  });

  test.each([
    ['fails', fakeCompiler('*'), inlining],
    ['cannot be run', absent, 'The command that CXX names cannot be run.'],
  ])('with the next compiler if the one in CXX %s, with a note', (_, script, reason) => {
    const built = project({ 'g++': '' });
    built.write('bin/mine', script);
    const { done, stderr } = built.build({ CXX: 'mine' });
    expect(done).toBe(true);
    expect(stderr).toContain('mine failed: ');
    expect(stderr).toContain(reason);
    expect(stderr).toContain('TensorFlow was compiled with g++ instead.');
  });

  test('with the next compiler if what the first one made does not work', () => {
    const built = project({ 'g++': '', 'clang++': '' });
    // The proof fails for the first binding, as for one that lacks a symbol.
    const seen = path.join(built.folder, 'seen');
    built.write(
      'src/setup/proveTensorFlow.mjs',
      `import fs from 'node:fs';
       if (!fs.existsSync(${JSON.stringify(seen)})) {
         fs.writeFileSync(${JSON.stringify(seen)}, '');
         throw new Error('undefined symbol: napi_nothing');
       }`,
    );
    expect(built.build().done).toBe(true);
    expect(built.record()).toMatchObject({
      compiler: 'clang++',
      failures: [
        { compiler: 'g++', reason: expect.stringContaining('Error: undefined symbol: napi_nothing') as string },
      ],
    });
  });

  test('without kernels that do not work on this processor', () => {
    const prove = `if (process.argv[2]?.includes('kernels-')) process.kill(process.pid, 'SIGILL');`;
    const built = project({ 'g++': '' }, { prove });
    expect(built.build().done).toBe(true);
    for (const reason of Object.values(built.record().missing as object)) expect(reason).toBe('It ended with: SIGILL');
    expect(built.kernels()).not.toContain('kernels-avx2.node');
  });

  test('again if a file of it was deleted', () => {
    const built = project({ 'g++': '' });
    built.build();
    for (const name of ['kernels-avx2.node', 'kernels-avx512.node', 'process.node', 'tfjs_binding.node']) {
      rmSync(built.file(name));
      expect(built.build(), name).toMatchObject({ ran: 1, done: true });
      expect(existsSync(built.file(name)), name).toBe(true);
    }
    expect(built.build()).toMatchObject({ ran: 0 });
  });
});

describe.skipIf(!supported)('TensorFlow is not available', () => {
  test('if every compiler fails, with the first error in one line and everything that was tried in the record', () => {
    const built = project({ 'g++': '*', 'clang++': '*', ziglang: '*' });
    const { ran, done, stderr } = built.build();
    expect({ ran, done }).toEqual({ ran: 0, done: true });
    const lines = stderr.trim().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain(`g++ failed: The C++ compiler failed (${inlining}). Set CXX to another compiler`);
    expect(lines[1]).toContain('Tensors run on wasm instead.');
    const { ready, failures } = built.record() as { ready: boolean; failures: { compiler: string }[] };
    expect(ready).toBe(false);
    const names = ['g++', 'clang++', 'ziglang'];
    expect(failures.map(({ compiler }) => compiler)).toEqual([
      ...names,
      ...names.map((name) => `${name} without optimisation`),
    ]);
    expect(built.log()).toContain(gccOutput.join('\n'));
  });

  test('if the processor lacks AVX2, in a sentence, and no other compiler is tried', () => {
    const built = project({ 'g++': '', 'clang++': '' });
    const source = readFileSync(path.join(built.folder, 'src/tensor/native/process.cc'), 'utf8');
    const lacking = source.replace(/(std::vector<const char\*> instructionSetNames\(\) \{\n)/, '$1  return {};\n');
    expect(lacking).not.toBe(source);
    built.write('src/tensor/native/process.cc', lacking);
    const { done, stderr } = built.build();
    expect(done).toBe(true);
    expect(stderr).toContain(
      'This processor lacks AVX2 or FMA, which the TensorFlow backend needs. Tensors run on wasm instead.',
    );
    expect(built.record()).toMatchObject({ ready: false });
  });
});
