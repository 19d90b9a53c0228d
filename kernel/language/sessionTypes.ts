/** What later cells know of the names that earlier cells have declared: for each name, a declaration that stands at their top. */

/** A name's declaration. */
export interface SessionName {
  readonly name: string;
  /** Statements of TypeScript that declare the name in another cell, with its documentation. */
  readonly declaration: string;
  /** The same by reference to the cell that declares it: used if the declaration is not correct in another cell. */
  readonly reference: string;
  /** What is known of the value beyond its declared type, as a type: an assertion of an earlier cell. */
  readonly narrowed?: string | undefined;
  /** The type, for lists of variables. */
  readonly type: string;
  /** Whether it is a variable or constant, whose type assertions may narrow. */
  readonly isVariable: boolean;
  /** Whether it has a value when cells run, and is not only a type. */
  readonly hasValue: boolean;
}

/** The function that a cell's first lines call for narrowed names; its name can't be one of a cell's. */
export const narrowName = '__narrow__';

/** The words in a text that may be names. */
export const wordsOf = (text: string): ReadonlySet<string> =>
  new Set(text.match(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu));

/** The names of a session. */
export class SessionTypes {
  readonly #names = new Map<string, SessionName>();

  get(name: string): SessionName | undefined {
    return this.#names.get(name);
  }

  set(entry: SessionName): void {
    this.#names.set(entry.name, entry);
  }

  /** Notes what is known of variables beyond their declared types; `undefined` forgets it. */
  narrow(types: ReadonlyMap<string, string | undefined>): void {
    for (const [name, narrowed] of types) {
      const known = this.#names.get(name);
      if (known === undefined || known.narrowed === narrowed) continue;
      this.#names.set(name, { ...known, narrowed });
    }
  }

  all(): readonly SessionName[] {
    return [...this.#names.values()];
  }

  clear(): void {
    this.#names.clear();
  }

  /** The entries that a cell's code names; those that it declares itself are left out. */
  named(code: string, declared: ReadonlySet<string>): SessionName[] {
    const found: SessionName[] = [];
    for (const word of wordsOf(code)) {
      const entry = declared.has(word) ? undefined : this.#names.get(word);
      if (entry !== undefined) found.push(entry);
    }
    return found;
  }
}

/** The text in front of a cell that declares names of earlier cells. */
export function declarationsOf(entries: readonly SessionName[]): string {
  const narrowed = entries.filter((entry) => entry.narrowed !== undefined);
  return [
    ...entries.map(({ declaration }) => declaration),
    ...(narrowed.length === 0 ? [] : [`declare function ${narrowName}<T>(value: unknown): asserts value is T;`]),
    ...narrowed.map(({ name, narrowed: type }) => `${narrowName}<${type!}>(${name});`),
  ].join('\n');
}
