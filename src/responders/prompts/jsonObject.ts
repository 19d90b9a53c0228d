/**
 * The JSON object that a completion consists of, alone or in a code fence; undefined if the completion is anything else.
 *
 * @example
 * jsonObject('```json\n{"score": 7}\n```'); // { score: 7 }
 */
export function jsonObject(completion: string): Readonly<Record<string, unknown>> | undefined {
  const inner = completion
    .trim()
    .replace(/^```[a-z]{0,9}\s{0,9}/i, '')
    .replace(/\s{0,9}```$/, '');
  if (!inner.startsWith('{') || !inner.endsWith('}')) return undefined;
  try {
    return JSON.parse(inner) as Readonly<Record<string, unknown>>;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
