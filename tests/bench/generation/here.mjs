/** Generates with apolab and prints JSON: seconds, tokens generated, the seconds from loading to the first token, and the responses. */
import { readFileSync } from 'node:fs';
import { models, useBackend } from '../../../dist/src/index.js';

const { model: folder, pairs: file, batch, tokens } = JSON.parse(process.argv[2]);
await useBackend('tensorflow');
const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(0, batch);
const start = performance.now();
const model = await models.fromPretrained(folder);
const prompts = lines.map((line) => model.tokenizer.encodeChat(JSON.parse(line).prompt));
const generate = (some, maxNewTokens) =>
  models.generateTokens(model.parameters, model.config, some, [], { maxNewTokens });
await generate(prompts.slice(0, 1), 1);
const firstToken = (performance.now() - start) / 1000;
await generate(prompts, tokens);
const again = performance.now();
const responses = await generate(prompts, tokens);
const seconds = (performance.now() - again) / 1000;
console.log(JSON.stringify({ seconds, generated: batch * tokens, firstToken, responses }));
