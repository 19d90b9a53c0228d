/** The small print below a displayed pair: its measures, scores, provenance and other columns. */
import { countOf } from '../../core/text.js';
import type { PairScores, PreferencePair, Provenance } from '../pair.js';
import { measureIfShort } from './measureIfShort.js';
import { builderLabel } from '../../builders/catalog.js';

/** One line for each of measures, scores, provenance and other columns that the pair has. */
export function factsOf(pair: PreferencePair): readonly string[] {
  return [
    ...measuresText(pair),
    ...(pair.scores === undefined ? [] : [`scores ${scoresText(pair.scores)}`]),
    ...(pair.provenance === undefined ? [] : [provenanceText(pair.provenance)]),
    ...(pair.columns === undefined ? [] : [columnsText(pair.columns)]),
  ].filter((line) => line !== '');
}

/** Empty if the responses are too long to be compared at once. */
function measuresText(pair: PreferencePair): string[] {
  const measured = measureIfShort(pair);
  if (measured === undefined) return [];
  const { jaccard, levenshtein, chosenCharacters, rejectedCharacters } = measured;
  const lengths = `${rejectedCharacters.toLocaleString('en-US')} \u2192 ${countOf(chosenCharacters, 'character')}`;
  return [`Jaccard ${jaccard.toFixed(2)}, Levenshtein ${levenshtein.toLocaleString('en-US')}, ${lengths}`];
}

/** Both scores, the rejected response's first, as in the difference. */
export const scoresText = ({ chosen, rejected }: PairScores) => `${rejected} \u2192 ${chosen}`;

function provenanceText({ builder, seed, models, templates, tokens, time }: Provenance): string {
  return [
    builderLabel(builder),
    ...Object.entries(models).map(([part, model]) => `${part} ${model}`),
    `seed ${seed}`,
    ...Object.entries(templates ?? {}).map(([name, hash]) => `template ${name} ${hash.slice(0, 8)}`),
    ...(tokens === undefined
      ? []
      : [`${countOf(tokens.input, 'token')} in, ${tokens.output.toLocaleString('en-US')} out`]),
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

/** JSON.stringify returns undefined for a function and for `undefined`, which TypeScript's declaration omits. */
const stringify: (value: unknown) => string | undefined = JSON.stringify;
