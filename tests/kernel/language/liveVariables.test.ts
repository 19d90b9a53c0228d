/** Any sequence of cells that declare, redeclare, assign and close over names does what it does if all names live in one object. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createSession } from './cellsWithoutTypes.js';

const names = ['a', 'b', 'c', 'd'] as const;
type Name = (typeof names)[number];

/** What one cell does; `apply` does it to the model. */
interface Step {
  readonly code: string;
  apply(model: Model): void;
}

/** All names in one object, and functions that read and write it. */
class Model {
  readonly values = new Map<string, number>();
  readonly fixed = new Set<string>();
  readonly readers: Name[] = [];
  readonly writers: { readonly name: Name; readonly value: number }[] = [];

  declare(name: string, value: number, isFixed: boolean) {
    this.values.set(name, value);
    if (isFixed) this.fixed.add(name);
    else this.fixed.delete(name);
  }
}

const name = fc.constantFrom(...names);
const value = fc.integer({ min: 0, max: 99 });
const declaration = (write: (name: Name, value: number) => string, isFixed: boolean) =>
  fc.tuple(name, value).map(([n, v]): Step => ({ code: write(n, v), apply: (model) => model.declare(n, v, isFixed) }));
/** A number, however it is kept: plain, returned by a function, or a class's member. */
const read = (n: string) => `(typeof ${n} === 'function' ? (${n}.held ?? ${n}()) : ${n})`;

const steps = [
  declaration((n, v) => `let ${n} = ${v};`, false),
  declaration((n, v) => `var ${n} = ${v};`, false),
  declaration((n, v) => `const ${n} = ${v};`, true),
  declaration((n, v) => `function ${n}() { return ${v}; }`, true),
  declaration((n, v) => `class ${n} { static held = ${v}; }`, true),
  declaration((n, v) => `if (true) { var ${n} = ${v}; }`, false),
  declaration((n, v) => `for (var ${n} = ${v}; false; ) {}`, false),
  declaration((n, v) => `const { ${n} } = { ${n}: ${v} };`, true),
  declaration((n, v) => `let [${n} = ${v}] = [];`, false),
  fc.tuple(name, value).map(([n, v]): Step => ({ code: `{ let ${n} = ${v}; ${n} += 1; }`, apply: () => undefined })),
  fc.tuple(name, value).map(([n, v]): Step => ({ code: `((${n}) => ${n} + 1)(${v});`, apply: () => undefined })),
  name.map((n): Step => ({ code: `readers.push(() => ${read(n)});`, apply: (model) => void model.readers.push(n) })),
  fc.tuple(name, value).map(([n, v]): Step => ({
    code: `writers.push(() => { ${n} = ${v}; });`,
    apply: (model) => void model.writers.push({ name: n, value: v }),
  })),
];
/** What depends on the model: assignments, which a constant does not take. */
const assignments = [
  fc.tuple(name, value).map(([n, v]) => ({ name: n, code: `${n} = ${v};`, next: () => v })),
  fc.tuple(name, value).map(([n, v]) => ({ name: n, code: `${n} += ${v};`, next: (old: number) => old + v })),
  name.map((n) => ({ name: n, code: `${n}++;`, next: (old: number) => old + 1 })),
  fc.tuple(name, value).map(([n, v]) => ({ name: n, code: `({ ${n} } = { ${n}: ${v} });`, next: () => v })),
];

const cell = fc.oneof(
  { weight: 3, arbitrary: fc.oneof(...steps).map((step) => ({ step })) },
  { weight: 1, arbitrary: fc.oneof(...assignments).map((assignment) => ({ assignment })) },
  { weight: 1, arbitrary: fc.nat().map((writer) => ({ writer })) },
);

it('2,000 sequences of cells equal a model in which all names live in one object', () => {
  fc.assert(
    fc.property(fc.array(cell, { minLength: 2, maxLength: 12 }), (cells) => {
      const session = createSession();
      const model = new Model();
      session.run('const readers = [], writers = [];');
      for (const each of cells) {
        if ('step' in each) {
          session.run(each.step.code);
          each.step.apply(model);
        } else if ('assignment' in each) {
          const { name: n, code, next } = each.assignment;
          const old = model.values.get(n);
          if (old === undefined || model.fixed.has(n)) continue;
          session.run(code);
          model.values.set(n, next(old));
        } else {
          const writer = model.writers[each.writer % (model.writers.length || 1)];
          if (writer === undefined || !model.values.has(writer.name)) continue;
          session.run(`writers[${model.writers.indexOf(writer)}]();`);
          // A function or class that is assigned becomes a number, as any variable.
          model.values.set(writer.name, writer.value);
        }
        const declared = [...model.values.keys()];
        const readers = model.readers.flatMap((n, index) => (model.values.has(n) ? [index] : []));
        const all = `[[${declared.map(read).join(', ')}], [${readers.map((index) => `readers[${index}]()`).join(', ')}]]`;
        expect(session.run(`__cell__.value = ${all};`)).toEqual([
          declared.map((n) => model.values.get(n)),
          readers.map((index) => model.values.get(model.readers[index]!)),
        ]);
      }
    }),
    { numRuns: 2000, seed: 7 },
  );
}, 600_000);
