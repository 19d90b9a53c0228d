/**
 * Runs sequences of cells on the built engine, in the Node that runs this file: `node runSequences.mjs <file with sequences>`. Prints a line of
 * JSON per sequence: value, error, and what inspection shows of names.
 */
import { readFileSync } from 'node:fs';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect, stripVTControlCharacters } from 'node:util';
import { tslabModule } from '../../../dist/kernel/display/tslab.js';
import { createLanguage } from '../../../dist/kernel/language/engine.js';
import { withoutAsyncIds } from '../../../dist/kernel/display/withoutAsyncIds.js';
import { createInterruptGate } from '../../../dist/kernel/messages/interruptGate.js';
import { globalDeclarations } from '../../../dist/kernel/prelude.js';

const sequences = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const folder = process.argv[3] ?? mkdtempSync(path.join(tmpdir(), 'apolab-sequences-'));
process.chdir(folder);
const language = createLanguage({
  folder,
  globals: globalDeclarations(),
  prepare: () => Promise.resolve(),
  gate: createInterruptGate(),
  ownModules: new Map([['tslab', tslabModule(() => undefined)]]),
});
let cells = 0;
for (const { name, cells: codes, types = {}, reads = [] } of sequences) {
  language.reset();
  let outcome;
  for (const [index, code] of codes.entries()) {
    outcome = await language.run(code, `cell-${(cells += 1)}`);
    if (outcome.kind === 'failed' && index < codes.length - 1 && !/throw|fail/.test(code)) break;
  }
  const shown = Object.keys(types).map((each) => [each, language.inspect(each, 0)?.plain.split('\n\n')[0]]);
  const variables = language.variables();
  const values = reads.map((each) => [each, inspect(variables.find((variable) => variable.name === each)?.value)]);
  const result = {
    name,
    value: outcome.kind === 'done' ? withoutAsyncIds(inspect(outcome.value, { breakLength: Infinity })) : undefined,
    error: outcome.kind === 'failed' ? `${outcome.error.name}: ${outcome.error.message}` : undefined,
    traceback: outcome.kind === 'failed' ? stripVTControlCharacters(outcome.error.traceback.join('\n')) : undefined,
    types: Object.fromEntries(shown),
    reads: Object.fromEntries(values),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
process.exit(0);
