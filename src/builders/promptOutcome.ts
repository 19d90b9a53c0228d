/** What a builder makes of one prompt: a pair with its provenance, or a skipped prompt with the reason. */
import { type Message, type PreferencePair, type Prompt, promptText, type Provenance } from '../pairs/pair.js';
import type { SkippedPrompt } from '../pairs/rows/skipped.js';
import type { Origin, Refusal } from '../responders/responder.js';

/** The outcome of one prompt. */
export type PromptOutcome =
  { readonly kind: 'pair'; readonly pair: MadePair } | { readonly kind: 'skipped'; readonly skipped: SkippedPrompt };

/** A pair as a recipe makes it; `buildPairsWith` adds builder and seed to its provenance. */
export type MadePair = Omit<PreferencePair, 'provenance'> & {
  readonly provenance: Omit<Provenance, 'builder' | 'seed'>;
};

/** The outcome of a prompt that gave no pair, with the response and the text that were found so far. */
export function skippedOutcome(
  prompt: Prompt,
  reason: string,
  found: Pick<SkippedPrompt, 'response' | 'text'> = {},
): PromptOutcome {
  return { kind: 'skipped', skipped: { ...promptFields(prompt), ...found, reason } };
}

/** The outcome of a prompt that gave no pair because a responder, reviser or judge refused; `who` starts the reason. */
export function refusedOutcome(
  prompt: Prompt,
  who: string,
  { reason, text }: Refusal,
  found: Pick<SkippedPrompt, 'response'> = {},
): PromptOutcome {
  return skippedOutcome(prompt, `${who}: ${reason}`, { ...found, ...(text === undefined ? {} : { text }) });
}

/** What one responder, reviser or judge did for a pair. */
export interface Contribution {
  /** Its key in the provenance's `models`: 'policy', 'reviser', 'judge', 'responder_1'. */
  readonly part: string;
  /** Its name, used if no origin names a model. */
  readonly name: string;
  readonly origins: readonly Origin[];
  /** The name and the hash of its prompt template. */
  readonly template?: readonly [name: string, hash: string] | undefined;
}

/** The outcome of a prompt that gave a pair. Provenance gets each model, the templates, all tokens and the latest time. */
export function pairOutcome(
  prompt: Prompt,
  pair: Omit<PreferencePair, 'prompt' | 'conversation' | 'provenance'>,
  contributions: readonly Contribution[] = [],
): PromptOutcome {
  const origins = contributions.flatMap((one) => one.origins);
  const counted = origins.flatMap(({ tokens }) => (tokens === undefined ? [] : [tokens]));
  const times = origins.flatMap(({ time }) => (time === undefined ? [] : [time]));
  const templates = contributions.flatMap(({ template }) => (template === undefined ? [] : [template]));
  const provenance = {
    models: Object.fromEntries(contributions.map((one) => [one.part, modelOf(one)])),
    ...(templates.length === 0 ? {} : { templates: Object.fromEntries(templates) }),
    ...(counted.length === 0 ? {} : { tokens: { input: sum(counted, 'input'), output: sum(counted, 'output') } }),
    ...(times.length === 0 ? {} : { time: times.reduce((latest, time) => (time > latest ? time : latest)) }),
  };
  return { kind: 'pair', pair: { ...promptFields(prompt), ...pair, provenance } };
}

function modelOf({ name, origins }: Contribution): string {
  return origins.find(({ model }) => model !== undefined)?.model ?? name;
}

function promptFields(prompt: Prompt): { readonly prompt: string; readonly conversation?: readonly Message[] } {
  return typeof prompt === 'string' ? { prompt } : { prompt: promptText(prompt), conversation: prompt };
}

function sum<Field extends string>(items: readonly Readonly<Record<Field, number>>[], field: Field): number {
  return items.reduce((total, item) => total + item[field], 0);
}

/** The template of a contribution: a name with the hash, or undefined if the part has no template. */
export function templateOf(name: string, { template }: { readonly template?: string }): Contribution['template'] {
  return template === undefined ? undefined : [name, template];
}

/** A skipped outcome with the row of the file that the prompt comes from; a pair as it is. */
export function withRow(outcome: PromptOutcome, row: number | undefined): PromptOutcome {
  if (outcome.kind === 'pair' || row === undefined) return outcome;
  return { kind: 'skipped', skipped: { row, ...outcome.skipped } };
}
