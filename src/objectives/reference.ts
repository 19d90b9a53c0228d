/** The reference page of the objectives, written from the catalog: README.md beside this file. */
import { catalog, objectiveIds, trlArguments } from './catalog.js';
import type { CatalogEntry } from './catalogEntry.js';

/**
 * The page as Markdown: a section per objective, in the order of the catalog.
 *
 * @example
 * objectiveReference().split('\n')[0]; // '# Objectives'
 */
export function objectiveReference(): string {
  const sections = objectiveIds.map((id) => section(id, catalog[id]));
  return `${introduction}\n${sections.join('\n')}`;
}

const introduction = `# Objectives

This page is written from \`catalog.ts\`; a test compares the two. \`y_w\` is the chosen response and \`y_l\` the rejected one;
\`D = log pi(y|x) - log ref(y|x)\` is a response's log-ratio, \`r = beta D\` its reward, \`s\` the logistic sigmoid.
`;

function section(id: string, entry: CatalogEntry): string {
  const { label, formula, whenToUse, defaults, paired, source, equation, reduction } = entry;
  const options = Object.entries(defaults).map(([name, value]) => `\`${name}\` ${String(value)}`);
  const lines = [
    whenToUse,
    `Options and their defaults: ${options.join(', ')}.`,
    `A loss per ${paired ? 'pair' : 'response'}; a step takes the mean over its ${reduction}.`,
    ...(paired ? [] : ['Also trains on unpaired rows: `prompt`, `completion`, `label`.']),
    needs(entry),
    `TRL 1.16: ${trlOf(entry)}.`,
    `Source: ${source}${equation === undefined ? '' : `, ${equation}`}.`,
  ];
  return `## \`${id}\`: ${label}\n\n\`\`\`\n${formula}\n\`\`\`\n\n${lines.map((line) => `- ${line}`).join('\n')}\n`;
}

function needs({ needsReference, needsKl, needsRewardShift }: CatalogEntry): string {
  const needed = [
    ...(needsReference ? ['the log-probabilities of a reference'] : []),
    ...(needsKl ? ['an estimate of KL(policy || reference) over the batch'] : []),
    ...(needsRewardShift ? ['the running mean of the rewards'] : []),
  ];
  return needed.length === 0 ? 'Needs no reference.' : `Needs ${needed.join(' and ')}.`;
}

function trlOf({ trlTrainer, trlName, defaults }: CatalogEntry): string {
  if (trlTrainer === undefined) return 'has no such objective';
  const names: Readonly<Record<string, string>> = trlArguments;
  const renamed = Object.keys(defaults).flatMap((option) => {
    const name = names[option];
    return name === undefined || name === option ? [] : [`\`${option}\` is \`${name}\``];
  });
  const type = trlTrainer === 'SFTTrainer' || trlTrainer === 'ORPOTrainer' ? '' : ` with \`loss_type="${trlName}"\``;
  return `\`${trlTrainer}\`${type}${renamed.length === 0 ? '' : `; ${renamed.join(', ')}`}`;
}
