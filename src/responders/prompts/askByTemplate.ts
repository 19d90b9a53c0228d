/** What prompted judges and revisers share: they fill a template, ask a responder, and read the completion. */
import type { Origin, Refusal, Responder } from '../responder.js';
import { originOf } from '../origin.js';
import { askOne, concurrencyOf } from './askOne.js';
import { isRefusal } from '../refusal.js';
import { loadTemplate, renderTemplate, type Template, type TemplateKind, type TemplateValues } from './template.js';

/** The template, and how the responder is asked. */
export interface TemplateOptions<Kind extends TemplateKind> {
  /** A template of the kind, or the path of its file; the project's own by default. */
  readonly template?: string | Template<Kind>;
  readonly temperature: number;
  /** Longest completion in tokens. */
  readonly maxTokens: number;
  /** The responder's name by default. */
  readonly name?: string | undefined;
}

/** Seed and signal of one question. */
export interface Asking {
  readonly seed: number;
  readonly signal: AbortSignal | undefined;
}

/** A responder with a template. */
export interface TemplateQuestion<Kind extends TemplateKind> {
  /** Name, hash of the template and concurrency of the judge or reviser. */
  readonly part: {
    readonly name: string;
    readonly template: string;
    readonly limitsConcurrency: true;
    readonly concurrency?: number;
  };
  /**
   * Asks in one user message, without a system prompt, and reads the completion with `parse`. The result has its origin; a
   * refusal of `parse` also has the completion as its text.
   */
  readonly ask: <Read extends object>(
    values: TemplateValues[Kind],
    parse: (completion: string) => Read | Refusal,
    asking: Asking,
  ) => Promise<(Read & Origin) | Refusal>;
}

/**
 * A function that asks a responder with a template.
 *
 * @throws ApolabError if the template cannot be read or a placeholder is missing
 * @example
 * const { ask } = askByTemplate('score', asResponder(() => '{score}: 7'), { temperature: 0, maxTokens: 9 });
 * const values = { prompt: '2 + 2?', response: '4', lowest: 1, highest: 10 };
 * await ask(values, parseScore, { seed: 0, signal: undefined }); // { kind: 'score', score: 7 }
 */
export function askByTemplate<Kind extends TemplateKind>(
  kind: Kind,
  responder: Responder,
  { template: given, temperature, maxTokens, name = responder.name }: TemplateOptions<Kind>,
): TemplateQuestion<Kind> {
  const template = typeof given === 'object' ? given : loadTemplate(kind, given);
  const ask = askOne(responder);
  return {
    part: { name, template: template.hash, ...concurrencyOf(responder) },
    ask: async (values, parse, { seed, signal }) => {
      const content = renderTemplate(template, values);
      const settings = { temperature, seed, maxTokens, ...(signal && { signal }) };
      const answer = await ask([{ role: 'user', content }], settings);
      if (answer.kind === 'skipped') return answer;
      const read = parse(answer.text);
      const origin = originOf(answer);
      return isRefusal(read) ? { ...read, text: answer.text, ...origin } : { ...read, ...origin };
    },
  };
}
