/**
 * From a reviser's completion to the revision: the solution under its marker is the response, and all else that was
 * written is the rationale. Where it can't be told what the solution is, there is none, and the reason says why.
 */
import type { Refusal, Revised } from '../responder.js';
import { jsonRevision } from './jsonRevision.js';
import { closingTags, findMarkers, type Marker, mentions } from './markers.js';
import { isRuleLine, type SolutionSection, findSolutionSection } from './solutionSection.js';
import { refusal } from '../refusal.js';
import type { TextSpan } from '../prompts/textSpan.js';
import { findThinkBlock } from '../prompts/thinkBlock.js';

export interface ParseRevisionOptions {
  /**
   * The response that was to be revised: a code fence around the whole solution, and a rule (`---`) at its ends, go where
   * this has none.
   */
  readonly policyResponse?: string;
}

/** A text that goes round in circles is no revision, and is not to cost a comparison of all its rounds. */
const mostSolutions = 16;

const expected = "the solution's marker at the beginning of a line, such as {corrected_student_solution}";

/**
 * Reads `{teacher_reasoning} ... {corrected_student_solution} ...`, in any case, with or without braces, brackets, tags,
 * bold, heading signs, quotes, back-ticks or colon, with spaces, underscores or hyphens, its content on the marker's line
 * or below, with the reasoning before or after.
 *
 * - A marker begins its line. The words inside a sentence are a mention, in braces too, and stay where they stand.
 * - The response is what stands under the solution's marker, up to its closing tag, a reasoning's marker that is the
 *   first, or the end; white space around it goes. The rationale is everything else but the markers: the reasoning, and
 *   whatever was said before, between and after. It is '' where there is nothing else.
 * - A marker without a colon and with a sentence on its line (or in a list) is a mention where a plainer one follows.
 *   A marker with nothing under it doesn't count beside one with something.
 * - Of markers with the same solution the last counts; markers with different solutions give a rejection.
 * - A horizontal rule beside a marker is no text; at the solution's ends it goes where the student's response has none.
 * - A completion that is a JSON object has its solution and its reasoning in fields of these names.
 * - What stands in `<think>...</think>` at the beginning is reasoning, markers and all.
 *
 * @returns the revision, or the reason why there is none; it never throws, and its time is linear in the text
 * @example
 * parseRevision('{teacher_reasoning}\n2 + 2 is 4.\n\n**Corrected Student Solution:**\nIt is 4.');
 * // { kind: 'revised', response: 'It is 4.', rationale: '2 + 2 is 4.' }
 */
export function parseRevision(completion: string, { policyResponse }: ParseRevisionOptions = {}): Revised | Refusal {
  if (completion.trim() === '') return refusal('the completion is empty');
  const json = jsonRevision(completion);
  if (json !== undefined) return json;
  const thought = findThinkBlock(completion);
  if (thought === undefined) return refusal('the completion ends inside <think>, before any solution (cut off?)');
  const markers = findMarkers(completion, thought.end);
  const solutions = withoutMentions(markers.filter(({ kind }) => kind === 'solution'));
  if (solutions.length === 0) return refusal(noMarker(completion, markers));
  const reasonings = withoutMentions(markers.filter(({ kind }) => kind === 'reasoning'));
  const [firstSolution] = solutions as [Marker];
  if (solutions.length > mostSolutions) {
    return refusal(`the solution's marker stands ${solutions.length} times, first in line ${firstSolution.line}`);
  }
  const before = reasonings.filter(({ start }) => start < firstSolution.start);
  const after = reasonings.filter((marker) => marker.start > firstSolution.start && !isInline(completion, marker));
  if (after.length > 0 && before.length + after.length > 1) {
    return refusal(
      `the reasoning's marker stands in ${lines([...before, ...after])}, once inside or behind the solution of line ${firstSolution.line}; it can't be told where the solution ends`,
    );
  }
  const bounds = [...solutions, ...after].sort((one, other) => one.start - other.start);
  const endOf = (marker: Marker) => bounds[bounds.indexOf(marker) + 1]?.start ?? completion.length;
  const sections = solutions.map((marker) => findSolutionSection(completion, marker, endOf(marker), policyResponse));
  const filled = sections.filter(({ content }) => content.end > content.start);
  const chosen = filled.at(-1);
  if (chosen === undefined) {
    return refusal(`nothing stands under the solution's marker in ${lines(solutions)} (cut off?)`);
  }
  if (isQuotedField(completion, chosen)) {
    return refusal(`the solution in line ${chosen.marker.line} is a field of JSON that can't be read`);
  }
  const text = ({ content }: SolutionSection) => completion.slice(content.start, content.end);
  const other = filled.find((section) => plain(text(section)) !== plain(text(chosen)));
  if (other !== undefined) {
    return refusal(
      `two different solutions: one under the marker in line ${other.marker.line}, another under the one in line ${chosen.marker.line}`,
    );
  }
  const used = [
    ...thought.tags,
    ...[...before, ...after].map(({ start, end }) => ({ start, end })),
    ...(reasonings.length === 0 ? [] : closingTags(completion, 'reasoning', { start: 0, end: completion.length })),
    ...sections.flatMap(({ content, decoration }) => [content, ...decoration]),
  ];
  return { kind: 'revised', response: text(chosen), rationale: remainder(completion, used) };
}

/** Markers that can be a sentence's beginning are mentions where one follows that can't. */
function withoutMentions(markers: readonly Marker[]): Marker[] {
  const plain = markers.findIndex(({ weak }) => !weak);
  return plain === -1 ? [...markers] : markers.slice(plain);
}

function noMarker(completion: string, markers: readonly Marker[]): string {
  const reasoning = markers.find(({ kind }) => kind === 'reasoning');
  const mentioned = mentions(completion, 'solution');
  const seen = [
    ...(reasoning === undefined ? [] : [`the reasoning's marker stands in line ${reasoning.line}`]),
    ...(mentioned.length === 0
      ? []
      : [`the solution is only mentioned inside a sentence, in ${lines(mentioned.map((line) => ({ line })))}`]),
  ];
  return `no corrected solution: expected ${expected}${seen.length === 0 ? '' : `; ${seen.join(', and ')}`}`;
}

/** 'line 3', 'lines 3 and 9', at most five of them. */
function lines(places: readonly { readonly line: number }[]): string {
  const all = [...new Set(places.map(({ line }) => line))];
  const shown = all.slice(0, 5);
  const more = all.length > shown.length ? ` and ${all.length - shown.length} more` : '';
  return all.length === 1 ? `line ${all[0]!}` : `lines ${shown.join(' and ')}${more}`;
}

/** A marker that could be a sentence's beginning, with the rest of that sentence on its line. */
function isInline(completion: string, { weak, end }: Marker): boolean {
  return weak && end < completion.length && completion[end] !== '\n';
}

/** Whether a solution is written like a field of JSON, `"corrected_student_solution": "..."`, quotation marks and all. */
function isQuotedField(completion: string, { marker, content }: SolutionSection): boolean {
  const isQuoted = /^\s*"/.test(completion.slice(marker.start, marker.start + 100));
  return isQuoted && completion[content.start] === '"';
}

/** A solution without its line breaks and white space, to tell whether two are the same. */
function plain(text: string): string {
  return text.replace(/\s+/g, ' ');
}

/** Whatever of a text lies in none of the spans, piece by piece. */
function remainder(text: string, spans: readonly TextSpan[]): string {
  const pieces: string[] = [];
  let from = 0;
  for (const { start, end } of [...spans].sort((one, other) => one.start - other.start)) {
    pieces.push(text.slice(from, Math.max(from, start)));
    from = Math.max(from, end);
  }
  pieces.push(text.slice(from));
  return pieces
    .map(withoutOuterRules)
    .filter((piece) => piece !== '')
    .join('\n\n');
}

/** A piece of a rationale without the horizontal rules that set it off from a marker. */
function withoutOuterRules(piece: string): string {
  const lines = piece.split('\n');
  const says = (line: string) => line.trim() !== '' && !isRuleLine(line);
  const first = lines.findIndex(says);
  return first === -1
    ? ''
    : lines
        .slice(first, lines.findLastIndex(says) + 1)
        .join('\n')
        .trim();
}
