/** A command as one object: its name, its operands and options as tables, its help, and what it runs. */
import { Command } from 'commander';
import type { CommandId } from '../commandId.js';
import { type OptionsOf, type OptionTable, toCommanderOptions } from './optionTable.js';

/** An argument without a flag. `<name>` is required, `[name]` is optional, and dots take all that follow. */
interface Operand {
  readonly name: `<${string}>` | `[${string}]`;
  readonly help: string;
}

type OperandValue<Name> = Name extends `${string}...${string}`
  ? readonly string[]
  : Name extends `[${string}`
    ? string | undefined
    : string;

type OperandValues<Operands extends readonly Operand[]> = {
  readonly [Index in keyof Operands]: OperandValue<Operands[Index]['name']>;
};

/** Everything that a command is. */
export interface CommandDefinition<Options extends OptionTable, Operands extends readonly Operand[]> {
  /** The word after `apolab`. */
  readonly name: CommandId;
  /** One line for the list of commands. */
  readonly description: string;
  /** Arguments without a flag, in their order; none by default. */
  readonly operands?: Operands;
  readonly options: Options;
  /** Options that the table lacks are operands, for a command that hands them on to another program. */
  readonly passUnknownOptions?: true;
  /** Lines of help below the options, before the examples. */
  readonly notes?: readonly string[];
  /** Command lines, as a person types them. */
  readonly examples: readonly [string, ...string[]];
  /** Gets the parsed options, then the operands. */
  readonly run: (options: OptionsOf<Options>, ...operands: OperandValues<Operands>) => void | Promise<void>;
}

/**
 * Makes commander's command from the definition.
 *
 * @example
 * const hello = defineCommand({
 *   name: 'sample',
 *   description: 'greets',
 *   options: { times: { value: '<count>', help: 'greetings', parse: Number, default: 1 } },
 *   examples: ['npx apolab sample --times 2'],
 *   run: ({ times }) => console.log('hello '.repeat(times)),
 * });
 */
export function defineCommand<
  const Options extends OptionTable,
  const Operands extends readonly Operand[] = readonly [],
>(definition: CommandDefinition<Options, Operands>): Command {
  const { name, description, operands = [], options, notes = [], examples, run } = definition;
  const command = new Command(name).description(description);
  for (const operand of operands) command.argument(operand.name, operand.help);
  for (const option of toCommanderOptions(options)) command.addOption(option);
  if (definition.passUnknownOptions === true) command.allowUnknownOption();
  const lines = [
    ...notes.map((line) => `\n${line}`),
    examples.length === 1 ? '\n\nExample:' : '\n\nExamples:',
    ...examples.map((example) => `\n  $ ${example}`),
  ];
  command.addHelpText('after', lines.join('').replace(/^\n\n/, '\n'));
  // commander calls an action with the operands, then the options, then the command itself.
  return command.action(async (...given: unknown[]) => {
    const values = given.slice(0, operands.length) as unknown as OperandValues<Operands>;
    await run(given[operands.length] as OptionsOf<Options>, ...values);
  });
}
