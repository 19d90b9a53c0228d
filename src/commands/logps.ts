/** `apolab logps`: log-probabilities of the responses of a pairs file under a model, tokenised as TRL tokenises the row. */
import { Command } from 'commander';
import { ApolabError } from '../core/errors.js';
import { createProgress } from '../core/progress.js';
import type { TokenizedPair } from '../training/index.js';
import { backendOption, checkModelFolder, modelOption, pairsOption, positiveWholeNumber } from './options.js';

interface Options {
  readonly model: string;
  readonly pairs: string;
  readonly batchSize: number;
  readonly maxLength?: number;
  readonly backend?: string;
  readonly json?: true;
}

export function logpsCommand(): Command {
  return new Command('logps')
    .description('log-probabilities of chosen and rejected responses under a model, in nats, summed over their tokens')
    .addOption(modelOption())
    .addOption(pairsOption())
    .option('--batch-size <pairs>', 'pairs a forward pass', positiveWholeNumber, 16)
    .option('--max-length <tokens>', 'tokens a sequence is cut to, as in training (no cut)', positiveWholeNumber)
    .addOption(backendOption())
    .option('--json', 'print one object a row: {"chosen": ..., "rejected": ...}')
    .addHelpText(
      'after',
      '\nThe end-of-sequence token counts too. Rows that cannot be read are told on standard error.' +
        '\n\nExample:\n  $ npx apolab logps --model datasets/miniature-world/policy-0 --pairs pairs.jsonl --json',
    )
    .action(printLogProbs);
}

async function printLogProbs({ model: folder, pairs: file, batchSize, maxLength, backend, json }: Options) {
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
  // What was encoded is kept: every row has numbers, unless it cannot be written as tokens at all.
  const encoded: TokenizedPair[] = [];
  const { pairs, skipped } = await preference.readPairs(file, {
    check: (pair) => {
      const tokens = training.tokensOrReason(tokenizer, pair, maxLength);
      if (typeof tokens === 'string') return tokens;
      encoded.push(tokens);
      return undefined;
    },
  });
  if (skipped.length > 0) console.error(preference.formatSkipped(skipped, file));
  if (pairs.length === 0) throw new ApolabError(`${file} has no row whose responses have log-probabilities.`);
  const progress = createProgress('log-probabilities', pairs.length);
  const sums = { chosen: 0, rejected: 0 };
  for (let start = 0; start < pairs.length; start += batchSize) {
    const batch = encoded.slice(start, start + batchSize);
    const values = await training.computeResponseLogProbs(parameters, config, batch, batchSize);
    for (const [index] of batch.entries()) {
      const [chosen, lost] = [values[2 * index]!, values[2 * index + 1]!];
      sums.chosen += chosen;
      sums.rejected += lost;
      console.log(
        json
          ? JSON.stringify({ chosen, rejected: lost })
          : `${start + index + 1}  chosen ${chosen.toFixed(4)}  rejected ${lost.toFixed(4)}`,
      );
    }
    progress.update(start + batch.length);
    // Lets Ctrl-C and what was printed through.
    await new Promise((resolve) => setImmediate(resolve));
  }
  progress.finish();
  if (json) return;
  const mean = (sum: number) => (sum / pairs.length).toFixed(4);
  console.log(`mean of ${pairs.length}  chosen ${mean(sums.chosen)}  rejected ${mean(sums.rejected)}`);
}
