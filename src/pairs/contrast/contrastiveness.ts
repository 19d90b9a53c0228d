/**
 * How contrastive pairs are: how little has to change in a rejected response to make the chosen one. The less differs, the
 * clearer it is which difference is preferred.
 */
import { ApolabError } from '../../core/errors.js';
import type { PreferencePair } from '../pair.js';
import { commonPrefixLength } from './affixes.js';
import { charactersOf, commonBeginning } from './characters.js';
import { editDistance } from './editDistance.js';
import { splitAtWhiteSpace, type Tokenize } from './splitAtWhiteSpace.js';

/** The measures of a pair. */
export interface PairContrastiveness {
  /** `|A and B| / |A or B|` of the responses' token sets, 0 to 1; higher is more contrastive. */
  readonly jaccard: number;
  /** Levenshtein distance of the responses in characters; lower is more contrastive. */
  readonly levenshtein: number;
  readonly chosenTokens: number;
  readonly rejectedTokens: number;
  readonly chosenCharacters: number;
  readonly rejectedCharacters: number;
  /** Length of the common prefix divided by the length of the longer response, in characters; 0 to 1. */
  readonly prefixCharacters: number;
  /** The same in tokens: the share that a model can compute once for both responses. */
  readonly prefixTokens: number;
}

/** The means over a set's pairs, and each pair's values in the set's order. */
export interface Contrastiveness extends PairContrastiveness {
  readonly pairs: readonly PairContrastiveness[];
}

/**
 * Mean token-set Jaccard similarity `|A and B| / |A or B|` and mean Levenshtein distance between the chosen and the
 * rejected responses of a set, with their mean lengths and common prefixes. Characters are Unicode code points.
 *
 * Source: the contrastiveness table of D'Oosterlinck et al., arXiv 2408.06266.
 *
 * @param tokenize splits at white space by default; give a model's tokenizer to measure in its tokens
 * @throws ApolabError if there are no pairs
 * @example
 * const { jaccard, levenshtein } = contrastiveness([{ prompt: '?', chosen: 'it is 4', rejected: 'it is 5' }]);
 * // jaccard 0.5 (2 of 4 words), levenshtein 1
 */
export function contrastiveness(
  pairs: readonly PreferencePair[],
  tokenize: Tokenize = splitAtWhiteSpace,
): Contrastiveness {
  if (pairs.length === 0) throw new ApolabError('Contrastiveness is a mean over pairs, but there are no pairs.');
  const each = pairs.map((pair) => contrastivenessOfPair(pair, tokenize));
  const mean = (field: keyof PairContrastiveness) => each.reduce((sum, one) => sum + one[field], 0) / each.length;
  return {
    jaccard: mean('jaccard'),
    levenshtein: mean('levenshtein'),
    chosenTokens: mean('chosenTokens'),
    rejectedTokens: mean('rejectedTokens'),
    chosenCharacters: mean('chosenCharacters'),
    rejectedCharacters: mean('rejectedCharacters'),
    prefixCharacters: mean('prefixCharacters'),
    prefixTokens: mean('prefixTokens'),
    pairs: each,
  };
}

/**
 * The contrastiveness of one pair.
 *
 * @example
 * contrastivenessOfPair({ prompt: '?', chosen: 'it is 4', rejected: 'it is 5' }).levenshtein; // 1
 */
export function contrastivenessOfPair(
  { chosen, rejected }: PreferencePair,
  tokenize: Tokenize = splitAtWhiteSpace,
): PairContrastiveness {
  const [chosenTokens, rejectedTokens] = [tokenize(chosen), tokenize(rejected)];
  const [chosenCharacters, rejectedCharacters] = [charactersOf(chosen), charactersOf(rejected)];
  const prefix = charactersOf(chosen.slice(0, commonBeginning(chosen, rejected)));
  return {
    jaccard: jaccardSimilarity(new Set(chosenTokens), new Set(rejectedTokens)),
    levenshtein: editDistance(chosen, rejected),
    chosenTokens: chosenTokens.length,
    rejectedTokens: rejectedTokens.length,
    chosenCharacters,
    rejectedCharacters,
    prefixCharacters: share(prefix, Math.max(chosenCharacters, rejectedCharacters)),
    prefixTokens: share(
      commonPrefixLength(chosenTokens, rejectedTokens),
      Math.max(chosenTokens.length, rejectedTokens.length),
    ),
  };
}

/** `|A and B| / |A or B|`; 1 for two empty sets. */
function jaccardSimilarity<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): number {
  let shared = 0;
  for (const item of a) if (b.has(item)) shared += 1;
  return share(shared, a.size + b.size - shared);
}

/** `part / whole`; 1 if both are 0. */
const share = (part: number, whole: number) => (whole === 0 ? 1 : part / whole);
