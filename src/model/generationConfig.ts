/** generation_config.json: which tokens end a sequence, and the recommended sampling options. */
import { ApolabError } from '../core/errors.js';
import { tokenIds } from './config.js';
import type { GenerateOptions } from './generate.js';
import { fieldsOf, parseJson, quoted } from './json.js';

/** The content of a generation_config.json. */
export interface GenerationConfig {
  /** Ids of all tokens that end a sequence; empty if the file names none. */
  readonly endOfSequence: readonly number[];
  /** The recommended options. They apply only if a caller passes them to `generate`. */
  readonly defaults: GenerateOptions;
  /** The file's text. */
  readonly source?: string;
}

/** For a model whose folder has no generation_config.json. */
export const noGenerationConfig: GenerationConfig = { endOfSequence: [], defaults: {} };

/**
 * Parses a generation_config.json.
 *
 * @param origin the file that error messages name
 * @throws ApolabError if a field has the wrong type; it names the field.
 */
export function parseGenerationConfig(source: string, origin: string): GenerationConfig {
  const given = fieldsOf(parseJson(source, origin), origin);
  const number = (field: string): number | undefined => {
    const value = given[field] ?? undefined;
    if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value;
    throw new ApolabError(`${origin}: ${field} is ${quoted(value)}, expected a number.`);
  };
  const options = {
    repetitionPenalty: number('repetition_penalty'),
    maxNewTokens: number('max_new_tokens'),
    // Without a value in the file, transformers' defaults apply if do_sample is true.
    ...(given.do_sample === true
      ? {
          temperature: number('temperature') ?? 1,
          topK: number('top_k') ?? 50,
          topP: number('top_p'),
        }
      : {}),
  };
  return {
    endOfSequence: tokenIds(given.eos_token_id, `${origin}: eos_token_id`),
    // transformers writes a top_k of 0 for no limit.
    defaults: Object.fromEntries(
      Object.entries(options).filter(([name, value]) => value !== undefined && !(name === 'topK' && value === 0)),
    ),
    source,
  };
}
