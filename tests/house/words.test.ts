/** One word for each thing, and plain ones: what comments and documents must not say. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { packageRoot } from '../../src/core/packageRoot.js';

/** Not the changelog, which names the words that were replaced. */
const documents = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'];
const programs = execFileSync('git', ['ls-files', 'src', 'kernel', 'tests'], { cwd: packageRoot, encoding: 'utf8' })
  .split('\n')
  .filter((file) => /\.(ts|mjs)$/.test(file) && file !== 'tests/house/words.test.ts');

/** Words with the better one. `where` is right for a place only, so few lines may have it. */
const words = [
  { word: /\b(cure[ds]?|mend(s|ed)?)\b/i, instead: 'fix', most: 0 },
  { word: /\bstudent\b/, instead: 'policy', most: 0 },
  { word: /\b(whoever|thereof|whereupon|thereby)\b/i, instead: 'a name', most: 0 },
  { word: /\bonRejected\b|\brejected (row|prompt)s?\b/i, instead: 'skipped', most: 0 },
  { word: /\bwhere\b/i, instead: 'if, when, that', most: 40 },
];

/** The lines of a file's comments, or all lines of a document, with their place. */
function linesOf(file: string): string[] {
  const text = readFileSync(path.join(packageRoot, file), 'utf8');
  if (file.endsWith('.md')) return text.split('\n').map((line, index) => `${file}:${index + 1} ${line}`);
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const comments = new Map<number, ts.CommentRange>();
  const visit = (node: ts.Node): void => {
    const ranges = [
      ...(ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []),
      ...(ts.getTrailingCommentRanges(text, node.getEnd()) ?? []),
    ];
    for (const range of ranges) comments.set(range.pos, range);
    node.getChildren(source).forEach(visit);
  };
  visit(source);
  return [...comments.values()].flatMap(({ pos, end }) => {
    const first = source.getLineAndCharacterOfPosition(pos).line + 1;
    return text
      .slice(pos, end)
      .split('\n')
      .map((line, index) => `${file}:${first + index} ${line}`);
  });
}

const lines = [...documents, ...programs].flatMap(linesOf);

it.each(words)('$instead, not $word', ({ word, most }) => {
  const found = lines.filter((line) => word.test(line.slice(line.indexOf(' '))));
  expect(found.length <= most ? [] : found).toEqual([]);
});
