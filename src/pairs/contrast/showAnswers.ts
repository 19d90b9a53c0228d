/** Displays how the answers to some prompts change while a model learns. */
import { jupyterDisplay, type Displayable } from '../../core/display.js';
import { escapeHtml } from '../../core/html.js';
import type { Folding } from './fold.js';
import { pairDiff } from './pairDiff.js';
import { diffHtml, textHtml } from './pairHtml.js';
import { pairStyle } from './pairStyle.js';
import { beginningOf, diffText } from './pairText.js';

/** A model's answers after a step. */
export interface AnswerSample {
  /** 0 before the first step. */
  readonly step: number;
  /** One answer per prompt. */
  readonly answers: readonly string[];
}

const page: Folding = { context: 90, change: 400, shown: 1_500, folded: 4_000 };
const terminal: Folding = { context: 60, change: 200, shown: 800, folded: 0 };
const longest = { prompt: 300, answer: 1_500, text: 200 };
/** Versions of an answer that are shown after its first one. */
const shownChanges = 5;

/** An answer, and the steps after which the model gave it. */
interface Version {
  readonly answer: string;
  /** The answer before it; undefined for the first one. */
  readonly before: string | undefined;
  readonly first: number;
  readonly last: number;
}

/**
 * Displays, for each prompt, its first answer and each change since, with the steps after which it was given: `steps 20-60`. A
 * change is shown as the difference from the answer before it. Of many changes the last five are shown.
 *
 * @param samples in the order of their steps, each with one answer per prompt
 * @example
 * showAnswers(['2 + 2?'], [{ step: 0, answers: ['5'] }, { step: 20, answers: ['4'] }])
 */
export function showAnswers(prompts: readonly string[], samples: readonly AnswerSample[]): Displayable {
  return {
    [jupyterDisplay]: () => {
      const rows = prompts.map((prompt, index) => ({ prompt, versions: versionsOf(samples, index) }));
      return {
        'text/html': `${pairStyle}<div class="apolab-pairs">${rows.map(({ prompt, versions }) => promptHtml(prompt, versions)).join('')}</div>`,
        'text/plain': rows.map(({ prompt, versions }) => promptText(prompt, versions)).join('\n'),
      };
    },
  };
}

function versionsOf(samples: readonly AnswerSample[], index: number): Version[] {
  const versions: Version[] = [];
  for (const { step, answers } of samples) {
    const answer = answers[index] ?? '';
    const last = versions.at(-1);
    if (last?.answer === answer) versions[versions.length - 1] = { ...last, last: step };
    else versions.push({ answer, before: last?.answer, first: step, last: step });
  }
  return versions;
}

/** The first version, how many are left out, and the last ones. */
function shownOf(versions: readonly Version[]): { shown: readonly Version[]; omitted: number } {
  const omitted = Math.max(0, versions.length - 1 - shownChanges);
  return { shown: [...versions.slice(0, 1), ...versions.slice(1 + omitted)], omitted };
}

const stepsOf = ({ first, last }: Version) => (first === last ? `step ${first}` : `steps ${first}\u2013${last}`);
const omittedOf = (omitted: number) => `${omitted} more ${omitted === 1 ? 'change' : 'changes'}`;

function promptHtml(prompt: string, versions: readonly Version[]): string {
  const { shown, omitted } = shownOf(versions);
  const row = (head: string, content: string) =>
    `<tr><th>${escapeHtml(head)}</th><td class="apolab-text">${content}</td></tr>`;
  const rows = shown.map((version) =>
    row(
      stepsOf(version),
      version.before === undefined
        ? textHtml(version.answer, longest.answer, page.folded)
        : diffHtml(pairDiff({ rejected: version.before, chosen: version.answer }), page),
    ),
  );
  if (omitted > 0) rows.splice(1, 0, row('\u2026', omittedOf(omitted)));
  return (
    `<div class="apolab-part"><div class="apolab-label">prompt</div>${textHtml(prompt, longest.prompt, page.folded)}` +
    `<div class="apolab-box"><table><tbody>${rows.join('')}</tbody></table></div></div>`
  );
}

function promptText(prompt: string, versions: readonly Version[]): string {
  const { shown, omitted } = shownOf(versions);
  const lines = shown.map((version) => {
    const { before, answer } = version;
    const text =
      before === undefined
        ? beginningOf(answer, longest.text)
        : diffText(pairDiff({ rejected: before, chosen: answer }), terminal);
    return `  ${stepsOf(version)}: ${text}`;
  });
  if (omitted > 0) lines.splice(1, 0, `  (${omittedOf(omitted)})`);
  return [beginningOf(prompt, longest.text), ...lines].join('\n');
}
