/**
 * What set-up built for TensorFlow (src/setup/tensorflow.mjs), which part of it this processor can run, and what is lost if it is not the
 * fastest. It does not load TensorFlow.js, so a command can ask at once.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { ApolabError, UnknownNameError } from '../core/errors.js';
import { hash } from '../core/hash.js';
import { dataFolder, packageRoot, setupCommand } from '../core/packageRoot.js';

const require = createRequire(import.meta.url);
const folder = path.join(dataFolder, '.tensorflow');
const processFile = path.join(folder, 'process.node');

/** The environment variable that chooses the backend of a process. */
export const backendVariable = 'APOLAB_BACKEND';

/** The environment variable that chooses a lower instruction set for the fused kernels, or `none` of them; for tests and measurements. */
export const instructionSetVariable = 'APOLAB_INSTRUCTION_SET';

/** The functions of native/process.cc. */
interface ProcessModule {
  /** The instruction sets of this processor that kernels can be compiled for, the fastest first; none if TensorFlow cannot run. */
  instructionSets(): readonly string[];
  /** Drops what is written to standard error until `release`. */
  hold(): void;
  release(): void;
}

/** The record of set-up's last attempt, as src/setup/tensorflow.mjs writes it. */
interface BuildRecord {
  readonly ready: boolean;
  readonly reason?: string;
  readonly compiler?: string;
  /** A hash of what the kernels were compiled from. */
  readonly sources?: string;
  readonly missing?: Readonly<Record<string, string>>;
}

/** A slower way of computing that runs although this machine may have a faster one. */
export interface Fallback {
  /** What runs, and what it costs. */
  readonly cost: string;
  /** Why. */
  readonly reason: string;
  /** What to do about it; empty if nothing can be done. */
  readonly fix: string;
}

/** The native module that asks the processor; set-up must have built it. */
export function processModule(): ProcessModule {
  return require(processFile) as ProcessModule;
}

/** The instruction sets of this processor that kernels can be compiled for, the fastest first; none if nothing is built. */
export function instructionSets(): readonly string[] {
  return existsSync(processFile) ? processModule().instructionSets() : [];
}

/** Whether TensorFlow was built here but this processor lacks instructions that it needs. */
export function processorLacksInstructions(): boolean {
  return existsSync(processFile) && instructionSets().length === 0;
}

/** What a person reads if `processorLacksInstructions`. */
export const processorLacks = 'This processor lacks AVX2 or FMA, which the TensorFlow backend needs.';

/** Whether set-up has built the binding and this processor can run it. */
export function isTensorFlowInstalled(): boolean {
  return existsSync(bindingFile) && instructionSets().length > 0;
}

/** The binding that set-up compiles. */
export const bindingFile = path.join(folder, 'tfjs_binding.node');

/** The library with the fused kernels of an instruction set. */
export const kernelsFile = (instructionSet: string) => path.join(folder, `kernels-${instructionSet}.node`);

/**
 * The instruction set whose fused kernels run here: the fastest one that the processor has and set-up could compile, or the one that
 * APOLAB_INSTRUCTION_SET names. Undefined if there is none, and layers run as TensorFlow's own operations.
 *
 * @throws UnknownNameError if the processor lacks the one that is named; ApolabError if it was not compiled, or from other sources.
 */
export function kernelInstructionSet(): string | undefined {
  const named = process.env[instructionSetVariable];
  if (named === 'none') return undefined;
  const sets = instructionSets();
  const isStale = kernelsAreStale();
  if (named === undefined || named === '')
    return isStale ? undefined : sets.find((name) => existsSync(kernelsFile(name)));
  if (!sets.includes(named)) throw new UnknownNameError('instruction set of this processor', named, [...sets, 'none']);
  if (!existsSync(kernelsFile(named)))
    throw new ApolabError(`There are no kernels for ${named}: ${buildRecord()?.missing?.[named] ?? 'not compiled'}`);
  if (isStale) throw new ApolabError(`${stale} Compile them again: ${setupCommand}`);
  return named;
}

const stale = "TensorFlow's fused kernels were compiled from other sources than this version has.";

/** Whether the kernels that set-up compiled are not this version's: with inputs of another version they would compute anything, or crash. */
function kernelsAreStale(): boolean {
  const sources = path.join(packageRoot, 'src/tensor/native');
  const names = readdirSync(sources).sort();
  return buildRecord()?.sources !== hash(...names.map((name) => readFileSync(path.join(sources, name))));
}

/** The compiler that made the binding, and the instruction sets without kernels, each with the reason. */
export function tensorFlowBuild(): { compiler: string | undefined; missing: Readonly<Record<string, string>> } {
  const record = buildRecord();
  return { compiler: record?.compiler, missing: record?.missing ?? {} };
}

function buildRecord(): BuildRecord | undefined {
  const file = path.join(folder, '.apolab-tensorflow.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as BuildRecord) : undefined;
}

const build = 'npx apolab backend tensorflow';

/** Why wasm runs as the default; undefined if TensorFlow is installed or APOLAB_BACKEND chose. */
export function backendFallback(): Fallback | undefined {
  if (process.env[backendVariable] !== undefined || isTensorFlowInstalled()) return undefined;
  const cost = 'Tensors run on wasm, about three times slower than on TensorFlow.';
  if (processorLacksInstructions()) return { cost, reason: processorLacks, fix: '' };
  const reason = buildRecord()?.reason;
  return reason === undefined && !['linux-x64', 'linux-arm64', 'darwin-arm64'].includes(platform)
    ? { cost, reason: `TensorFlow has no wheel for ${platform}.`, fix: '' }
    : { cost, reason: reason ?? 'TensorFlow was not built here.', fix: `To try again: ${build}` };
}

const platform = `${process.platform}-${process.arch}`;

/** Why TensorFlow runs without its fastest fused kernels; undefined if it runs with them, or not at all. */
export function kernelsFallback(): Fallback | undefined {
  if (!isTensorFlowInstalled() || (process.env[instructionSetVariable] ?? '') !== '') return undefined;
  const [best] = instructionSets();
  const running = kernelInstructionSet();
  if (running === best) return undefined;
  const { missing } = tensorFlowBuild();
  const isStale = running === undefined && kernelsAreStale();
  return {
    cost:
      running === undefined
        ? 'TensorFlow runs without the fused kernels, 1.5 to 2 times slower than with them.'
        : `The kernels for ${running} run, somewhat slower than those for ${best}.`,
    reason: isStale ? stale : `No kernels for ${best}: ${missing[best!] ?? 'not compiled.'}`,
    fix: isStale ? `Compile them again: ${setupCommand}` : `To try again, with another compiler in CXX: ${build}`,
  };
}

/** One line for the person at the terminal: which backend runs if it is not the best, why, and what to do. Undefined if it is. */
export function fallbackNote(): string | undefined {
  const fallback = backendFallback() ?? (kernelInstructionSet() === undefined ? kernelsFallback() : undefined);
  return fallback === undefined ? undefined : describeFallback(fallback);
}

/** Cost, reason and fix, in a line. */
export function describeFallback({ cost, reason, fix }: Fallback): string {
  return [cost, reason, fix].filter((part) => part !== '').join(' ');
}
