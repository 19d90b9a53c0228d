/** Fields of a request in which compatible servers differ: each is sent as most servers take it, until one refuses it. */
import { ServerError } from './serverError.js';

type Body = Readonly<Record<string, unknown>>;

/** A change of the request body for servers that do not take a field. */
export interface Adaptation {
  /** The field that a server does not take. */
  readonly field: string;
  /** What happens to the field, for the person. */
  readonly told: string;
  readonly change: (body: Body) => Body;
}

const leaveOut = (field: string): Adaptation => ({
  field,
  told: `${field} (left out)`,
  change: (body) => Object.fromEntries(Object.entries(body).filter(([name]) => name !== field)),
});

const adaptations: readonly Adaptation[] = [
  {
    field: 'max_tokens',
    told: 'max_tokens (sent as max_completion_tokens)',
    change: ({ max_tokens, ...others }) => ({ ...others, max_completion_tokens: max_tokens }),
  },
  leaveOut('seed'),
  leaveOut('temperature'),
  leaveOut('stream_options'),
];

const unwanted =
  /not supported|n[o']t support|unsupported|unrecogni[sz]ed|unknown|not permitted|not allowed|extra (?:inputs|fields)|extra_forbidden|unexpected/i;

/** By the fields that the error names. Without one, by the message: the quoted field with a typical phrase, since a message may also quote the prompt. */
function complainsOf(field: string, { fields, message }: ServerError): boolean {
  if (fields.length > 0) return fields.includes(field);
  const named = new RegExp(`['"\`\\[]${field}['"\`\\]]|(?:parameter|argument|field|key)s?(?: supplied)?:? ${field}\\b`);
  return unwanted.test(message) && named.test(message);
}

/** The body without the fields that this server does not take, or with their other names. */
export function adapt(body: Body, applied: ReadonlySet<Adaptation>): Body {
  return [...applied].reduce((fields, { change }) => change(fields), body);
}

/** The adaptation that an error asks for; undefined if there is none or it was applied already. */
export function adaptationFor(error: unknown, applied: ReadonlySet<Adaptation>): Adaptation | undefined {
  if (!(error instanceof ServerError) || (error.status !== 400 && error.status !== 422)) return undefined;
  return adaptations.find((one) => !applied.has(one) && complainsOf(one.field, error));
}
