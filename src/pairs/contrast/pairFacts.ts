/** What is told of a pair in small beneath it: its measures, its scores, where it comes from. */
import type { PairScores, PreferencePair, Provenance } from '../pair.js';
import { measureShort } from './measureShort.js';
import { count } from './pairHtml.js';
import { builderLabel } from '../../builders/catalog.js';

/** One line a kind; none where nothing is known. */
export function factsOf(pair: PreferencePair): readonly string[] {
  return [
    ...measuresText(pair),
    ...(pair.scores === undefined ? [] : [`scores ${scoresText(pair.scores)}`]),
    ...(pair.provenance === undefined ? [] : [provenanceText(pair.provenance)]),
    ...(pair.columns === undefined ? [] : [columnsText(pair.columns)]),
  ].filter((line) => line !== '');
}

/** Of texts that can be compared at once. */
function measuresText(pair: PreferencePair): string[] {
  const measured = measureShort(pair);
  if (measured === undefined) return [];
  const { jaccard, levenshtein, chosenCharacters, rejectedCharacters } = measured;
  const lengths = `${rejectedCharacters.toLocaleString('en-US')} \u2192 ${count(chosenCharacters, 'character')}`;
  return [`Jaccard ${jaccard.toFixed(2)}, Levenshtein ${levenshtein.toLocaleString('en-US')}, ${lengths}`];
}

/** The rejected's first, as in the difference. */
export const scoresText = ({ chosen, rejected }: PairScores) => `${rejected} \u2192 ${chosen}`;

function provenanceText({ builder, seed, models, templates, tokens, time }: Provenance): string {
  return [
    builderLabel(builder),
    ...Object.entries(models).map(([part, model]) => `${part} ${model}`),
    `seed ${seed}`,
    ...Object.entries(templates ?? {}).map(([name, hash]) => `template ${name} ${hash.slice(0, 8)}`),
    ...(tokens === undefined
      ? []
      : [`${count(tokens.input, 'token')} in, ${tokens.output.toLocaleString('en-US')} out`]),
    ...(time === undefined ? [] : [time]),
  ].join(', ');
}

const longestValue = 60;

function columnsText(columns: Readonly<Record<string, unknown>>): string {
  return Object.entries(columns)
    .map(([name, value]) => {
      const text = typeof value === 'string' ? value : (stringify(value) ?? String(value));
      return `${name} ${text.length > longestValue ? `${text.slice(0, longestValue)}\u2026` : text}`;
    })
    .join(', ');
}

/** Of a function, and of `undefined`, there is no JSON; TypeScript's declaration doesn't say so. */
const stringify: (value: unknown) => string | undefined = JSON.stringify;
