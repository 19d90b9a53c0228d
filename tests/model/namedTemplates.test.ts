/** Which of a tokenizer's chat templates is used, against transformers (tests/golden/named_templates.py), and that all are saved. */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fromPretrained, type ChatMessage } from '../../src/model/index.js';
import { goldenFolder, readGolden } from '../golden/read.js';

interface Layout {
  readonly title: string;
  readonly config: unknown;
  readonly files: Readonly<Record<string, string>>;
  readonly cases: readonly { readonly tools: unknown[] | null; readonly text?: string; readonly error?: string }[];
}

const golden = readGolden<{ messages: ChatMessage[]; layouts: Layout[] }>('named-templates.json');
let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'apolab-templates-'));
});
afterAll(() => rm(scratch, { recursive: true }));

/** chat-llama with the templates of a layout. */
async function write({ title, config, files }: Layout): Promise<string> {
  const folder = path.join(scratch, title.replaceAll(' ', '-'));
  await cp(path.join(goldenFolder, 'chat-llama'), folder, { recursive: true });
  await rm(path.join(folder, 'chat_template.jinja'), { force: true });
  const place = path.join(folder, 'tokenizer_config.json');
  const own = JSON.parse(await readFile(place, 'utf8')) as Record<string, unknown>;
  // Without a template the field is undefined, which JSON leaves out.
  await writeFile(place, JSON.stringify({ ...own, chat_template: config ?? undefined }));
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), text);
  }
  return folder;
}

test.each(golden.layouts)('$title', async (layout) => {
  const folder = await write(layout);
  const model = await fromPretrained(folder);
  const saved = `${folder}-saved`;
  await model.save(saved);
  const again = await fromPretrained(saved);
  for (const { tokenizer } of [model, again]) {
    for (const { tools, text, error } of layout.cases) {
      const render = () => tokenizer.chatTemplate!.render(golden.messages, tools === null ? {} : { tools });
      if (error === undefined) {
        expect(render()).toBe(text);
        continue;
      }
      // transformers names the templates; the message here also says what to do.
      const names = [...error.matchAll(/'(\w+)'/g)].map(([, name]) => name).join(', ');
      expect(names).not.toBe('');
      expect(render).toThrow(`(${names}) but none named default`);
    }
  }
  const templates = Object.keys(layout.files).filter((file) => file.endsWith('.jinja'));
  const files = await readdir(saved, { recursive: true });
  expect(files.filter((file) => file.endsWith('.jinja')).sort()).toEqual(templates.sort());
  model.dispose();
  again.dispose();
});

test('a named template that is not Jinja is refused with the name of its file', async () => {
  const title = 'damaged';
  const folder = await write({
    title,
    config: null,
    files: { 'additional_chat_templates/tool_use.jinja': '{% if %}' },
    cases: [],
  });
  await expect(fromPretrained(folder)).rejects.toThrow(
    /additional_chat_templates\/tool_use\.jinja: the chat template cannot be read/,
  );
});
