/** generation_config.json: which tokens end a sequence, and how the model's makers sampled from it. */
import { ApolabError } from '../core/errors.js';
import { tokenIds } from './config.js';
import type { GenerateOptions } from './generate.js';
import { fieldsOf, parseJson, quoted } from './json.js';

export interface GenerationConfig {
  /** All tokens that end a sequence; empty where the file names none. */
  readonly endOfSequence: readonly number[];
  /** The makers' sampling options. They hold only where a caller asks for them. */
  readonly defaults: GenerateOptions;
  /** The file as it was read. */
  readonly source?: string;
}

export const noGenerationConfig: GenerationConfig = { endOfSequence: [], defaults: {} };

/** @throws ApolabError that names the field, where one has the wrong type. */
export function parseGenerationConfig(source: string, where: string): GenerationConfig {
  const given = fieldsOf(parseJson(source, where), where);
  const number = (field: string): number | undefined => {
    const value = given[field] ?? undefined;
    if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value;
    throw new ApolabError(`${where}: ${field} is ${quoted(value)}, expected a number.`);
  };
  const options = {
    repetitionPenalty: number('repetition_penalty'),
    maxNewTokens: number('max_new_tokens'),
    // transformers' own defaults where the file says that it samples, and no more.
    ...(given.do_sample === true
      ? {
          temperature: number('temperature') ?? 1,
          topK: number('top_k') ?? 50,
          topP: number('top_p'),
        }
      : {}),
  };
  return {
    endOfSequence: tokenIds(given.eos_token_id, `${where}: eos_token_id`),
    // transformers writes a top_k of 0 for none.
    defaults: Object.fromEntries(
      Object.entries(options).filter(([name, value]) => value !== undefined && !(name === 'topK' && value === 0)),
    ),
    source,
  };
}
