/**
 * Compiles TensorFlow's binding and the fused kernels, none of them for the processor of this machine in particular.
 *
 * The binding uses only instructions that every processor of the architecture has. The kernels are compiled once per instruction set,
 * each into a library of its own, so that no inline function of one set is linked into another; src/tensor/tensorflowFiles.ts chooses.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { SetupError } from './explain.mjs';
import { paths, root } from './paths.mjs';
import { Interrupted } from './runner.mjs';
import { library, pipInstall, platform } from './tensorflowWheel.mjs';

/** @typedef {import('./steps.mjs').Run} Run */

/** A C++ compiler from PyPI, for machines without one that works. */
const zig = 'ziglang==0.15.2';

const avx2 = ['-mavx2', '-mfma', '-mf16c', '-mbmi', '-mbmi2', '-mlzcnt', '-mmovbe', '-mpopcnt'];
const avx512 = [...avx2, '-mavx512f', '-mavx512bw', '-mavx512cd', '-mavx512dq', '-mavx512vl'];

/**
 * The instruction sets that the kernels are compiled for, per architecture, the fastest first, with the compiler's flags. No
 * `-march=native`: what is built here must also run on another processor, and Eigen's FP16 code for the newest Intel processors does not
 * compile with GCC 12. The flags are written out because GCC 10 does not know the names x86-64-v3 and x86-64-v4.
 * @type {Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>}
 */
const instructionSets = { x64: { avx512: [...avx512, '-mprefer-vector-width=512'], avx2 }, arm64: { neon: [] } };

/** The instruction sets of this architecture, the fastest first. */
export const instructionSetNames = Object.keys(instructionSets[process.arch] ?? {});

/** The compiled binding. */
export const compiled = paths.binding;

/** The package whose C++ sources the binding is made of. */
export const nodePackage = paths.tensorflowSources;

/** @param {string} name of an instruction set @returns {string} the library of its kernels */
export const kernelsFile = (name) => path.join(paths.tensorflow, `kernels-${name}.node`);

/** @param {string} name @returns {string} a source file of ours */
export const native = (name) => path.join(root, 'src/tensor/native', name);

/**
 * A way to compile: the command, the optimisation of the binding, and the name under which messages speak of it; `setFlags` are further flags per
 * instruction set.
 * @typedef {{ name: string, command: string, args: readonly string[], optimisation: string, env?: NodeJS.ProcessEnv, setFlags?: Readonly<Record<string, readonly string[]>> }} Compiler
 */

/** @typedef {{ compiler: string, reason: string }} Failure a compiler that was tried, and the first line of its error */

/** No compiler made a binding that works; `failures` says what was tried. */
export class CompileError extends SetupError {
  /** @param {readonly Failure[]} failures */
  constructor(failures) {
    const [first, ...others] = failures;
    const also = others.length === 0 ? '' : ` So did ${others.map(({ compiler }) => compiler).join(', ')}.`;
    super(`${first?.compiler} failed: ${first?.reason}${also}`);
    this.failures = failures;
  }
}

/** TensorFlow cannot run on this processor, so no other compiler is tried. */
export class ProcessorError extends SetupError {}

/**
 * Compiles the binding with the first compiler that can, until `accept` accepts the result, and then the kernels.
 *
 * @param {Run} run
 * @param {() => Promise<void>} accept rejects with a SetupError if the binding does not work
 * @returns {Promise<{ compiler: string, failures: readonly Failure[], missing: Record<string, string> }>} `missing`: the instruction sets
 *   whose kernels did not compile, each with the reason. Rejects with a SetupError if no compiler makes a binding that works.
 */
export async function compileTensorFlow(run, accept) {
  /** @type {Failure[]} */
  const failures = [];
  for (const way of waysToCompile(run)) {
    /** @type {Compiler | undefined} */
    let compiler;
    try {
      compiler = await way.start();
      if (compiler === undefined) continue;
      await compileBinding(run, compiler);
      await accept();
    } catch (error) {
      if (error instanceof ProcessorError) throw error;
      failures.push({ compiler: way.name, reason: reasonOf(error) });
      continue;
    }
    return { compiler: compiler.name, failures, missing: await compileKernels(run, compiler) };
  }
  throw new CompileError(failures);
}

/**
 * The first line of what a step failed with. Anything but a failed step is thrown again.
 *
 * @param {unknown} error
 */
export function reasonOf(error) {
  if (!(error instanceof SetupError) || error instanceof Interrupted) throw error;
  return error.message.split('\n')[0] ?? '';
}

/**
 * The ways to compile, in order: CXX if it is set, then g++, clang++ and ziglang from PyPI; then all of them without optimisation, which
 * avoids most faults of a compiler. `start` gives nothing if there is no such compiler.
 *
 * @param {Run} run
 * @returns {{ name: string, start(): Promise<Compiler | undefined> }[]}
 */
function waysToCompile(run) {
  const [named, ...flags] = (process.env.CXX ?? '').split(' ').filter((word) => word !== '');
  return ['-O2', '-O0'].flatMap((optimisation) => {
    const suffix = optimisation === '-O2' ? '' : ' without optimisation';
    /** @param {string} command @param {readonly string[]} args @param {boolean} [must] */
    const local = (command, args, must) => ({
      name: `${command}${suffix}`,
      start: () => localCompiler({ name: `${command}${suffix}`, command, args, optimisation }, must),
    });
    return [
      ...(named === undefined ? [] : [local(named, flags, true)]),
      ...['g++', 'clang++'].filter((command) => command !== named).map((command) => local(command, [])),
      { name: `ziglang${suffix}`, start: () => zigCompiler(run, `ziglang${suffix}`, optimisation) },
    ];
  });
}

/**
 * @param {Compiler} compiler
 * @param {boolean} [must] whether it is an error that there is none
 * @returns {Promise<Compiler | undefined>}
 */
async function localCompiler(compiler, must = false) {
  const { status, stdout } = spawnSync(compiler.command, [...compiler.args, '--version'], { encoding: 'utf8' });
  if (status !== 0) {
    if (must) throw new SetupError('The command that CXX names cannot be run.');
    return undefined;
  }
  return /zig/.test(stdout) ? { ...compiler, args: [...compiler.args, ...zigFlags], setFlags: zigSetFlags } : compiler;
}

/** Zig compiles for the processor that it runs on, and adds checks that end the process, unless it is told otherwise. */
const zigFlags = ['-mcpu=baseline', '-fno-sanitize=all'];

/** Zig 0.15 has no 512-bit registers unless it is told so; 0.16 does not know the flag. */
const zigSetFlags = { avx512: ['-mevex512'] };

/** @param {Run} run @param {string} name @param {string} optimisation @returns {Promise<Compiler>} */
async function zigCompiler(run, name, optimisation) {
  const folder = path.join(paths.tensorflow, 'compiler');
  if (!existsSync(path.join(folder, 'ziglang'))) await pipInstall(run, folder, zig);
  const args = ['-m', 'ziglang', 'c++', ...zigFlags];
  return {
    name,
    command: paths.venvPython,
    args,
    optimisation,
    env: { ...process.env, PYTHONPATH: folder },
    setFlags: zigSetFlags,
  };
}

/** @param {Run} run @param {Compiler} compiler */
async function compileBinding(run, compiler) {
  await make(run, compiler, paths.process, [compiler.optimisation, native('process.cc')]);
  await make(run, compiler, compiled, [
    compiler.optimisation,
    '-DNAPI_VERSION=8',
    '-DNODE_GYP_MODULE_NAME=tfjs_binding',
    ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => path.join(nodePackage, 'binding', name)),
    ...linked(),
  ]);
}

/**
 * Each set is a library of its own, so a set that a compiler cannot build costs only its speed.
 *
 * @param {Run} run
 * @param {Compiler} compiler
 */
async function compileKernels(run, compiler) {
  // Sums may be reordered, otherwise no loop that sums is vectorised; nothing here relies on the sign of zero or on floating-point traps.
  const arithmetic = ['-O3', '-fno-math-errno', '-fno-trapping-math', '-fassociative-math', '-fno-signed-zeros'];
  const hidden = ['-fvisibility=hidden', '-fvisibility-inlines-hidden'];
  /** @type {Record<string, string>} */
  const missing = {};
  for (const [name, flags] of Object.entries(instructionSets[process.arch] ?? {})) {
    const own = compiler.setFlags?.[name];
    // Not every version of a compiler knows the flags that another version needs.
    for (const further of own === undefined ? [[]] : [own, []]) {
      try {
        const source = [...further, native('kernels.cc'), ...linked()];
        await make(run, compiler, kernelsFile(name), [...arithmetic, ...hidden, ...flags, ...source]);
        delete missing[name];
        break;
      } catch (error) {
        missing[name] = reasonOf(error);
      }
    }
    // What is there was compiled from other sources.
    if (Object.hasOwn(missing, name)) rmSync(kernelsFile(name), { force: true });
  }
  return missing;
}

/** The libraries of the wheel, for the linker. */
function linked() {
  const libraries = platform?.libraries ?? [];
  return [...libraries.map((name) => path.join(library, name)), `-Wl,-rpath,${library}`];
}

/**
 * Compiles into a folder of its own, and moves the file from there: a process that starts meanwhile loads the old file or the new one, never a part of one.
 *
 * @param {Run} run
 * @param {Compiler} compiler
 * @param {string} output
 * @param {readonly string[]} what
 */
async function make(run, { command, args, env }, output, what) {
  const nodeHeaders = createRequire(import.meta.url).resolve('node-api-headers/package.json');
  const headers = [
    path.join(path.dirname(nodeHeaders), 'include'),
    path.join(library, 'include'),
    path.join(nodePackage, 'binding'),
  ];
  const temporary = path.join(paths.tensorflow, 'compiling', path.basename(output));
  mkdirSync(path.dirname(temporary), { recursive: true });
  const flags = ['-std=c++17', '-fPIC', '-w', ...(platform?.flags ?? []), ...headers.map((folder) => `-I${folder}`)];
  await run(command, [...args, ...flags, ...what, '-o', temporary], env === undefined ? {} : { env });
  renameSync(temporary, output);
}
