/**
 * Options as tables: one row per option, under the name by which the program reads it. The flag, the help, the parser and the
 * type of the value all follow from the row, so an option is declared once.
 *
 * `{ batchSize: { value: '<pairs>', help: 'pairs per batch', parse: parseNumber, default: 16 } }` is the flag
 * `--batch-size <pairs>`, and `OptionsOf` of that table is `{ readonly batchSize: number }`.
 */
import { Option } from 'commander';

/** What every option with a value may say. */
interface ValueRow {
  /** The placeholder in help, such as `<pairs>`. */
  readonly value: `<${string}>`;
  readonly help: string;
  /** The command refuses to run without the option. */
  readonly required?: true;
  /** The option may be given several times; its value is then the list of them. */
  readonly repeatable?: true;
  /** Help of `--no-<flag>`, which makes the value false. */
  readonly negation?: string;
  /**
   * What help names as the default if the parser itself sets none: either the library has that default, or it depends on
   * another option (`"the objective's"`).
   */
  readonly shownDefault?: string | number;
}

/** An option whose value is a text; `parse` checks it, or narrows its type. */
interface TextRow extends ValueRow {
  readonly parse?: (text: string) => string;
  readonly default?: string;
  /** Any other text is refused. */
  readonly choices?: readonly string[];
}

/** An option whose value is a number. */
interface NumberRow extends ValueRow {
  readonly parse: (text: string) => number;
  readonly default?: number;
}

/** An option whose text becomes a list or a record. */
interface ObjectRow extends ValueRow {
  readonly parse: (text: string) => object;
}

/** An option without a value: `--json` is true if given. A negated one, `--no-shuffle`, is false if given, else true. */
interface SwitchRow {
  readonly value?: never;
  readonly help: string;
  readonly negated?: true;
}

/** One option of a command. */
export type OptionRow = TextRow | NumberRow | ObjectRow | SwitchRow;

/** Options by the names by which the program reads them: `batchSize` is `--batch-size`. */
export type OptionTable = Readonly<Record<string, OptionRow>>;

type ParsedValue<Row> = Row extends { parse: (text: string) => infer Value }
  ? Value
  : Row extends { choices: readonly (infer Choice)[] }
    ? Choice
    : string;

type RowValue<Row> = Row extends { value: string }
  ? | (Row extends { repeatable: true } ? readonly ParsedValue<Row>[] : ParsedValue<Row>)
    | (Row extends { negation: string } ? false : never)
  : Row extends { negated: true }
    ? boolean
    : true;

type AlwaysGiven = { required: true } | { default: string | number } | { negated: true };

/** What a command receives for a table: an option that is required or has a default is always there, others may be absent. */
export type OptionsOf<Table extends OptionTable> = {
  readonly [Name in keyof Table as Table[Name] extends AlwaysGiven ? Name : never]: RowValue<Table[Name]>;
} & {
  readonly [Name in keyof Table as Table[Name] extends AlwaysGiven ? never : Name]?: RowValue<Table[Name]>;
};

/** A table of options with its literal types, for tables that several commands share. */
export const optionTable = <const Table extends OptionTable>(table: Table): Table => table;

/** Those of the options that `table` has and that were given: what a part of the program takes of a command's options. */
export function pickOptions<Table extends OptionTable>(options: OptionsOf<Table>, table: Table): OptionsOf<Table> {
  const given = Object.entries(options).filter(([name, value]) => Object.hasOwn(table, name) && value !== undefined);
  return Object.fromEntries(given) as OptionsOf<Table>;
}

/** The flag of an option: `batchSize` is `--batch-size`. */
export function flagOf(name: string): string {
  return `--${kebab(name)}`;
}

/** The rows of a table as commander's options, in the table's order. */
export function toCommanderOptions(table: OptionTable): Option[] {
  return Object.entries(table).flatMap(([name, row]) => {
    if (row.value === undefined) {
      return [new Option(row.negated === true ? `--no-${kebab(name)}` : flagOf(name), row.help)];
    }
    const option = valueOption(name, row);
    return row.negation === undefined ? [option] : [option, new Option(`--no-${kebab(name)}`, row.negation)];
  });
}

function valueOption(name: string, row: Exclude<OptionRow, SwitchRow>): Option {
  const help = row.shownDefault === undefined ? row.help : `${row.help} (default: ${row.shownDefault})`;
  const option = new Option(`${flagOf(name)} ${row.value}`, help);
  const parse: (text: string) => unknown = row.parse ?? String;
  if ('choices' in row) option.choices(row.choices);
  else if (row.repeatable === true) {
    option.argParser<unknown[]>((text, before: unknown[] | undefined) => [...(before ?? []), parse(text)]);
  } else option.argParser(parse);
  if ('default' in row) option.default(row.default);
  return row.required === true ? option.makeOptionMandatory() : option;
}

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
