/** What a builder makes of one prompt: a pair with its provenance, or the reason why there is none. */
import { type Message, type PreferencePair, type Prompt, promptText, type Provenance } from '../pairs/pair.js';
import type { SkippedPrompt } from '../pairs/rows/skipped.js';
import type { Origin, Refusal } from '../responders/responder.js';

/** What one prompt gave: a pair, or the reason why not. */
export type Outcome =
  { readonly kind: 'pair'; readonly pair: MadePair } | { readonly kind: 'skipped'; readonly skipped: SkippedPrompt };

/** A pair as its builder makes it; builder and seed are added to its provenance afterwards. */
export type MadePair = Omit<PreferencePair, 'provenance'> & {
  readonly provenance: Omit<Provenance, 'builder' | 'seed'>;
};

/** The outcome that a builder reports for a prompt without a pair. */
export function skipped(prompt: Prompt, reason: string, found: Pick<SkippedPrompt, 'response' | 'text'> = {}): Outcome {
  return { kind: 'skipped', skipped: { ...promptFields(prompt), ...found, reason } };
}

/** The same where a part refused. */
export function refused(
  prompt: Prompt,
  who: string,
  { reason, text }: Refusal,
  found: Pick<SkippedPrompt, 'response'> = {},
): Outcome {
  return skipped(prompt, `${who}: ${reason}`, { ...found, ...(text === undefined ? {} : { text }) });
}

/** Who had a part in a pair: its name in the pair's provenance, and what is known of what it did. */
export interface Contribution {
  readonly part: string;
  readonly name: string;
  readonly origins: readonly Origin[];
  /** The name and hash of the prompt template in use. */
  readonly template?: readonly [name: string, hash: string] | undefined;
}

/** The outcome of a prompt with a pair, by these contributors. */
export function paired(
  prompt: Prompt,
  pair: Omit<PreferencePair, 'prompt' | 'conversation' | 'provenance'>,
  contributions: readonly Contribution[] = [],
): Outcome {
  const origins = contributions.flatMap((one) => one.origins);
  const counted = origins.flatMap(({ tokens }) => (tokens === undefined ? [] : [tokens]));
  const times = origins.flatMap(({ time }) => (time === undefined ? [] : [time]));
  const templates = contributions.flatMap(({ template }) => (template === undefined ? [] : [template]));
  const provenance = {
    models: Object.fromEntries(contributions.map(({ part, name, origins: [first] }) => [part, first?.model ?? name])),
    ...(templates.length === 0 ? {} : { templates: Object.fromEntries(templates) }),
    ...(counted.length === 0 ? {} : { tokens: { input: sum(counted, 'input'), output: sum(counted, 'output') } }),
    ...(times.length === 0 ? {} : { time: times.reduce((latest, time) => (time > latest ? time : latest)) }),
  };
  return { kind: 'pair', pair: { ...promptFields(prompt), ...pair, provenance } };
}

function promptFields(prompt: Prompt): { readonly prompt: string; readonly conversation?: readonly Message[] } {
  return typeof prompt === 'string' ? { prompt } : { prompt: promptText(prompt), conversation: prompt };
}

function sum<Field extends string>(items: readonly Readonly<Record<Field, number>>[], field: Field): number {
  return items.reduce((total, item) => total + item[field], 0);
}

/** A contribution's template, where it has one. */
export function templateOf(name: string, { template }: { readonly template?: string }): Contribution['template'] {
  return template === undefined ? undefined : [name, template];
}

/** A rejection with the row that it comes from. */
export function withRow(outcome: Outcome, row: number | undefined): Outcome {
  if (outcome.kind === 'pair' || row === undefined) return outcome;
  return { kind: 'skipped', skipped: { row, ...outcome.skipped } };
}
