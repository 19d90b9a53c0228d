/** `models.get`: a model by its name in the catalog. */
import { ApolabError } from '../../core/errors.js';
import { fromPretrained } from '../fromPretrained.js';
import type { LanguageModel } from '../languageModel.js';
import { fetchModel } from './fetchModel.js';

/** Options of `models.get`. */
export interface GetModelOptions {
  /** True downloads without asking. */
  readonly download?: boolean;
  /** Where models are kept; by default `.models` of the project, or of the user's data for an installed package. */
  readonly folder?: string;
}

/**
 * A model by name, such as `smollm2`. If it is not in `.models`, you are asked whether it may be downloaded; afterwards no network
 * is needed.
 *
 * @throws ApolabError if the name is unknown, the download is refused or fails, or nobody can be asked.
 *
 * @example
 * const policy = await models.get('smollm2');
 */
export async function getModel(
  name: string,
  { download = false, ...options }: GetModelOptions = {},
): Promise<LanguageModel> {
  const onDownload = (text: string) => download || mayDownload(name, text);
  return fromPretrained(await fetchModel(name, { ...options, onDownload }));
}

/** Asks with `confirm`, which cells have. */
function mayDownload(name: string, text: string): boolean {
  const { confirm } = globalThis as { readonly confirm?: (text: string) => boolean };
  try {
    if (confirm !== undefined) return confirm(`${text}. Download it?`);
  } catch (error) {
    throw new ApolabError(refused(name, text), { cause: error });
  }
  throw new ApolabError(refused(name, text));
}

const refused = (name: string, text: string) =>
  `${text}. It is not here yet, and nobody can be asked: call models.get('${name}', { download: true }), or run npx apolab model get ${name}.`;
