/** Revisions of models that always answer in JSON. */
import type { Revised } from '../responder.js';
import { jsonObject } from '../prompts/jsonObject.js';

/**
 * The revision in a completion that is a JSON object with a `corrected_student_solution`, alone or in a code fence; the
 * other fields of the object are its rationale. Undefined for any other completion.
 *
 * @example
 * jsonRevision('{"teacher_reasoning": "2 + 2 is 4.", "corrected_student_solution": "It is 4."}');
 * // { kind: 'revised', response: 'It is 4.', rationale: '2 + 2 is 4.' }
 */
export function jsonRevision(completion: string): Revised | undefined {
  const fields = Object.entries(jsonObject(completion) ?? {});
  const isSolution = ([key]: readonly [string, unknown]) =>
    key.toLowerCase().replace(/[^a-z]/g, '') === 'correctedstudentsolution';
  const solutions = fields.filter(isSolution).map(([, value]) => value);
  const [response] = solutions;
  if (solutions.length !== 1 || typeof response !== 'string' || response.trim() === '') return undefined;
  const others = fields.filter((field) => !isSolution(field)).map(([, value]) => value);
  const rationale = others.map((value) => (typeof value === 'string' ? value.trim() : JSON.stringify(value)));
  return {
    kind: 'revised',
    response: response.trim(),
    rationale: rationale.filter((text) => text !== '').join('\n\n'),
  };
}
