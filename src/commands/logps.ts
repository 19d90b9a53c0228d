/** `apolab logps`: log-probabilities of the responses of a pairs file under a model, tokenized as TRL tokenizes the row. */
import { ApolabError } from '../core/errors.js';
import { createProgress } from '../core/progress.js';
import type { RowLocation } from '../pairs/rows/readPairs.js';
import type { TokenizedRow } from '../training/index.js';
import { defineCommand } from './options/defineCommand.js';
import { type OptionsOf, optionTable } from './options/optionTable.js';
import { parseCount } from './options/parseValues.js';
import { backendOption, checkModelFolder, modelOption, pairsOption } from './options/sharedOptions.js';

const logpsOptions = optionTable({
  ...modelOption,
  ...pairsOption,
  batchSize: { value: '<pairs>', help: 'pairs per forward pass', parse: parseCount, default: 16 },
  maxLength: {
    value: '<tokens>',
    help: 'tokens that a sequence is cut to, as in training',
    parse: parseCount,
    shownDefault: 'no cut',
  },
  ...backendOption,
  json: { help: 'print one object per row: {"row": ..., "chosen": ..., "rejected": ...}' },
});

/** The command, for the table of commands. */
export const logpsCommand = () =>
  defineCommand({
    name: 'logps',
    description: 'log-probabilities of chosen and rejected responses under a model, in nats, summed over their tokens',
    options: logpsOptions,
    notes: [
      'The end-of-sequence token counts too. Each number is printed with the number of its row; rows that cannot be used are',
      'reported on standard error.',
    ],
    examples: ['npx apolab logps --model datasets/miniature-world/policy-0 --pairs pairs.jsonl --json'],
    run: printLogProbs,
  });

async function printLogProbs(options: OptionsOf<typeof logpsOptions>) {
  const { model: folder, pairs: file, batchSize, maxLength, backend, json } = options;
  checkModelFolder(folder);
  // Loaded here, so that `apolab --help` does not wait for TensorFlow.js.
  const [{ useBackend }, { fromPretrained }, preference, training] = await Promise.all([
    import('../tensor/index.js'),
    import('../model/index.js'),
    import('../preference.js'),
    import('../training/index.js'),
  ]);
  await useBackend(backend);
  const { tokenizer, config, parameters } = await fromPretrained(folder);
  // Tokens are kept from the check, so that a row is tokenized once.
  const tokenized: TokenizedRow[] = [];
  const places: RowLocation[] = [];
  const { pairs, skipped } = await preference.readPairs(file, {
    check: (pair, place) => {
      const tokens = training.tokensOrReason(tokenizer, pair, maxLength);
      if (typeof tokens === 'string') return tokens;
      tokenized.push(tokens);
      places.push(place);
      return undefined;
    },
  });
  if (skipped.length > 0) console.error(preference.formatSkipped(skipped, file));
  if (pairs.length === 0) throw new ApolabError(`${file} has no row whose responses have log-probabilities.`);
  const progress = createProgress('log-probabilities', pairs.length);
  const sums = { chosen: 0, rejected: 0 };
  for (let start = 0; start < pairs.length; start += batchSize) {
    const batch = tokenized.slice(start, start + batchSize);
    const values = await training.computeResponseLogProbs(parameters, config, batch, batchSize);
    for (const [index] of batch.entries()) {
      const [chosen, rejected] = [values[2 * index]!, values[2 * index + 1]!];
      sums.chosen += chosen;
      sums.rejected += rejected;
      const place = places[start + index]!;
      const name = place.file === undefined ? `${place.row}` : `${place.file}:${place.row}`;
      console.log(
        json
          ? JSON.stringify({ ...place, chosen, rejected })
          : `${name}  chosen ${chosen.toFixed(4)}  rejected ${rejected.toFixed(4)}`,
      );
    }
    progress.update(start + batch.length);
    // Gives the process time for signals and output.
    await new Promise((resolve) => setImmediate(resolve));
  }
  progress.finish();
  if (json) return;
  const mean = (sum: number) => (sum / pairs.length).toFixed(4);
  console.log(`mean of ${pairs.length}  chosen ${mean(sums.chosen)}  rejected ${mean(sums.rejected)}`);
}
