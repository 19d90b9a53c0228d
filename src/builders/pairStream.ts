import { jupyterDisplay, type MimeBundle } from '../core/display.js';
import { progressOf, type Followed, type ProgressFacts } from '../core/followed.js';
import { showPairs } from '../pairs/contrast/showPairs.js';
import type { PreferencePair } from '../pairs/pair.js';
import type { SkippedPrompt } from '../pairs/rows/skipped.js';

/**
 * Pairs as a builder makes them: an async generator that also has a display. As the last value of a cell it builds all of
 * its pairs and shows them as a table of differences; a later iteration still yields them.
 *
 * @example
 * const building = preference.clair({ prompts, policy, reviser });
 * for await (const pair of building) console.log(pair.rationale);
 * console.log(building.skipped.length, 'prompts gave no pair');
 */
export class PairStream implements AsyncGenerator<PreferencePair, void, void>, Followed {
  /** Prompts that gave no pair so far, with their reasons; stays empty if the option `onSkipped` is set. */
  readonly skipped: readonly SkippedPrompt[];
  readonly #source: AsyncGenerator<PreferencePair, void, void>;
  /** Pairs that were shown and not yet yielded. */
  #shown: PreferencePair[] = [];

  readonly #facts: () => ProgressFacts;

  constructor(
    source: AsyncGenerator<PreferencePair, void, void>,
    skipped: readonly SkippedPrompt[],
    facts: () => ProgressFacts,
  ) {
    this.#source = source;
    this.skipped = skipped;
    this.#facts = facts;
  }

  /** What `progress` shows: pairs or prompts that are done, how many there will be, and how many prompts were skipped. */
  [progressOf](): ProgressFacts {
    return this.#facts();
  }

  next(): Promise<IteratorResult<PreferencePair, void>> {
    const value = this.#shown.shift();
    return value === undefined ? this.#source.next() : Promise.resolve({ done: false, value });
  }

  return(): Promise<IteratorResult<PreferencePair, void>> {
    this.#shown = [];
    return this.#source.return();
  }

  throw(error: unknown): Promise<IteratorResult<PreferencePair, void>> {
    this.#shown = [];
    return this.#source.throw(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [jupyterDisplay](): Promise<MimeBundle> {
    for await (const pair of this.#source) this.#shown.push(pair);
    return showPairs(this.#shown, { skipped: this.skipped.length })[jupyterDisplay]();
  }
}
