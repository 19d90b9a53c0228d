/** The content of requests and replies: JSON objects whose fields a client may leave out. */

/** A message's content, before its fields are checked. */
export type Content = Readonly<Record<string, unknown>>;

/** The content of a reply. */
export type Reply = { readonly status: 'ok' | 'error' | 'aborted' } & Content;

/** Reads fields of a content, with a default if the client left the field out or sent another type. */
export const read = {
  text: (content: Content, name: string): string => (typeof content[name] === 'string' ? content[name] : ''),
  number: (content: Content, name: string, otherwise: number): number =>
    typeof content[name] === 'number' ? content[name] : otherwise,
  flag: (content: Content, name: string, otherwise: boolean): boolean =>
    typeof content[name] === 'boolean' ? content[name] : otherwise,
  record: (content: Content, name: string): Content => {
    const value = content[name];
    return typeof value === 'object' && value !== null ? (value as Content) : {};
  },
};
