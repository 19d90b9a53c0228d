/**
 * TensorFlow for Node, built here: the JavaScript and C++ of @tensorflow/tfjs-node-gpu, compiled against the libraries of TensorFlow's
 * own wheel on PyPI. (The package itself would download a TensorFlow of 2022 and does not know recent GPUs.)
 *
 * The wheel, the compiled files and the record of the last attempt are in `.tensorflow`; the package's JavaScript, rolled into one file
 * (kernel/declarations/rollCode.ts), loads the binding from there.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import {
  CompileError,
  compiled,
  compileTensorFlow,
  instructionSetNames,
  kernelsFile,
  native,
  nodePackage,
  ProcessorError,
  reasonOf,
} from './compileTensorFlow.mjs';
import { SetupError } from './explain.mjs';
import { paths, root } from './paths.mjs';
import { keyOf, readRecord } from './stamp.mjs';
import { installWheel, platform, wheelName } from './tensorflowWheel.mjs';

/** @typedef {import('./steps.mjs').Run} Run */

/**
 * The result of the last attempt, which src/tensor/tensorflowFiles.ts reads, too.
 * `sources`: what the kernels were compiled from, so that a process does not
 * load those of another version. `missing`: the instruction sets without kernels, each with the reason. `failures`: the compilers that were tried before the one that worked.
 * @typedef {{
 *   key: string,
 *   ready: boolean,
 *   reason?: string,
 *   compiler?: string,
 *   sources?: string,
 *   failures?: readonly import('./compileTensorFlow.mjs').Failure[],
 *   missing?: Record<string, string>,
 * }} Outcome
 */

const record = path.join(paths.tensorflow, '.apolab-tensorflow.json');

/** @returns {Outcome | undefined} nothing before the first attempt */
const tensorFlowOutcome = () => readRecord(record);

/** Whether there is nothing to do: it is built and in its place, or this machine was tried and cannot have it. */
export function isTensorFlowDone() {
  if (!existsSync(nodePackage) || platform === undefined) return true;
  const outcome = tensorFlowOutcome();
  if (outcome?.key !== buildKey()) return false;
  return !outcome.ready || isCompiled(outcome);
}

/**
 * Whether everything that the last attempt compiled is still there.
 *
 * @param {Outcome} outcome
 */
function isCompiled({ missing = {} }) {
  const sets = instructionSetNames.filter((name) => !Object.hasOwn(missing, name));
  return [compiled, paths.process, ...sets.map(kernelsFile)].every((file) => existsSync(file));
}

/**
 * Builds the binding and proves that it works; if all of it has been built already, it is only proved again.
 *
 * @param {Run} run
 * @returns {Promise<string | undefined>} what the person should know about it, in a line. Rejects with a SetupError if this machine
 *   cannot have it; the reason is kept.
 */
export async function buildTensorFlow(run) {
  const key = buildKey();
  try {
    if (platform === undefined)
      throw new SetupError(`TensorFlow has no wheel for ${process.platform}-${process.arch}.`);
    const before = tensorFlowOutcome();
    if (before?.key === key && before.ready && Object.keys(before.missing ?? {}).length === 0 && isCompiled(before)) {
      await proveBinding(run);
      return undefined;
    }
    rmSync(record, { force: true });
    const sources = nativeSources();
    await installWheel(run);
    const { compiler, failures, missing } = await compileTensorFlow(run, () => proveBinding(run));
    await proveKernels(run, missing);
    remember({ key, ready: true, compiler, sources, failures, missing });
    return noteOn(compiler, failures, missing);
  } catch (error) {
    const reason = reasonOf(error);
    rmSync(compiled, { force: true });
    remember({ key, ready: false, reason, ...(error instanceof CompileError ? { failures: error.failures } : {}) });
    throw error;
  }
}

/**
 * Says which compiler was used instead of the one in CXX, and which kernels are missing.
 *
 * @param {string} compiler
 * @param {readonly import('./compileTensorFlow.mjs').Failure[]} failures
 * @param {Record<string, string>} missing
 */
function noteOn(compiler, failures, missing) {
  const notes = failures.map((failure) => `${failure.compiler} failed: ${failure.reason}`);
  if (notes.length > 0) notes.push(`TensorFlow was compiled with ${compiler} instead.`);
  for (const [name, reason] of Object.entries(missing)) notes.push(`No kernels for ${name}: ${reason}`);
  return notes.length === 0 ? undefined : notes.join(' ');
}

/** @param {Outcome} outcome */
function remember(outcome) {
  mkdirSync(paths.tensorflow, { recursive: true });
  writeFileSync(record, JSON.stringify(outcome));
}

/** @returns {string} a hash of the kernels' sources: a record of it says which version of them was compiled */
function nativeSources() {
  const hash = createHash('sha256');
  for (const name of readdirSync(native('.')).sort()) hash.update(readFileSync(native(name))).update('\0');
  return hash.digest('hex');
}

/** Changes with everything that the binding is made of. The processor is not part of it: the binding runs on any. */
function buildKey() {
  const sources = ['compileTensorFlow.mjs', 'tensorflow.mjs', 'tensorflowWheel.mjs'];
  return keyOf([
    ...sources.map((name) => readFileSync(new URL(name, import.meta.url))),
    nativeSources(),
    readFileSync(path.join(nodePackage, 'package.json')),
    wheelName(),
    root,
  ]);
}

/** @param {Run} run multiplies two matrices in a process of its own */
async function proveBinding(run) {
  if (processInstructionSets().length === 0) throw new ProcessorError(processorLacks);
  await prove(run, []);
}

/** What this processor lacks, if `instructionSets()` is empty. src/tensor/tensorflow.ts says the same at run time. */
const processorLacks = 'This processor lacks AVX2 or FMA, which the TensorFlow backend needs.';

/** @returns {readonly string[]} the instruction sets of this processor, the fastest first */
function processInstructionSets() {
  try {
    return createRequire(import.meta.url)(paths.process).instructionSets();
  } catch (error) {
    throw new SetupError(`What it compiled does not load: ${error instanceof Error ? error.message : error}`);
  }
}

/**
 * Runs the kernels of each instruction set of this processor once. Those that do not work are deleted and added to `missing`.
 *
 * @param {Run} run
 * @param {Record<string, string>} missing
 */
async function proveKernels(run, missing) {
  for (const name of processInstructionSets()) {
    if (!existsSync(kernelsFile(name))) continue;
    try {
      await prove(run, [kernelsFile(name)]);
    } catch (error) {
      missing[name] = reasonOf(error);
      rmSync(kernelsFile(name), { force: true });
    }
  }
}

/** @param {Run} run @param {readonly string[]} args */
function prove(run, args) {
  return run(process.execPath, [path.join(root, 'src/setup/proveTensorFlow.mjs'), ...args]);
}
