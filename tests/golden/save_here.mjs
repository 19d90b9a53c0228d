// Saves models and adapters with the built library, each with the logits that it computes, for loads_here.py to load with
// transformers and PEFT: node tests/golden/save_here.mjs FOLDER
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { models, tf } from '../../dist/src/index.js';

const [out] = process.argv.slice(2);
if (out === undefined) throw new Error('Give the folder to save into.');
const golden = import.meta.dirname;
const ids = [1, 5, 9, 9, 30, 12, 7, 44, 3, 8, 21, 60, 17, 2, 33];

async function put(name, model, write) {
  const folder = path.join(out, name);
  await mkdir(folder, { recursive: true });
  await write(folder);
  const logits = model.logits(ids);
  await writeFile(path.join(folder, 'logits.json'), JSON.stringify({ ids, logits: await logits.array() }));
  logits.dispose();
}

const architectures = (await readdir(path.join(golden, 'architectures'))).map((name) => `architectures/${name}`);
for (const name of ['tiny-llama', 'tiny-llama-tied', ...architectures]) {
  const model = await models.fromPretrained(path.join(golden, name));
  await put(`read/${name}`, model, (folder) => model.save(folder));
  await put(`shards/${name}`, model, (folder) => model.save(folder, { maxShardBytes: 30_000 }));
  // A model made here, which has no config.json of its own to write.
  const config = { ...model.config };
  delete config.source;
  const fresh = new models.LanguageModel(config, models.initialParameters(config, 7, 0.3), model.tokenizer);
  await put(`fresh/${name}`, fresh, (folder) => fresh.save(folder));
  const adapted = models.addAdapter(model, { rank: 3, rankStabilized: name.endsWith('mistral'), seed: 4 });
  for (const [key, tensor] of Object.entries(adapted.trainable)) {
    if (key.includes('lora_B')) tensor.assign(tf.randomNormal(tensor.shape, 0, 0.2, 'float32', 9));
  }
  await put(`adapter/${name}`, adapted, (folder) => models.saveAdapter(adapted, folder, path.join(golden, name)));
  await put(`merged/${name}`, adapted, (folder) => adapted.save(folder));
}
for (const file of await readdir(path.join(golden, 'gguf'))) {
  if (file === 'types.gguf') continue;
  const model = await models.fromPretrained(path.join(golden, 'gguf', file));
  await put(`gguf/${file}`, model, async (folder) => {
    await rm(folder, { recursive: true });
    await models.convert(path.join(golden, 'gguf', file), folder);
  });
}
