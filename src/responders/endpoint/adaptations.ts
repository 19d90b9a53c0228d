/** Fields of a request in which compatible servers differ: each is sent as most servers take it, until one refuses it. */
import { isServerError, type ServerError } from './serverError.js';

type Body = Readonly<Record<string, unknown>>;

/** A change of the request body for servers that do not take a field. */
export interface Adaptation {
  /** The field that a server does not take. */
  readonly field: string;
  readonly change: (body: Body) => Body;
}

const without =
  (field: string): Adaptation['change'] =>
  (body) =>
    Object.fromEntries(Object.entries(body).filter(([name]) => name !== field));

const adaptations: readonly Adaptation[] = [
  {
    field: 'max_tokens',
    change: ({ max_tokens, ...others }) => ({ ...others, max_completion_tokens: max_tokens }),
  },
  { field: 'seed', change: without('seed') },
  { field: 'temperature', change: without('temperature') },
];

/** By the error's own parameter. Without one, by the message: the quoted field with a typical phrase, since a message may also quote the prompt. */
function complainsOf(field: string, error: ServerError): boolean {
  if (typeof error.param === 'string' && error.param !== '') return error.param === field;
  const unwanted = /not supported|unsupported|unrecognized|unknown|not permitted|extra (?:inputs|fields)|unexpected/i;
  return unwanted.test(error.message) && new RegExp(`['"\`]${field}['"\`]`).test(error.message);
}

/** The body without the fields that this server does not take, or with their other names. */
export function adapt(body: Body, applied: ReadonlySet<Adaptation>): Body {
  return [...applied].reduce((fields, { change }) => change(fields), body);
}

/** The adaptation that an error asks for; undefined if there is none or it was applied already. */
export function adaptationFor(error: unknown, applied: ReadonlySet<Adaptation>): Adaptation | undefined {
  if (!isServerError(error) || error.status !== 400) return undefined;
  return adaptations.find((one) => !applied.has(one) && complainsOf(one.field, error));
}
