/** MixEval's files as they lie: an object from id to question, one file per split. */
import { ApolabError } from '../../core/errors.js';
import { dataFile, readRowsById, type FileRow } from '../readRows.js';

interface CommonQuestion {
  readonly id: string;
  /** The benchmark that the question is from, such as `MMLU`. */
  readonly benchmark: string;
  /** '' if the question has none. */
  readonly context: string;
  readonly prompt: string;
}

/** A question that is answered in words; every target is a right answer. */
export interface FreeFormQuestion extends CommonQuestion {
  readonly split: 'free-form';
  readonly targets: readonly string[];
}

/** A question that is answered with one of its options. */
export interface MultipleChoiceQuestion extends CommonQuestion {
  readonly split: 'multiple-choice';
  readonly options: readonly string[];
  /** Index of the right option. */
  readonly target: number;
}

/** A question of MixEval. */
export type MixEvalQuestion = FreeFormQuestion | MultipleChoiceQuestion;

/**
 * The questions of both splits, alternating, so that the first ones are of both.
 *
 * @param folder the official folder's name, such as `mixeval-hard`, if `data` is the folder above it
 * @throws ApolabError if a file is missing or a question lacks a field
 */
export async function readQuestions(data: string, folder: string): Promise<MixEvalQuestion[]> {
  const read = async <Question>(split: string, questionOf: (id: string, row: FileRow, where: string) => Question) => {
    const file = dataFile(data, `${split}.json`, `${folder}/${split}.json`);
    return (await readRowsById(file)).map(([id, row]) => questionOf(id, row, `Question ${id} of ${file}`));
  };
  const [free, multiple] = await Promise.all([
    read('free-form', freeFormOf),
    read('multiple-choice', multipleChoiceOf),
  ]);
  const length = Math.max(free.length, multiple.length);
  return Array.from({ length }, (_, index) => [free[index], multiple[index]])
    .flat()
    .filter((question) => question !== undefined);
}

function freeFormOf(id: string, row: FileRow, where: string): FreeFormQuestion {
  const { target } = row;
  const targets: unknown[] = Array.isArray(target) ? target : [target];
  if (targets.length === 0 || !targets.every((one) => typeof one === 'string'))
    throw new ApolabError(`${where} must have a target: the right answers as texts.`);
  return { split: 'free-form', ...commonOf(id, row, where), targets };
}

/** A question with options from a row of multiple-choice.json. Throws an ApolabError if the row is none. */
export function multipleChoiceOf(id: string, row: FileRow, where: string): MultipleChoiceQuestion {
  const { options, target } = row;
  if (!Array.isArray(options) || options.length < 2 || !options.every((one) => typeof one === 'string'))
    throw new ApolabError(`${where} must have options: at least two texts.`);
  const [right, ...others] = (Array.isArray(target) ? target : [target]) as unknown[];
  if (typeof right !== 'number' || !Number.isInteger(right) || options[right] === undefined || others.length > 0)
    throw new ApolabError(`${where} must have a target: the index of the one right option.`);
  return { split: 'multiple-choice', ...commonOf(id, row, where), options, target: right };
}

function commonOf(id: string, row: FileRow, where: string): CommonQuestion {
  const { prompt, context, benchmark_name: benchmark } = row;
  if (typeof prompt !== 'string') throw new ApolabError(`${where} has no prompt.`);
  return { id, prompt, context: contextOf(context), benchmark: typeof benchmark === 'string' ? benchmark : '' };
}

/** The files write a missing context as null, as `none`, or as white space. */
function contextOf(context: unknown): string {
  if (typeof context !== 'string' || /^(?:none|null| *)$/i.test(context)) return '';
  return context;
}
