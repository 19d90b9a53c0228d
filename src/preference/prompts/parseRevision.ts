/**
 * From a reviser's completion to the revision: the solution under its marker is the response, and all else that was
 * written is the rationale. Where it can't be told what the solution is, there is none, and the reason says why.
 */
import type { Refusal, Revised } from '../responder.js';
import { jsonRevision } from './jsonRevision.js';
import { closingTags, findMarkers, type Marker, mentions, type Span } from './markers.js';

export interface ParseRevisionOptions {
  /**
   * The response that was to be revised: a code fence around the whole solution, and a rule
   * (`---`) at its ends, go where this has none.
   */
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
 * - A horizontal rule beside a marker is no text; at the solution's ends it goes where the student's response has none.
 * - A completion that is a JSON object has its solution and its reasoning in fields of these names.
 * - What stands in `<think>...</think>` at the beginning is reasoning, markers and all.
 *
 * @returns the revision, or the reason why there is none; it never throws, and its time is linear in the text
 * @example
 * parseRevision('{teacher_reasoning}\n2 + 2 is 4.\n\n**Corrected Student Solution:**\nIt is 4.');
 * // { kind: 'revised', response: 'It is 4.', rationale: '2 + 2 is 4.' }
 */
export function parseRevision(completion: string, { studentResponse }: ParseRevisionOptions = {}): Revised | Refusal {
  if (completion.trim() === '') return rejection('the completion is empty');
  const json = jsonRevision(completion);
  if (json !== undefined) return json;
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
    .map((section) => untag(completion, section, studentResponse))
    .map((section) => unfence(completion, section, studentResponse))
    .map((section) => unrule(completion, section, studentResponse));
  const filled = sections.filter(({ content }) => content.end > content.start);
  const chosen = filled.at(-1);
  if (chosen === undefined) {
    return rejection(`nothing stands under the solution's marker in ${lines(solutions)} (cut off?)`);
  }
  if (isQuotedField(completion, chosen)) {
    return rejection(`the solution in line ${chosen.marker.line} is a field of JSON that can't be read`);
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

/** Takes away the tags in which the project's template shows the student's solution, where a completion copies them too. */
function untag(completion: string, section: Section, studentResponse = ''): Section {
  const { marker, content, decoration } = section;
  const [opening, closing] = ['<student_solution>', '</student_solution>'];
  const text = completion.slice(content.start, content.end);
  const isTagged = text.startsWith(opening) && text.endsWith(closing) && text.length >= opening.length + closing.length;
  if (!isTagged || studentResponse.startsWith(opening)) return section;
  const tags = [
    { start: content.start, end: content.start + opening.length },
    { start: content.end - closing.length, end: content.end },
  ] as const;
  const inner = trimmed(completion, { start: tags[0].end, end: tags[1].start });
  return { marker, content: inner, decoration: [...decoration, ...tags] };
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

/**
 * Takes away a horizontal rule between the marker and the solution, or at the solution's end, where the student's response
 * has none. A rule stands apart: `Title` with `---` below it is a heading, and a first `---` with more below front matter.
 */
function unrule(completion: string, section: Section, studentResponse: string | undefined): Section {
  if (studentResponse === undefined || studentResponse.split('\n').some(isRuleLine)) return section;
  const { marker, content, decoration } = section;
  const text = completion.slice(content.start, content.end);
  const first = /^(?:-{3,}|\*{3,}|_{3,})[^\S\n]*\n[^\S\n]*\n/.exec(text)?.[0].length ?? 0;
  const lastLine = text.lastIndexOf('\n') + 1;
  const isRule = lastLine > first && isRuleLine(text.slice(lastLine)) && text.slice(0, lastLine - 1).trimEnd() !== '';
  const isApart = isRule && /\n[^\S\n]*$/.test(text.slice(Math.max(0, lastLine - 20), lastLine - 1));
  const kept = trimmed(completion, {
    start: content.start + first,
    end: content.start + (isApart ? lastLine : text.length),
  });
  return {
    marker,
    content: kept,
    decoration: [...decoration, { start: content.start, end: kept.start }, { start: kept.end, end: content.end }],
  };
}

function isRuleLine(line: string): boolean {
  return /^(?:-{3,}|\*{3,}|_{3,})$/.test(line.trim());
}

/** Whether a solution is written like a field of JSON, `"corrected_student_solution": "..."`, quotation marks and all. */
function isQuotedField(completion: string, { marker, content }: Section): boolean {
  const isQuoted = /^\s*"/.test(completion.slice(marker.start, marker.start + 100));
  return isQuoted && completion[content.start] === '"';
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
