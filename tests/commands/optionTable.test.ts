/** Options as tables: flags, help, values and types follow from the row. */
import { describe, expect, expectTypeOf, it } from 'vitest';
import { defineCommand } from '../../src/commands/options/defineCommand.js';
import { flagOf, type OptionsOf, optionTable, pickOptions } from '../../src/commands/options/optionTable.js';
import { listOf, oneOf, parseCount, parseNumber } from '../../src/commands/options/parseValues.js';

const table = optionTable({
  model: { value: '<folder>', help: 'the model', required: true },
  batchSize: { value: '<pairs>', help: 'pairs per batch', parse: parseCount, default: 16 },
  adamBeta1: { value: '<share>', help: 'decay', parse: parseNumber, shownDefault: 0.9 },
  stop: { value: '<text>', help: 'stops', repeatable: true },
  format: { value: '<name>', help: 'format', choices: ['csv', 'jsonl'] },
  preset: { value: '<name>', help: 'preset', parse: oneOf('preset', ['quick', 'full']) },
  sizes: { value: '<numbers>', help: 'sizes', parse: listOf(parseNumber) },
  cache: { value: '<folder>', help: 'cache', negation: 'no cache' },
  shuffle: { negated: true, help: 'keep the order' },
  json: { help: 'as JSON' },
});

/** What the command receives for these arguments. */
async function parse(...args: string[]) {
  let received: { options: OptionsOf<typeof table>; files: readonly string[] } | undefined;
  const command = defineCommand({
    name: 'sample',
    description: 'a command',
    operands: [{ name: '[files...]', help: 'files' }],
    options: table,
    examples: ['npx apolab sample'],
    run: (options, files) => {
      received = { options, files };
    },
  });
  command.exitOverride().configureOutput({ writeErr: () => undefined });
  await command.parseAsync(args, { from: 'user' });
  return { ...received!, help: command.helpInformation() };
}

describe('a table of options', () => {
  it('gives the defaults, and nothing for options that were not given', async () => {
    const { options, files } = await parse('--model', 'm');
    expect(options).toEqual({ model: 'm', batchSize: 16, shuffle: true });
    expect(files).toEqual([]);
  });

  it('gives each value as its row parses it', async () => {
    const numbers = ['--batch-size', '3', '--adam-beta1', '1e-1', '--sizes', '1, 2'];
    const texts = ['--stop', 'a', '--stop', 'b', '--format', 'csv', '--preset', 'full', '--cache', 'c'];
    const { options, files } = await parse(
      'one',
      '--model',
      'm',
      ...numbers,
      ...texts,
      '--no-shuffle',
      '--json',
      'two',
    );
    expect(options).toEqual({
      model: 'm',
      batchSize: 3,
      adamBeta1: 0.1,
      stop: ['a', 'b'],
      format: 'csv',
      preset: 'full',
      sizes: [1, 2],
      cache: 'c',
      shuffle: false,
      json: true,
    });
    expect(files).toEqual(['one', 'two']);
    expect((await parse('--model', 'm', '--no-cache')).options.cache).toBe(false);
  });

  it.each([
    [[], "required option '--model <folder>' not specified"],
    [['--model', 'm', '--batch-size', '0'], 'It must be a whole number of 1 or more.'],
    [['--model', 'm', '--adam-beta1', 'x'], "argument 'x' is invalid. It must be a number."],
    [['--model', 'm', '--format', 'xlsx'], 'Allowed choices are csv, jsonl.'],
    [['--model', 'm', '--preset', 'quik'], "did you mean 'quick'?"],
  ])('refuses %j', async (args, message) => {
    await expect(parse(...args)).rejects.toThrow(message);
  });

  it('shows each flag with its default', async () => {
    const { help } = await parse('--model', 'm');
    for (const line of [
      /--batch-size <pairs> +pairs per batch \(default: 16\)/,
      /--adam-beta1 <share> +decay \(default: 0\.9\)/,
      /--no-cache +no cache/,
      /--no-shuffle +keep the order/,
    ])
      expect(help).toMatch(line);
    expect(flagOf('maxGradNorm')).toBe('--max-grad-norm');
  });

  it('is the type of what the command receives', () => {
    expectTypeOf<OptionsOf<typeof table>>().toMatchObjectType<{
      readonly model: string;
      readonly batchSize: number;
      readonly adamBeta1?: number;
      readonly stop?: readonly string[];
      readonly format?: 'csv' | 'jsonl';
      readonly preset?: 'quick' | 'full';
      readonly sizes?: readonly number[];
      readonly cache?: string | false;
      readonly shuffle: boolean;
      readonly json?: true;
    }>();
    // @ts-expect-error A default has the type that the parser returns.
    optionTable({ count: { value: '<count>', help: 'count', parse: parseCount, default: 'three' } });
  });

  it('picks the options of a part of the program', async () => {
    const { options } = await parse('--model', 'm', '--json');
    const part = optionTable({ batchSize: table.batchSize, cache: table.cache });
    expect(pickOptions(options, part)).toEqual({ batchSize: 16 });
  });
});
