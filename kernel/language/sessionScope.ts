/**
 * The variables of a session: one object that the compiled code of every cell reads and assigns as `__names__.name`. So a name is one
 * variable, also inside functions of earlier cells.
 */

/** Values by name. */
export type NamedValues = Record<string, unknown>;

/** The variables of all cells. */
export class SessionScope {
  /** What cells get as `__names__`. Reading a name that has no value yet throws a ReferenceError. */
  readonly names: NamedValues;

  constructor() {
    this.names = createNames();
  }

  has(name: string): boolean {
    return Object.hasOwn(this.names, name);
  }

  /** A variable's value; for an import that a module computes, its current one. */
  get(name: string): unknown {
    return this.has(name) ? this.names[name] : undefined;
  }

  /** Makes a name a variable whose value `read` gives until it is assigned: an import whose module may change it. */
  bind(name: string, read: () => unknown): void {
    Object.defineProperty(this.names, name, {
      configurable: true,
      enumerable: true,
      get: read,
      set: (value: unknown) => this.assign(name, value),
    });
  }

  /** Gives a variable a value, also if an import had its name. */
  assign(name: string, value: unknown): void {
    Object.defineProperty(this.names, name, { configurable: true, enumerable: true, writable: true, value });
  }

  /** The state of some variables, to be compared and restored after a cell that failed. */
  snapshot(names: Iterable<string>): Map<string, PropertyDescriptor | undefined> {
    return new Map(Array.from(names, (name) => [name, Object.getOwnPropertyDescriptor(this.names, name)]));
  }

  /** Restores a variable. */
  restore(name: string, state: PropertyDescriptor | undefined): void {
    if (state === undefined) Reflect.deleteProperty(this.names, name);
    else Object.defineProperty(this.names, name, state);
  }

  /** Removes all variables. */
  clear(): void {
    for (const name of Object.keys(this.names)) Reflect.deleteProperty(this.names, name);
  }
}

/**
 * An ordinary object, so that V8 reads its members fast, above a prototype that is only asked for names that it lacks: globals that
 * did not exist when a cell was compiled, and errors.
 */
function createNames(): NamedValues {
  const missing = new Proxy(Object.create(null) as NamedValues, {
    has: () => false,
    get(_target, name) {
      if (typeof name === 'symbol') return undefined;
      if (name in globalThis) return (globalThis as NamedValues)[name];
      throw new ReferenceError(`${name} is not defined`);
    },
    set: (_target, name, value: unknown, receiver: object) =>
      Reflect.defineProperty(receiver, name, { configurable: true, enumerable: true, writable: true, value }),
  });
  function Names() {
    // Its instances have nothing but the variables.
  }
  Names.prototype = missing;
  return Reflect.construct(Names, []) as NamedValues;
}
