import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../src/core/packageRoot.js';
import {
  loadTemplate,
  parseTemplate,
  renderTemplate,
  type TemplateKind,
  transcript,
} from '../../../src/responders/prompts/template.js';
import { parseRevision } from '../../../src/responders/revisers/parseRevision.js';
import { parseScore } from '../../../src/responders/judges/parseScore.js';
import { parseVerdict } from '../../../src/responders/judges/parseVerdict.js';

const folder = path.join(packageRoot, 'src/responders/templates');
const fileOf = (text: string) => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'template-')), 'mine.md');
  writeFileSync(file, text);
  return file;
};

describe("the project's templates", () => {
  it.each<TemplateKind>(['revise', 'score', 'compare'])('%s is the file, and npm ships it', (kind) => {
    const { text, hash } = loadTemplate(kind);
    const lies = readFileSync(path.join(folder, `${kind}.md`), 'utf8').trim();
    expect(text).toBe(lies);
    expect(hash).toBe(createHash('sha256').update(lies, 'utf8').digest('hex').slice(0, 16));
    const { files } = JSON.parse(readFileSync(path.join(packageRoot, 'package.json'), 'utf8')) as { files: string[] };
    expect(files).toContain('src/responders/templates');
  });

  it('ask for what the parsers read: an answer in the exact form is parsed', () => {
    const shown = (kind: TemplateKind) => loadTemplate(kind).text;
    const asAsked = shown('revise').slice(shown('revise').indexOf('\n{teacher_reasoning}'));
    expect(parseRevision(asAsked)).toEqual({
      kind: 'revised',
      rationale: 'what is to change and why, in a few sentences',
      response: 'the corrected solution in full, and nothing after it',
    });
    expect(parseScore(shown('score').split('\n').at(-1)!.replace('N', '7'))).toMatchObject({ score: 7 });
    expect(parseVerdict(shown('compare').split('\n').at(-1)!)).toMatchObject({ verdict: 'A' });
  });
});

describe('loading', () => {
  it('reads the file of a user, with any line ends, spaces and byte order mark', () => {
    const plain = loadTemplate('revise', fileOf('Task: {{prompt}}\nAnswer: {{response}}'));
    const other = loadTemplate('revise', fileOf('\uFEFFTask: {{prompt}}\r\nAnswer: {{response}}\r\n'));
    expect(other).toEqual(plain);
    expect(loadTemplate('revise', fileOf('Task: {{prompt}}\nMy answer: {{response}}')).hash).not.toBe(plain.hash);
  });

  it.each<[TemplateKind, string, string]>([
    ['revise', 'Improve {{response}}', 'has no {{prompt}}. It takes {{prompt}} and {{response}}.'],
    [
      'compare',
      '{{prompt}} {{response}} {{anwser}}',
      'has no {{first}} and no {{second}} and has {{response}}, {{anwser}}, which nothing fills. It takes {{prompt}} and {{first}} and {{second}}.',
    ],
    [
      'score',
      '{{prompt}} {{answer}}',
      'has no {{response}} and has {{answer}}, which nothing fills. It takes {{prompt}} and {{response}}, and may have {{lowest}} and {{highest}}.',
    ],
  ])('explains what is wrong with the placeholders of %s %j', (kind, text, message) => {
    const file = fileOf(text);
    expect(() => loadTemplate(kind, file)).toThrow(`The template '${kind}' of ${file} ${message}`);
  });

  it('names the path of a missing file', () =>
    expect(() => loadTemplate('score', '/no/such/file.md')).toThrow(
      "The template 'score' cannot be read from /no/such/file.md: it does not exist. Give the path of a text file with {{prompt}} and {{response}}, and may have {{lowest}} and {{highest}}.",
    ));

  it('keeps braces that are not a placeholder', () =>
    expect(parseTemplate('revise', '{{ prompt }} {{response}} {prompt} {{}} {{1}} {{a b}}').text).toContain('{{a b}}'));
});

describe('filling', () => {
  const template = parseTemplate('revise', '<{{prompt}}|{{ response }}|{{prompt}}>');

  it('fills each placeholder once, and none inside a value', () => {
    const values = { prompt: '{{response}} $& $1 $$ \\1', response: "{{prompt}} $` $'" };
    expect(renderTemplate(template, values)).toBe(
      "<{{response}} $& $1 $$ \\1|{{prompt}} $` $'|{{response}} $& $1 $$ \\1>",
    );
  });

  it("fills in the ends of the judge's scale", () => {
    const score = parseTemplate('score', '{{prompt}} {{response}} {{lowest}}-{{highest}}');
    expect(renderTemplate(score, { prompt: 'p', response: 'r', lowest: 0, highest: 100 })).toBe('p r 0-100');
  });

  it('writes a conversation as a transcript', () => {
    const prompt = [
      { role: 'system', content: 'Be short.' },
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: 'Hi!\n\nWell?' },
      { role: 'user', content: '2 + 2?' },
    ];
    const text = 'System: Be short.\n\nUser: Hello\n\nAssistant: Hi!\n\nWell?\n\nUser: 2 + 2?';
    expect(transcript(prompt)).toBe(text);
    expect(renderTemplate(template, { prompt, response: '4' })).toBe(`<${text}|4|${text}>`);
    expect(transcript([{ role: 'user', content: '2 + 2?' }])).toBe('2 + 2?');
  });
});
