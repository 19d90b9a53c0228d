/** IFEval: prompts with instructions that a program can verify. */
import { ApolabError, UnknownNameError } from '../../core/errors.js';
import type { ResponseBenchmark, ScoredItem } from '../benchmark.js';
import { dataFile, readRows, type FileRow } from '../readRows.js';
import { instructions, type InstructionId } from './instructions.js';

/** Where IFEval's prompts are. */
export interface IFEvalOptions {
  /** The folder that has `prompts.jsonl` or `input_data.jsonl`, or the file itself. */
  readonly data: string;
}

/** One prompt and its instructions, under the file's own names. */
export interface IFEvalExample {
  readonly key: number | string;
  readonly prompt: string;
  readonly instruction_id_list: readonly InstructionId[];
  /** The arguments of each instruction. */
  readonly kwargs: readonly Readonly<Record<string, unknown>>[];
}

/**
 * The benchmark: a response scores 1 if it follows all instructions of its prompt as it is (prompt level, strict). Its parts are
 * the prompt level of loose checks, the instruction level of both, and each kind of instruction, strict.
 *
 * A loose check passes if the response follows the instruction without its asterisks, its first line, its last line, or any of
 * these together.
 *
 * Source: Zhou et al., arXiv 2311.07911, section 2.2 (strict and loose accuracy).
 */
export const ifeval: ResponseBenchmark<IFEvalExample, IFEvalOptions> = {
  label: 'IFEval',
  measures: 'Whether responses follow instructions that a program can verify, such as length, format and keywords.',
  needs: ['files'],
  generation: { maxNewTokens: 1280 },
  examples: async ({ data }) => {
    const file = dataFile(data, 'prompts.jsonl', 'input_data.jsonl');
    return (await readRows(file)).map((row, index) => exampleOf(row, `Row ${index + 1} of ${file}`));
  },
  id: ({ key }) => ({ key }),
  prompt: ({ prompt }) => prompt,
  score: (example, response) => scored(example, verdictOf(example, response)),
};

/** Whether each instruction of a prompt is followed, in their order. */
export interface IFEvalVerdict {
  readonly strict: readonly boolean[];
  readonly loose: readonly boolean[];
}

/**
 * The verdict on every instruction of a prompt. An empty response follows none.
 *
 * @example
 * const example = { key: 1, prompt: '', instruction_id_list: ['punctuation:no_comma'], kwargs: [{}] } as const;
 * verdictOf(example, 'Well, here it is:\nNo commas.'); // { strict: [false], loose: [true] }
 */
export function verdictOf({ instruction_id_list: ids, kwargs }: IFEvalExample, response: string): IFEvalVerdict {
  const followedBy = (texts: readonly string[]) =>
    ids.map((id, index) => texts.some((text) => text.trim() !== '' && instructions[id].follows(text, kwargs[index]!)));
  return { strict: followedBy([response]), loose: followedBy(looseTexts(response)) };
}

function looseTexts(response: string): string[] {
  const lines = response.split('\n');
  const texts = [
    response,
    ...[lines.slice(1), lines.slice(0, -1), lines.slice(1, -1)].map((kept) => kept.join('\n').trim()),
  ];
  return [...texts, ...texts.map((text) => text.replaceAll('*', ''))];
}

function scored({ instruction_id_list: ids }: IFEvalExample, { strict, loose }: IFEvalVerdict): ScoredItem {
  const all = (followed: readonly boolean[]) => (followed.every(Boolean) ? 1 : 0);
  const each = (name: string, followed: readonly boolean[]) => followed.map((one) => ({ name, score: Number(one) }));
  const failed = ids.filter((_, index) => !strict[index]);
  return {
    score: all(strict),
    ...(failed.length === 0 ? {} : { reason: `not followed: ${failed.join(', ')}` }),
    parts: [
      { name: 'prompts, strict', score: all(strict) },
      { name: 'prompts, loose', score: all(loose) },
      ...each('instructions, strict', strict),
      ...each('instructions, loose', loose),
      ...ids.map((id, index) => ({ name: id, score: Number(strict[index]) })),
    ],
    verdict: { strict, loose },
  };
}

function exampleOf(row: FileRow, where: string): IFEvalExample {
  const { key, prompt, instruction_id_list: ids, kwargs } = row;
  if (typeof key !== 'number' && typeof key !== 'string') throw new ApolabError(`${where} has no key.`);
  if (typeof prompt !== 'string' || prompt === '') throw new ApolabError(`${where} has no prompt.`);
  if (!Array.isArray(ids) || !Array.isArray(kwargs) || ids.length === 0 || kwargs.length !== ids.length)
    throw new ApolabError(`${where} must have an instruction_id_list, and kwargs for each of its instructions.`);
  for (const [index, id] of (ids as unknown[]).entries()) {
    if (typeof id !== 'string' || !Object.hasOwn(instructions, id))
      throw new UnknownNameError('instruction', String(id), Object.keys(instructions));
    try {
      instructions[id as InstructionId].check((kwargs[index] ?? {}) as FileRow);
    } catch (error) {
      if (!(error instanceof ApolabError)) throw error;
      throw new ApolabError(`${where}, ${id}: ${error.message}.`, { cause: error });
    }
  }
  return { key, prompt, instruction_id_list: ids as InstructionId[], kwargs: kwargs as FileRow[] };
}
