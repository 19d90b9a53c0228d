/**
 * From a reviser's completion to the revision: the solution under its marker is the response, and all else that was
 * written is the rationale. Where it can't be told what the solution is, there is none, and the reason says why.
 */
import type { Refusal, Revised } from '../responder.js';
import { closingTags, findMarkers, type Marker, mentions, type Span } from './markers.js';

export interface ParseRevisionOptions {
  /** The response that was to be revised: a code fence around the whole solution goes where this has none. */
  readonly studentResponse?: string;
}

/** A marker of a solution with what stands under it. */
interface Section {
  readonly marker: Marker;
  readonly content: Span;
  /** What is neither content nor rationale: the marker itself, its closing tag, a fence around both. */
  readonly decoration: readonly Span[];
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
 * - What stands in `<think>...</think>` at the beginning is reasoning, markers and all.
 *
 * @returns the revision, or the reason why there is none; it never throws, and its time is linear in the text
 * @example
 * parseRevision('{teacher_reasoning}\n2 + 2 is 4.\n\n**Corrected Student Solution:**\nIt is 4.');
 * // { kind: 'revised', response: 'It is 4.', rationale: '2 + 2 is 4.' }
 */
export function parseRevision(completion: string, { studentResponse }: ParseRevisionOptions = {}): Revised | Refusal {
  if (completion.trim() === '') return rejection('the completion is empty');
  const thought = thoughtOf(completion);
  if (thought === undefined) return rejection('the completion ends inside <think>, before any solution (cut off?)');
  const markers = findMarkers(completion, thought.end);
  const solutions = withoutMentions(markers.filter(({ kind }) => kind === 'solution'));
  if (solutions.length === 0) return rejection(noMarker(completion, markers));
  const reasonings = withoutMentions(markers.filter(({ kind }) => kind === 'reasoning'));
  const [firstSolution] = solutions as [Marker];
  if (solutions.length > mostSolutions) {
    return rejection(`the solution's marker stands ${solutions.length} times, first in line ${firstSolution.line}`);
  }
  const before = reasonings.filter(({ start }) => start < firstSolution.start);
  const after = reasonings.filter((marker) => marker.start > firstSolution.start && !isInline(completion, marker));
  if (after.length > 0 && before.length + after.length > 1) {
    return rejection(
      `the reasoning's marker stands in ${lines([...before, ...after])}, once inside or behind the solution of line ${firstSolution.line}; it can't be told where the solution ends`,
    );
  }
  const bounds = [...solutions, ...after].sort((one, other) => one.start - other.start);
  const sections = solutions
    .map((marker) => sectionOf(completion, marker, bounds[bounds.indexOf(marker) + 1]?.start ?? completion.length))
    .map((section) => unfence(completion, section, studentResponse));
  const filled = sections.filter(({ content }) => content.end > content.start);
  const chosen = filled.at(-1);
  if (chosen === undefined) {
    return rejection(`nothing stands under the solution's marker in ${lines(solutions)} (cut off?)`);
  }
  const text = ({ content }: Section) => completion.slice(content.start, content.end);
  const other = filled.find((section) => plain(text(section)) !== plain(text(chosen)));
  if (other !== undefined) {
    return rejection(
      `two different solutions: one under the marker in line ${other.marker.line}, another under the one in line ${chosen.marker.line}`,
    );
  }
  const used = [
    ...thought.tags,
    ...[...before, ...after].map(span),
    ...(reasonings.length === 0 ? [] : closingTags(completion, 'reasoning', whole(completion))),
    ...sections.flatMap(({ content, decoration }) => [content, ...decoration]),
  ];
  return { kind: 'revised', response: text(chosen), rationale: remainder(completion, used) };
}

function rejection(reason: string): Refusal {
  return { kind: 'rejected', reason };
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

/** What a reasoning model thought aloud at the beginning; undefined where its end is missing. */
function thoughtOf(completion: string): { readonly end: number; readonly tags: readonly Span[] } | undefined {
  const [opening, closing] = ['<think>', '</think>'];
  const start = completion.length - completion.trimStart().length;
  if (!completion.startsWith(opening, start)) return { end: 0, tags: [] };
  const close = completion.indexOf(closing, start);
  if (close === -1) return undefined;
  const end = close + closing.length;
  return { end, tags: [span({ start, end: start + opening.length }), { start: close, end }] };
}

function span({ start, end }: Span): Span {
  return { start, end };
}

function whole(text: string): Span {
  return { start: 0, end: text.length };
}

/** A marker that could be a sentence's beginning, with the rest of that sentence on its line. */
function isInline(completion: string, { weak, end }: Marker): boolean {
  return weak && end < completion.length && completion[end] !== '\n';
}

/** What stands under a solution's marker, up to its closing tag or `end`. */
function sectionOf(completion: string, marker: Marker, end: number): Section {
  const [close] = closingTags(completion, 'solution', { start: marker.end, end });
  const content = trimmed(completion, { start: marker.end, end: close?.start ?? end });
  const decoration = [span(marker), ...(close === undefined ? [] : [close])];
  const { unclosed } = marker;
  if (unclosed === '' || !completion.slice(content.start, content.end).endsWith(unclosed)) {
    return { marker, content, decoration };
  }
  const closer = { start: content.end - unclosed.length, end: content.end };
  return {
    marker,
    content: trimmed(completion, { start: content.start, end: closer.start }),
    decoration: [...decoration, closer],
  };
}

/**
 * Takes away a code fence around the whole solution, where the student's response has none, and the lower end of a fence
 * that was opened before the marker and so encloses the marker too.
 */
function unfence(completion: string, section: Section, studentResponse: string | undefined): Section {
  const { marker, content, decoration } = section;
  const fences = fencesOf(completion, content);
  const last = fences.at(-1);
  if (last?.end !== content.end || !/^[`~]+\s*$/.test(completion.slice(last.start, last.end).trim())) return section;
  const outside = fencesOf(completion, { start: 0, end: marker.start });
  if (fences.length % 2 === 1 && outside.length % 2 === 1) {
    const inner = trimmed(completion, { start: content.start, end: last.start });
    return { marker, content: inner, decoration: [...decoration, last, outside.at(-1)!] };
  }
  const [first] = fences;
  const isWhole = fences.length === 2 && first?.start === content.start;
  if (!isWhole || studentResponse === undefined || fencesOf(studentResponse).length > 0) return section;
  const inner = trimmed(completion, { start: first.end, end: last.start });
  return { marker, content: inner, decoration: [...decoration, first, last] };
}

/** The lines of a span that open or close a code fence, without their line ends and indentation. */
function fencesOf(text: string, { start, end }: Span = whole(text)): Span[] {
  // Not `^` with the m flag: it holds after each carriage return too, and a row of those would take quadratic time.
  return Array.from(text.slice(start, end).matchAll(/(?<![^\n])[^\S\n]*((?:`{3}|~{3})[^\n]*)/g), (match) => {
    const begin = start + match.index + match[0].length - match[1]!.length;
    return { start: begin, end: begin + match[1]!.trimEnd().length };
  });
}

function trimmed(text: string, { start, end }: Span): Span {
  const content = text.slice(start, end);
  if (content.trim() === '') return { start, end: start };
  return {
    start: start + content.length - content.trimStart().length,
    end: start + content.trimEnd().length,
  };
}

/** A solution without its line breaks and white space, to tell whether two are the same. */
function plain(text: string): string {
  return text.replace(/\s+/g, ' ');
}

/** Whatever of a text lies in none of the spans, piece by piece. */
function remainder(text: string, spans: readonly Span[]): string {
  const pieces: string[] = [];
  let from = 0;
  for (const { start, end } of [...spans].sort((one, other) => one.start - other.start)) {
    pieces.push(text.slice(from, Math.max(from, start)));
    from = Math.max(from, end);
  }
  pieces.push(text.slice(from));
  return pieces
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '')
    .join('\n\n');
}
