/** Revisers and judges from responders that record their prompts. */
import { describe, expect, it } from 'vitest';
import { messageText } from '../../../src/core/message.js';
import type { Message, Prompt } from '../../../src/pairs/pair.js';
import { promptedJudge } from '../../../src/responders/judges/promptedJudge.js';
import { promptedReviser } from '../../../src/responders/revisers/promptedReviser.js';
import { loadTemplate, parseTemplate } from '../../../src/responders/prompts/template.js';
import type { Answer, Responder, RespondOptions } from '../../../src/responders/responder.js';

interface Call {
  readonly prompts: readonly Prompt[];
  readonly options: RespondOptions;
}

function recorder(answer: (text: string) => Answer, concurrency?: number): Responder & { readonly calls: Call[] } {
  const calls: Call[] = [];
  return {
    name: 'recorder',
    ...(concurrency === undefined ? {} : { concurrency }),
    calls,
    respond: (prompts, options) => {
      calls.push({ prompts, options });
      return Promise.resolve(prompts.map((prompt) => answer(messageText((prompt as readonly Message[])[0]!))));
    },
  };
}

const origin = { model: 'strong-1', tokens: { input: 90, output: 20 }, time: '2026-01-02T03:04:05.000Z' };
const template = parseTemplate('revise', '{{prompt}} / {{response}}');

describe('a prompted reviser', () => {
  it('asks in one user message with its settings, and keeps the origin of the answer', async () => {
    const text = '{teacher_reasoning}\nWrong.\n{corrected_student_solution}\nIt is 4.';
    const strong = recorder(() => ({ kind: 'response', text, ...origin }), 8);
    const reviser = promptedReviser(strong, { template });
    const { signal } = new AbortController();
    expect(await reviser.revise('2 + 2?', 'It is 5.', 7, signal)).toEqual({
      kind: 'revised',
      response: 'It is 4.',
      rationale: 'Wrong.',
      ...origin,
    });
    expect(strong.calls).toEqual([
      {
        prompts: [[{ role: 'user', content: '2 + 2? / It is 5.' }]],
        options: { temperature: 0.7, seed: 7, maxTokens: 4096, signal },
      },
    ]);
    expect(reviser).toMatchObject({ name: 'recorder', concurrency: 8, template: template.hash });
  });

  it("uses the project's template by default, and the settings of its options", async () => {
    const strong = recorder(() => 'nothing');
    const reviser = promptedReviser(strong, { temperature: 0, maxTokens: 50, name: 'teacher' });
    await reviser.revise('2 + 2?', 'It is 5.', 1);
    const [call] = strong.calls;
    expect(call!.options).toEqual({ temperature: 0, seed: 1, maxTokens: 50 });
    const [message] = call!.prompts[0] as readonly Message[];
    expect(message!.content).toContain('<task>\n2 + 2?\n</task>');
    expect(message!.content).toContain('<student_solution>\nIt is 5.\n</student_solution>');
    expect(reviser).toMatchObject({ name: 'teacher', template: loadTemplate('revise').hash });
    expect(reviser).not.toHaveProperty('concurrency');
  });

  it('keeps an unreadable completion and its tokens in the refusal', async () => {
    const text = "I can't improve this.";
    const reviser = promptedReviser(recorder(() => ({ kind: 'response', text, ...origin })));
    const revision = await reviser.revise('2 + 2?', 'It is 4.', 0);
    expect(revision).toMatchObject({ kind: 'skipped', text, ...origin });
    expect(revision).toHaveProperty('reason', expect.stringContaining('no corrected solution'));
  });

  it("passes on the responder's own refusal", async () => {
    const refusal = { kind: 'skipped', reason: 'no answer in 7 tries', ...origin } as const;
    expect(await promptedReviser(recorder(() => refusal)).revise('a', 'b', 0)).toEqual(refusal);
  });

  it('asks a responder without concurrency in one batch per seed', async () => {
    const text = (prompt: string) => `{corrected_student_solution}: ${prompt}!`;
    const strong = recorder(text);
    const reviser = promptedReviser(strong, { template });
    const asked = [
      ['a', 1],
      ['b', 1],
      ['c', 2],
    ] as const;
    const revisions = await Promise.all(asked.map(([prompt, seed]) => reviser.revise(prompt, 'x', seed)));
    expect(revisions.map((one) => one.kind === 'revised' && one.response)).toEqual(['a / x!', 'b / x!', 'c / x!']);
    expect(strong.calls.map(({ prompts, options }) => [prompts.length, options.seed])).toEqual([
      [2, 1],
      [1, 2],
    ]);
    const own = recorder(text, 4);
    await Promise.all(asked.map(([prompt, seed]) => promptedReviser(own, { template }).revise(prompt, 'x', seed)));
    expect(own.calls.map(({ prompts }) => prompts.length)).toEqual([1, 1, 1]);
  });

  it('throws the error of the responder', async () => {
    const broken: Responder = { name: 'broken', respond: () => Promise.reject(new Error('a wrong key')) };
    await expect(promptedReviser(broken).revise('a', 'b', 0)).rejects.toThrow('a wrong key');
    const mute: Responder = { name: 'mute', respond: () => Promise.resolve([]) };
    await expect(promptedReviser(mute).revise('a', 'b', 0)).rejects.toThrow("'mute' gave 0 responses to 1 prompts");
  });

  it('removes a code fence only if the response of the policy has none', async () => {
    const reviser = promptedReviser(recorder(() => '{corrected_student_solution}\n```\nb\n```'));
    expect(await reviser.revise('p', 'a', 0)).toMatchObject({ response: 'b' });
    expect(await reviser.revise('p', '```\na\n```', 0)).toMatchObject({ response: '```\nb\n```' });
  });
});

describe('a prompted judge', () => {
  it('asks for one response alone, on its scale', async () => {
    const examiner = recorder(() => ({ kind: 'response', text: 'Fine.\n{score}: 70', ...origin }));
    const scale = { lowest: 0, highest: 100 };
    const judge = promptedJudge(examiner, { scale });
    expect(await judge.score('2 + 2?', 'It is 4.', 3)).toEqual({
      kind: 'score',
      score: 70,
      reason: 'Fine.',
      ...origin,
    });
    const [{ prompts, options }] = examiner.calls as [Call];
    expect(options).toEqual({ temperature: 0, seed: 3, maxTokens: 1024 });
    const [message] = prompts[0] as readonly Message[];
    expect(prompts[0]).toHaveLength(1);
    expect(message!.content).toContain('<answer>\nIt is 4.\n</answer>');
    expect(message!.content).toContain('from 0 (useless) to 100 ');
    expect(judge.template).toBe(loadTemplate('score').hash);
  });

  it('keeps a completion without a score', async () => {
    const judge = promptedJudge(recorder(() => 'Score: 11'));
    expect(await judge.score('a', 'b', 0)).toEqual({
      kind: 'skipped',
      reason: 'the score 11 is not on the scale from 1 to 10',
      text: 'Score: 11',
    });
  });

  it.each([
    [10, 1],
    [1, 1],
    [0, Infinity],
    [NaN, 1],
  ])('refuses a scale from %d to %d', (lowest, highest) =>
    expect(() =>
      promptedJudge(
        recorder(() => ''),
        { scale: { lowest, highest } },
      ),
    ).toThrow(`such as { lowest: 1, highest: 10 }; given: ${lowest} to ${highest}.`),
  );
});
