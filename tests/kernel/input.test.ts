import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, KernelProcess, resultOf, textOf, type KernelMessage } from './kernelProcess.js';

let kernel: KernelProcess;

beforeAll(async () => {
  kernel = await KernelProcess.start();
});
afterAll(() => kernel.stop());

const question = (parent: string) => kernel.call<KernelMessage>('question', { parent });
const answer = (value: string, parent?: object) => kernel.call('answer', { value, parent });

/** Sends a cell, gives `answers` to its questions in turn, and resolves with the questions and the cell's messages. */
async function dialogue(code: string, ...answers: string[]) {
  const parent = await kernel.sendCell(code);
  const questions = [];
  for (const value of answers) {
    questions.push((await question(parent)).content);
    await answer(value);
  }
  return { questions, answer: await kernel.finish(parent) };
}

/** Interrupts a cell that has just asked its first question. */
async function interruptedQuestion(code: string) {
  const parent = await kernel.sendCell(code);
  const asked = await question(parent);
  await kernel.call('interrupt');
  return { asked, error: errorOf(await kernel.finish(parent)) };
}

describe('prompt', () => {
  it('returns what was typed, and its default for an empty answer', async () => {
    const { questions, answer } = await dialogue("[prompt('Name? '), prompt('City? ', 'London')]", 'Grace', '');
    expect(questions).toEqual([
      { prompt: 'Name? ', password: false },
      { prompt: 'City? ', password: false },
    ]);
    expect(resultOf(answer)).toBe("[ 'Grace', 'London' ]");
  });

  it('can hide what is typed', async () => {
    const { questions, answer } = await dialogue("prompt('Key: ', '', { password: true }).length", 'secret');
    expect(questions).toEqual([{ prompt: 'Key: ', password: true }]);
    expect(resultOf(answer)).toBe('6');
  });

  it('asks in the middle of a loop in a function, after awaits, with the output so far before it', async () => {
    const { answer } = await dialogue(
      `function ask(times: number) { let sum = 0; for (let n = 0; n < times; n++) { console.log('ask', n); sum += Number(prompt('n? ')); } return sum; }
await new Promise((r) => setTimeout(r, 5));
const first = ask(2);
await 1;
first + ask(1)`,
      '1',
      '2',
      '40',
    );
    expect(textOf(answer)).toBe('ask 0\nask 1\nask 0\n');
    expect(resultOf(answer)).toBe('43');
  });

  it('takes answers in any script and of megabytes', async () => {
    const { answer: unicode } = await dialogue('prompt()', 'żółw 亀 🐢 "\\\n');
    expect(resultOf(unicode)).toBe(`'żółw 亀 🐢 "\\\\\\n'`);
    const { answer: long } = await dialogue(
      'const text = prompt(); [text.length, text.at(-1)]',
      `${'é'.repeat(3_000_000)}z`,
    );
    expect(resultOf(long)).toBe("[ 3000001, 'z' ]");
  });

  it('asks again in a loop that catches the interrupt, and can still be interrupted there', async () => {
    const { error } = await interruptedQuestion('for (;;) { try { prompt(); } catch { } }');
    expect(error.ename).toBe('KeyboardInterrupt');
  });

  it('has the variants confirm and alert', async () => {
    const { questions, answer } = await dialogue(
      "const answers = [confirm('Sure?'), confirm('Sure?')]; alert('Done.'); answers",
      ' Yes',
      'no',
      '',
    );
    expect(questions.map(({ prompt }) => prompt)).toEqual(['Sure? [y/N] ', 'Sure? [y/N] ', 'Done. [Enter] ']);
    expect(resultOf(answer)).toBe('[ true, false ]');
  });

  it.each(['prompt', 'confirm', 'alert'])('says what to do if the client has no stdin (%s)', async (name) => {
    const { evalue } = errorOf(await kernel.execute(`${name}('?');`, { allow_stdin: false }));
    expect(evalue).toContain(`${name}() can't ask: this client runs cells without stdin`);
  });

  it('is answered while the heartbeat echoes and control answers', async () => {
    const parent = await kernel.sendCell('prompt()');
    await question(parent);
    expect(await kernel.call('heartbeat')).toBe('ping');
    const request = await kernel.send('kernel_info_request', {}, 'control');
    const info = await kernel.call<KernelMessage>('reply', { parent: request, channel: 'control' });
    expect(info.content.implementation).toBe('apolab');
    await answer('there');
    expect(resultOf(await kernel.finish(parent))).toBe("'there'");
  });
});

describe('input', () => {
  it('asks questions of one cell one after the other, each answered by its own answer', async () => {
    const { questions, answer } = await dialogue(
      "await Promise.all([input('a'), input('b'), input('c')])",
      '1',
      '2',
      '3',
    );
    expect(questions.map(({ prompt }) => prompt)).toEqual(['a', 'b', 'c']);
    expect(resultOf(answer)).toBe("[ '1', '2', '3' ]");
  });

  it('is asked before a later prompt that blocks', async () => {
    const { answer } = await dialogue(
      "const first = input('a');\nconst second = prompt('b');\n[await first, second]",
      '1',
      '2',
    );
    expect(resultOf(answer)).toBe("[ '1', '2' ]");
  });

  it('ends with its cell: a late question is an error, and an open question is withdrawn', async () => {
    await kernel.execute(
      "globalThis.late = new Promise((r) => setTimeout(r, 50)).then(() => prompt('late')).catch((e) => e.message);",
    );
    const told = await kernel.execute('await (globalThis as any).late');
    expect(resultOf(told)).toContain("prompt() can't ask: its cell has ended");
    const left = await kernel.execute("void input('left open'); 1");
    expect(resultOf(left)).toBe('1');
    expect(resultOf((await dialogue('prompt()', 'own')).answer)).toBe("'own'");
  });
});

describe('an interrupt while a question is open', () => {
  it.each([
    ['prompt', "prompt('?')"],
    ['input', "await input('?')"],
    ['prompt in a callback that nothing guards', "await new Promise((r) => setTimeout(() => r(prompt('?')), 5));"],
  ])('ends the cell (%s), and a late answer is dropped', async (_name, code) => {
    await kernel.execute('const kept = 1;');
    const { asked, error } = await interruptedQuestion(code);
    expect(error.ename).toBe('KeyboardInterrupt');
    expect(resultOf(await kernel.execute('kept'))).toBe('1');

    // A late answer, with or without the question's id, must not answer the next question.
    await answer('late, without a parent');
    const parent = await kernel.sendCell("[prompt('next? '), await input('and? ')]");
    await question(parent);
    await answer('late, of the old question', { msg_id: asked.id, msg_type: 'input_request' });
    await answer('1');
    await question(parent);
    await answer('2');
    expect(resultOf(await kernel.finish(parent))).toBe("[ '1', '2' ]");
  });
});

describe('two clients at once', () => {
  it('are asked only for their own cells, and one cannot answer for the other', async () => {
    const second = await kernel.call<number>('connect');
    await kernel.call('use', { client: 0 });
    const first = await kernel.sendCell("const who = prompt('first? '); who");
    await question(first);
    await kernel.call('use', { client: second });
    const other = await kernel.sendCell("await input('second? ')");
    await answer('an answer to what was asked of the other');
    await kernel.call('use', { client: 0 });
    await answer('one');
    expect(resultOf(await kernel.finish(first))).toBe("'one'");
    await kernel.call('use', { client: second });
    expect((await question(other)).content.prompt).toBe('second? ');
    await answer('two');
    expect(resultOf(await kernel.finish(other))).toBe("'two'");
    await kernel.call('use', { client: 0 });
  });
});
