/** The variables of all cells. Every top-level name of a cell becomes a property here, and later cells read it from here. */

/** Values by name. */
export type VariableValues = Record<string, unknown>;

/** The variables, as cells use them and as the kernel reads them. */
export class Variables {
  /** The same variables without the proxy, for reading them all. */
  readonly own: Readonly<VariableValues>;
  /**
   * A cell's `exports`. TypeScript defines imported names as getters; here they become plain values, so that later cells may assign
   * and redeclare them.
   */
  readonly exports: VariableValues;

  constructor() {
    const own: VariableValues = {};
    this.own = own;
    this.exports = new Proxy(own, {
      defineProperty(target, name, attributes) {
        if (name === '__esModule') return true;
        const value: unknown = attributes.get === undefined ? attributes.value : attributes.get.call(target);
        return Reflect.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
      },
    });
  }

  /** Removes a variable and returns its value. */
  take(name: string): unknown {
    const value = this.exports[name];
    Reflect.deleteProperty(this.exports, name);
    return value;
  }

  /**
   * Restores, after a cell that failed, the values `before` it of the names that it did not reach: a compiled cell first sets all
   * its names to undefined. Returns these names.
   */
  restoreUnreached(before: Readonly<VariableValues>): Set<string> {
    const unreached = new Set<string>();
    for (const name of Object.keys(this.own)) {
      if (this.own[name] !== undefined || (name in before && before[name] === undefined)) continue;
      unreached.add(name);
      if (name in before) this.exports[name] = before[name];
      else Reflect.deleteProperty(this.exports, name);
    }
    return unreached;
  }

  /** Removes all variables. */
  clear(): void {
    for (const name of Object.keys(this.exports)) Reflect.deleteProperty(this.exports, name);
  }
}
