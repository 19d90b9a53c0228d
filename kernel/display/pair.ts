/** Preference pairs, one or a set: the difference of their responses, word by word. The drawing is the library's own. */
import type { PreferencePair } from '../../src/preference/pair.js';
import { showPair } from '../../src/preference/contrast/showPair.js';
import { showPairs } from '../../src/preference/contrast/showPairs.js';
import { jupyterDisplay } from '../../src/jupyterDisplay.js';
import type { MimeBundle } from './bundle.js';

/** So many of a set are looked at before it is called one; as many are drawn. */
const lookedAt = 50;

/** A plain object with the three texts, and whatever else as a pair has it. */
export function isPair(value: unknown): value is PreferencePair {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  const { prompt, chosen, rejected, rationale, scores, provenance, conversation } = value as Partial<PreferencePair>;
  return (
    [prompt, chosen, rejected].every((text) => typeof text === 'string') &&
    (rationale === undefined || typeof rationale === 'string') &&
    [scores, provenance, conversation].every((part) => part === undefined || typeof part === 'object')
  );
}

export function isPairs(value: unknown): value is readonly PreferencePair[] {
  return Array.isArray(value) && value.length > 0 && value.slice(0, lookedAt).every(isPair);
}

export const renderPair = (pair: PreferencePair): MimeBundle => showPair(pair)[jupyterDisplay]();
export const renderPairs = (pairs: readonly PreferencePair[]): MimeBundle => showPairs(pairs)[jupyterDisplay]();
