/** Generates with apolab and prints JSON: seconds, tokens generated, the seconds from loading to the first token, and the responses. */
import { models, preference, useBackend } from '../../../dist/src/index.js';

const { model: folder, pairs: file, batch, tokens } = JSON.parse(process.argv[2]);
await useBackend('tensorflow');
const { pairs } = await preference.readPairs(file);
const start = performance.now();
const model = await models.fromPretrained(folder);
const prompts = pairs.slice(0, batch).map(({ prompt }) => model.tokenizer.encodeChat(prompt));
const generate = (some, maxNewTokens) =>
  models.generateTokens(model.parameters, model.config, some, [], { maxNewTokens });
await generate(prompts.slice(0, 1), 1);
const firstToken = (performance.now() - start) / 1000;
await generate(prompts, tokens);
const again = performance.now();
const responses = await generate(prompts, tokens);
const seconds = (performance.now() - again) / 1000;
console.log(JSON.stringify({ seconds, generated: batch * tokens, firstToken, responses }));
