/**
 * The text under the marker of a solution, without what models put around it: a closing tag, the template's tags, a code
 * fence, a horizontal rule. The spans that were removed are listed, so that the caller can find the rest of the text.
 */
import type { TextSpan } from '../prompts/textSpan.js';
import { closingTags, type Marker } from './markers.js';

/** A marker of a solution with the text under it. */
export interface SolutionSection {
  readonly marker: Marker;
  readonly content: TextSpan;
  /** Spans that belong neither to the solution nor to the rationale: the marker, its closing tag, a fence around both. */
  readonly decoration: readonly TextSpan[];
}

/**
 * The section of a marker. It ends at its closing tag or at `end`.
 *
 * @param policyResponse the response that was revised: a fence, a rule or tags around the solution are removed only if this
 * response has none; without it, fence and rule stay
 * @example
 * const text = '{corrected_student_solution}\n```\nIt is 4.\n```';
 * const { content } = findSolutionSection(text, findMarkers(text)[0], text.length, 'It is 5.');
 * text.slice(content.start, content.end); // 'It is 4.'
 */
export function findSolutionSection(
  completion: string,
  marker: Marker,
  end: number,
  policyResponse: string | undefined,
): SolutionSection {
  const tagged = untag(completion, enclosed(completion, marker, end), policyResponse);
  return unrule(completion, unfence(completion, tagged, policyResponse), policyResponse);
}

/** The text under a solution's marker, up to its closing tag or `end`. */
function enclosed(completion: string, marker: Marker, end: number): SolutionSection {
  const [close] = closingTags(completion, 'solution', { start: marker.end, end });
  const content = trimmed(completion, { start: marker.end, end: close?.start ?? end });
  const decoration = [{ start: marker.start, end: marker.end }, ...(close === undefined ? [] : [close])];
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

/** Removes the tags that the project's template puts around the policy's response, if a completion has copied them. */
function untag(completion: string, section: SolutionSection, policyResponse = ''): SolutionSection {
  const { marker, content, decoration } = section;
  const [opening, closing] = ['<student_solution>', '</student_solution>'];
  const text = completion.slice(content.start, content.end);
  const isTagged = text.startsWith(opening) && text.endsWith(closing) && text.length >= opening.length + closing.length;
  if (!isTagged || policyResponse.startsWith(opening)) return section;
  const tags = [
    { start: content.start, end: content.start + opening.length },
    { start: content.end - closing.length, end: content.end },
  ] as const;
  const inner = trimmed(completion, { start: tags[0].end, end: tags[1].start });
  return { marker, content: inner, decoration: [...decoration, ...tags] };
}

/**
 * Removes a code fence around the whole solution if the policy's response has none, and the lower end of a fence that starts
 * before the marker.
 */
function unfence(completion: string, section: SolutionSection, policyResponse: string | undefined): SolutionSection {
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
  if (!isWhole || policyResponse === undefined || fencesOf(policyResponse).length > 0) return section;
  const inner = trimmed(completion, { start: first.end, end: last.start });
  return { marker, content: inner, decoration: [...decoration, first, last] };
}

/**
 * Removes a horizontal rule between the marker and the solution, or at the end of the solution, if the policy's response has
 * none. A rule has an empty line beside it: `Title` with `---` below it is a heading, and a first `---` directly above text
 * is front matter.
 */
function unrule(completion: string, section: SolutionSection, policyResponse: string | undefined): SolutionSection {
  if (policyResponse === undefined || policyResponse.split('\n').some(isRuleLine)) return section;
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

/** True for a line that is a horizontal rule: `---`, `***` or `___`. */
export function isRuleLine(line: string): boolean {
  return /^(?:-{3,}|\*{3,}|_{3,})$/.test(line.trim());
}

/** The lines of a span that open or close a code fence, without their line ends and indentation. */
function fencesOf(text: string, { start, end }: TextSpan = { start: 0, end: text.length }): TextSpan[] {
  // Not `^` with the m flag: it also matches after each carriage return, and many of those would take quadratic time.
  return Array.from(text.slice(start, end).matchAll(/(?<![^\n])[^\S\n]*((?:`{3}|~{3})[^\n]*)/g), (match) => {
    const begin = start + match.index + match[0].length - match[1]!.length;
    return { start: begin, end: begin + match[1]!.trimEnd().length };
  });
}

function trimmed(text: string, { start, end }: TextSpan): TextSpan {
  const content = text.slice(start, end);
  if (content.trim() === '') return { start, end: start };
  return {
    start: start + content.length - content.trimStart().length,
    end: start + content.trimEnd().length,
  };
}
