/** How answers change, as text and as HTML. */
import { expect, it } from 'vitest';
import { jupyterDisplay } from '../../../src/core/display.js';
import { showAnswers } from '../../../src/pairs/contrast/showAnswers.js';

const sample = (step: number, ...answers: string[]) => ({ step, answers });

it('shows the first answer and each change as a difference, with the steps of each', () => {
  const shown = showAnswers(
    ['2 + 2?', '<i>?'],
    [sample(0, 'It is 5.', 'a'), sample(20, 'It is 5.', 'b'), sample(40, 'It is 4.', 'b'), sample(60, 'It is 4.', 'b')],
  )[jupyterDisplay]();
  expect(shown['text/plain']).toBe(
    [
      '2 + 2?',
      '  steps 0\u201320: It is 5.',
      '  steps 40\u201360: It is [-5-]{+4+}.',
      '<i>?',
      '  step 0: a',
      '  steps 20\u201360: [-a-]{+b+}',
    ].join('\n'),
  );
  expect(shown['text/html']).toContain('<del>5</del><ins>4</ins>');
  expect(shown['text/html']).toContain('&lt;i&gt;?');
});

it('of many changes shows the first answer and the last five, and counts the others', () => {
  const samples = Array.from({ length: 9 }, (_, index) => sample(index, `answer ${index}`));
  const text = String(showAnswers(['p'], samples)[jupyterDisplay]()['text/plain']);
  expect(text.split('\n')).toEqual([
    'p',
    '  step 0: answer 0',
    '  (3 more changes)',
    ...[4, 5, 6, 7, 8].map((step) => `  step ${step}: answer [-${step - 1}-]{+${step}+}`),
  ]);
});
