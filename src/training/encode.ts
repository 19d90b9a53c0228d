/** Pairs as token ids: what the model sees of them. */
import type { Tokenizer } from '../model/index.js';
import type { PreferencePair } from '../preference/pair.js';

/** A prompt and the responses to it, as token ids; each response ends with the end-of-sequence token. */
export interface EncodedRow {
  readonly prompt: readonly number[];
  readonly responses: readonly (readonly number[])[];
}

/** An encoded pair: `responses` holds the chosen one, then the rejected one. */
export interface EncodedPair extends EncodedRow {
  readonly responses: readonly [chosen: readonly number[], rejected: readonly number[]];
}

/** Prompt and responses are tokenised apart, so a pair's two sequences share the prompt's tokens to the last one. */
export function encodePair(tokenizer: Tokenizer, pair: PreferencePair): EncodedPair {
  const response = (text: string) => [...tokenizer.encodeResponse(text), tokenizer.endOfSequence];
  return { prompt: tokenizer.encodePrompt(pair.prompt), responses: [response(pair.chosen), response(pair.rejected)] };
}

/**
 * Why a pair cannot be trained on, or undefined where it can: words that the vocabulary lacks, or more tokens than the
 * model has positions for.
 */
export function whyNotTrainable(tokenizer: Tokenizer, maxPositions: number, pair: PreferencePair): string | undefined {
  for (const field of ['prompt', 'chosen', 'rejected'] as const) {
    const unknown = tokenizer.unknownWords(pair[field]);
    if (unknown.length > 0) {
      const words = [...new Set(unknown)].map((word) => `'${word}'`).join(', ');
      return `${field} has ${unknown.length === 1 ? 'a word' : 'words'} that the policy's vocabulary lacks: ${words}; reword it, or take a policy that knows them`;
    }
  }
  const { prompt, responses } = encodePair(tokenizer, pair);
  const longest = prompt.length + Math.max(...responses.map((response) => response.length));
  return longest > maxPositions
    ? `${longest} tokens are more than the policy's ${maxPositions} positions; shorten the prompt or the response`
    : undefined;
}
