/** Thinking is taken off for every role, and the two responses of a pair have the same white space at their edges. */
import { describe, expect, it } from 'vitest';
import { buildFromParts, builderIds, clair, collect, strongerPreferred } from '../../src/builders/index.js';
import { messageText } from '../../src/core/message.js';
import { asResponder } from '../../src/responders/asResponder.js';
import { respond } from '../../src/responders/respond.js';

const think = '<think>\nA city in {score}: 3 France.\n{corrected_student_solution} no\n</think>\n\n';
const prompts = ['Which city?', 'And now?'];
const answering = (text: string) => asResponder(() => think + text);
/** The same judge for every text: the longer answer is better. */
const judge = asResponder((prompt) => {
  const text = typeof prompt === 'string' ? prompt : messageText(prompt.at(-1)!);
  return `${think}{score}: ${text.includes('Lyon, of course') ? 9 : 2}`;
});
const parts = {
  policy: answering('Lyon.'),
  stronger: answering('Lyon, of course.'),
  reviser: answering('{teacher_reasoning} Vague.\n{corrected_student_solution}\nLyon, of course.'),
  responders: [answering('Lyon.'), answering('Lyon, of course.')],
  judge,
};

describe('no pair has thinking', () => {
  it.each(builderIds.filter((id) => id !== 'judge_on_policy'))('of %s', async (id) => {
    const pairs = await collect(buildFromParts(id, parts, { prompts }));
    expect(pairs).toMatchObject(prompts.map((prompt) => ({ prompt, chosen: 'Lyon, of course.', rejected: 'Lyon.' })));
    if (id === 'clair') expect(pairs[0]!.rationale).toBe('Vague.');
  });

  it('of a response that a file gives with thinking', async () => {
    const given = prompts.map((prompt) => ({ prompt, response: `${think}Lyon.` }));
    const [pair] = await collect(clair({ ...parts, prompts: given }));
    expect(pair).toMatchObject({ chosen: 'Lyon, of course.', rejected: 'Lyon.' });
  });

  it('and an answer that is only thinking is skipped with the reason', async () => {
    const stream = clair({ ...parts, policy: asResponder(() => '<think>Well'), prompts });
    expect(await collect(stream)).toEqual([]);
    expect(stream.skipped).toMatchObject(
      prompts.map(() => ({ reason: 'the policy: the answer is only thinking (cut off?)' })),
    );
  });

  it('and the thinking is kept beside the answer', async () => {
    const [answer] = await respond(answering(' Lyon.'), ['Which city?'], { temperature: 0, seed: 0 });
    expect(answer).toMatchObject({ text: 'Lyon.', reasoning: expect.stringMatching(/^A city/) as string });
  });
});

describe('the edges of both responses are alike', () => {
  it.each([' Lyon.', '\n\nLyon.\n', 'Lyon.\n', 'Lyon.'])('those of a policy that writes %j', async (response) => {
    const policy = asResponder(() => response);
    const expected = { chosen: response.replace('Lyon.', 'Lyon, of course.'), rejected: response };
    for (const build of [
      clair({ policy, reviser: parts.reviser, prompts }),
      strongerPreferred({ policy, stronger: asResponder(() => '\tLyon, of course. '), prompts }),
    ]) {
      expect(await collect(build)).toMatchObject(prompts.map(() => expected));
    }
    const responders = [policy, asResponder(() => 'Lyon, of course.')];
    const judged = buildFromParts('judge_off_policy', { ...parts, responders }, { prompts });
    expect(await collect(judged)).toMatchObject(prompts.map(() => expected));
  });

  it('a revision that changes only white space at the edges changes nothing', async () => {
    const stream = clair({ policy: asResponder(() => ' Lyon.\n'), reviser: () => 'Lyon.', prompts });
    expect(await collect(stream)).toEqual([]);
    expect(stream.skipped[0]!.reason).toBe('the revision changes nothing');
  });
});
