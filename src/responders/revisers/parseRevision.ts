/**
 * Reads the revision from a reviser's completion: the solution under its marker is the response, and the rest is the
 * rationale. An ambiguous solution is a refusal whose reason gives the line numbers.
 */
import type { Refusal, Revised } from '../responder.js';
import { jsonRevision } from './jsonRevision.js';
import { closingTags, findMarkers, type Marker, mentions } from './markers.js';
import { isRuleLine, type SolutionSection, findSolutionSection } from './solutionSection.js';
import { refusal } from '../refusal.js';
import type { TextSpan } from '../prompts/textSpan.js';
import { findThinkBlock } from '../thinking.js';

/** Options of `parseRevision`. */
export interface ParseRevisionOptions {
  /**
   * The response that was to be revised. A code fence around the whole solution, and a horizontal rule (`---`) at its ends,
   * are removed if this response has none.
   */
  readonly policyResponse?: string;
}

/** A text that repeats itself endlessly is not a revision, and comparing all its solutions would take long. */
const mostSolutions = 16;

const expected = "the solution's marker at the beginning of a line, such as {corrected_student_solution}";

/**
 * Reads `{teacher_reasoning} ... {corrected_student_solution} ...`, in any case, with or without braces, brackets, tags,
 * bold, heading signs, quotes, back-ticks or colon, with spaces, underscores or hyphens, its content on the marker's line
 * or below, with the reasoning before or after.
 *
 * - A marker is at the start of its line. The same words inside a sentence, also in braces, are a mention and stay.
 * - The response is the text under the solution's marker, up to its closing tag, to the first marker of the reasoning after
 *   it, or to the end, without white space around it. The rationale is everything else without the markers: the reasoning,
 *   and text before, between and after; '' if there is nothing else.
 * - A marker without a colon and with a sentence on its line (or in a list) is a mention if a plainer one follows.
 *   A marker without text under it is ignored if another one has text.
 * - If several markers have the same solution, the last counts; different solutions are a refusal.
 * - A horizontal rule beside a marker is not text; at the ends of the solution it is removed if the policy's response has
 *   none.
 * - A completion that is a JSON object has its solution and its reasoning in fields of these names.
 * - The content of `<think>...</think>` at the beginning is reasoning, markers included.
 *
 * @returns the revision or a refusal; it never throws, and its time is linear in the text
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
    return refusal(`the solution's marker occurs ${solutions.length} times, first in line ${firstSolution.line}`);
  }
  const before = reasonings.filter(({ start }) => start < firstSolution.start);
  const after = reasonings.filter((marker) => marker.start > firstSolution.start && !isInline(completion, marker));
  if (after.length > 0 && before.length + after.length > 1) {
    return refusal(
      `the reasoning's marker is in ${lines([...before, ...after])}, once inside or after the solution of line ${firstSolution.line}; so the end of the solution is not clear`,
    );
  }
  const bounds = [...solutions, ...after].sort((one, other) => one.start - other.start);
  const endOf = (marker: Marker) => bounds[bounds.indexOf(marker) + 1]?.start ?? completion.length;
  const sections = solutions.map((marker) => findSolutionSection(completion, marker, endOf(marker), policyResponse));
  const filled = sections.filter(({ content }) => content.end > content.start);
  const chosen = filled.at(-1);
  if (chosen === undefined) {
    return refusal(`no text under the solution's marker in ${lines(solutions)} (cut off?)`);
  }
  if (isQuotedField(completion, chosen)) {
    return refusal(`the solution in line ${chosen.marker.line} is a field of JSON that cannot be read`);
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

/** Markers that may be the beginning of a sentence are mentions if a clear one follows. */
function withoutMentions(markers: readonly Marker[]): Marker[] {
  const plain = markers.findIndex(({ weak }) => !weak);
  return plain === -1 ? [...markers] : markers.slice(plain);
}

function noMarker(completion: string, markers: readonly Marker[]): string {
  const reasoning = markers.find(({ kind }) => kind === 'reasoning');
  const mentioned = mentions(completion, 'solution');
  const found = [
    ...(reasoning === undefined ? [] : [`the reasoning's marker is in line ${reasoning.line}`]),
    ...(mentioned.length === 0
      ? []
      : [`the solution is only mentioned inside a sentence, in ${lines(mentioned.map((line) => ({ line })))}`]),
  ];
  return `no corrected solution: expected ${expected}${found.length === 0 ? '' : `; ${found.join(', and ')}`}`;
}

/** 'line 3', 'lines 3 and 9', at most five of them. */
function lines(places: readonly { readonly line: number }[]): string {
  const all = [...new Set(places.map(({ line }) => line))];
  const shown = all.slice(0, 5);
  const more = all.length > shown.length ? ` and ${all.length - shown.length} more` : '';
  return all.length === 1 ? `line ${all[0]!}` : `lines ${shown.join(' and ')}${more}`;
}

/** True for a marker that may be the beginning of a sentence, with more text on its line. */
function isInline(completion: string, { weak, end }: Marker): boolean {
  return weak && end < completion.length && completion[end] !== '\n';
}

/** True for a solution that is written like a field of JSON: `"corrected_student_solution": "..."`. */
function isQuotedField(completion: string, { marker, content }: SolutionSection): boolean {
  const isQuoted = /^\s*"/.test(completion.slice(marker.start, marker.start + 100));
  return isQuoted && completion[content.start] === '"';
}

/** A solution with single spaces as white space, to compare two of them. */
function plain(text: string): string {
  return text.replace(/\s+/g, ' ');
}

/** The parts of a text outside of all spans, without empty ones. */
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

/** A part of a rationale without the horizontal rules at its ends. */
function withoutOuterRules(piece: string): string {
  const lines = piece.split('\n');
  const hasText = (line: string) => line.trim() !== '' && !isRuleLine(line);
  const first = lines.findIndex(hasText);
  return first === -1
    ? ''
    : lines
        .slice(first, lines.findLastIndex(hasText) + 1)
        .join('\n')
        .trim();
}
