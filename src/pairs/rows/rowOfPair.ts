/** Converts a pair to the columns of a file. */
import { ApolabError, UnknownNameError } from '../../core/errors.js';
import { messagesOf, type Message, type PreferencePair, type Provenance } from '../pair.js';
import { BadRow } from './badRow.js';
import type { Row } from '../formats/fileRow.js';

/** One row of the table of forms. */
interface Form {
  /** For help texts. */
  readonly description: string;
  /** The messages before the answers, or undefined to write the pair as plain texts. */
  messages(pair: PreferencePair): readonly Message[] | undefined;
}

/** The forms of a pair that TRL reads. */
export const forms = {
  'as-is': {
    description: 'a conversation as a conversation, a text as a text',
    messages: ({ conversation }) => conversation,
  },
  standard: { description: 'texts', messages: refuseTurns },
  conversational: {
    description: 'lists of {role, content}',
    messages: ({ conversation, prompt }) => conversation ?? [{ role: 'user', content: prompt }],
  },
} satisfies Record<string, Form>;

/** The name of a form. */
export type FormId = keyof typeof forms;

/** The form of that name; throws an UnknownNameError if there is none. */
export function formOf(name: string): FormId {
  if (Object.hasOwn(forms, name)) return name as FormId;
  throw new UnknownNameError('form', name, Object.keys(forms));
}

function refuseTurns({ conversation = [], responseMessages, tools }: PreferencePair): undefined {
  const hasMore = conversation.some(
    (message) => Object.keys(message).length > 2 || typeof message.content !== 'string',
  );
  if (hasMore || responseMessages !== undefined || tools !== undefined) {
    throw new BadRow(
      'prompt',
      "its messages hold more than texts (tools, reasoning or several answers); write it in form 'conversational'",
    );
  }
  if (conversation.length <= 1) return undefined;
  throw new BadRow(
    'prompt',
    `its conversation has ${conversation.length} messages, but a text holds only one; write it in form 'conversational'`,
  );
}

/**
 * The columns of a pair: `prompt`, `chosen`, `rejected`; if the pair has them `tools`, `rationale`, `score_chosen`, `score_rejected`
 * and `provenance` (without its time, so that the same responses give the same bytes); and the other columns that it was read
 * with.
 *
 * @throws BadRow if the form cannot hold the pair
 */
export function rowOfPair(pair: PreferencePair, form: FormId = 'as-is'): Row {
  const messages = forms[form].messages(pair);
  const { chosen, rejected } = messages === undefined ? pair : messagesOf(pair);
  const { rationale, tools, scores, provenance, columns } = pair;
  return {
    prompt: messages ?? pair.prompt,
    chosen,
    rejected,
    ...(tools === undefined ? {} : { tools }),
    ...(rationale === undefined ? {} : { rationale }),
    ...(scores === undefined ? {} : { score_chosen: scores.chosen, score_rejected: scores.rejected }),
    ...(provenance === undefined ? {} : { provenance: withoutTime(provenance) }),
    ...(columns === undefined ? {} : otherColumns(columns, pair)),
  };
}

function withoutTime(provenance: Provenance): Row {
  return Object.fromEntries(Object.entries(provenance).filter(([name]) => name !== 'time'));
}

/** The columns that the pair does not fill itself. */
function otherColumns(columns: Row, { scores, provenance, rationale, tools }: PreferencePair): Row {
  const taken = new Set<string>(['prompt', 'chosen', 'rejected']);
  if (rationale !== undefined) taken.add('rationale');
  if (scores !== undefined) taken.add('score_chosen').add('score_rejected');
  if (provenance !== undefined) taken.add('provenance');
  if (tools !== undefined) taken.add('tools');
  return Object.fromEntries(Object.entries(columns).filter(([name]) => !taken.has(name)));
}

/** The columns of a pair; throws an ApolabError with the pair's number if the form cannot hold it. */
export function rowOrError(pair: PreferencePair, form: FormId, number: number): Row {
  try {
    return rowOfPair(pair, form);
  } catch (error) {
    if (error instanceof BadRow) throw new ApolabError(`Pair ${number} can't be written: ${error.message}.`);
    throw error;
  }
}
