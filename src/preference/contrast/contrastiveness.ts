/**
 * How contrastive pairs are: how little of a rejected response had to change to make the chosen one. The less differs,
 * the clearer it is what the preference is about.
 */
import { ApolabError } from '../../errors.js';
import type { PreferencePair } from '../pair.js';
import { editDistance } from './editDistance.js';

export interface PairContrastiveness {
  /** Shared tokens over all tokens of both responses, as sets; 0 to 1, higher is more contrastive. */
  readonly jaccard: number;
  /** Edits from one response to the other, in characters; lower is more contrastive. */
  readonly levenshtein: number;
  readonly chosenTokens: number;
  readonly rejectedTokens: number;
  readonly chosenCharacters: number;
  readonly rejectedCharacters: number;
}

/** The means over a set's pairs, and the pairs' own values in their order. */
export interface Contrastiveness extends PairContrastiveness {
  readonly pairs: readonly PairContrastiveness[];
}

export type Tokenize = (text: string) => readonly (string | number)[];

/**
 * Mean token-set Jaccard similarity `|A and B| / |A or B|` and mean Levenshtein distance between the chosen and the
 * rejected responses of a set, with their mean lengths. Characters are Unicode code points.
 *
 * Source: the contrastiveness table of D'Oosterlinck et al., arXiv 2408.06266.
 *
 * @param tokenize text to tokens, split at white space by default; give a model's tokenizer to compare as the model does
 * @throws ApolabError where there are no pairs
 * @example
 * const { jaccard, levenshtein } = contrastiveness([{ prompt: '?', chosen: 'it is 4', rejected: 'it is 5' }]);
 * // jaccard 0.5 (2 of 4 words), levenshtein 1
 */
export function contrastiveness(
  pairs: readonly PreferencePair[],
  tokenize: Tokenize = splitAtWhiteSpace,
): Contrastiveness {
  if (pairs.length === 0) throw new ApolabError('Contrastiveness is a mean over pairs, and there are none.');
  const each = pairs.map((pair) => contrastivenessOfPair(pair, tokenize));
  const mean = (field: keyof PairContrastiveness) => each.reduce((sum, one) => sum + one[field], 0) / each.length;
  return {
    jaccard: mean('jaccard'),
    levenshtein: mean('levenshtein'),
    chosenTokens: mean('chosenTokens'),
    rejectedTokens: mean('rejectedTokens'),
    chosenCharacters: mean('chosenCharacters'),
    rejectedCharacters: mean('rejectedCharacters'),
    pairs: each,
  };
}

/**
 * The same of one pair.
 *
 * @example
 * contrastivenessOfPair({ prompt: '?', chosen: 'it is 4', rejected: 'it is 5' }).levenshtein; // 1
 */
export function contrastivenessOfPair(
  { chosen, rejected }: PreferencePair,
  tokenize: Tokenize = splitAtWhiteSpace,
): PairContrastiveness {
  const [chosenTokens, rejectedTokens] = [tokenize(chosen), tokenize(rejected)];
  return {
    jaccard: jaccardSimilarity(new Set(chosenTokens), new Set(rejectedTokens)),
    levenshtein: editDistance(chosen, rejected),
    chosenTokens: chosenTokens.length,
    rejectedTokens: rejectedTokens.length,
    chosenCharacters: charactersOf(chosen),
    rejectedCharacters: charactersOf(rejected),
  };
}

/** Two empty sets are alike: 1. */
function jaccardSimilarity<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): number {
  const shared = [...a].filter((item) => b.has(item)).length;
  const all = a.size + b.size - shared;
  return all === 0 ? 1 : shared / all;
}

function splitAtWhiteSpace(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** Unicode code points: a pair of surrogates is one. */
function charactersOf(text: string): number {
  let pairs = 0;
  for (let index = 0; index < text.length; index++) if (text.codePointAt(index)! > 0xffff) pairs += 1;
  return text.length - pairs;
}
