/** Answers as text and as messages. */
import { messageText } from '../../core/message.js';
import type { Message } from '../pair.js';
import type { AnswerRead } from './readValues.js';

/** An answer as messages: a text is the assistant's. */
export function asMessages(answer: AnswerRead): readonly Message[] {
  return typeof answer === 'string' ? [{ role: 'assistant', content: answer }] : answer;
}

/** What an answer says, one message after the other. */
export function textOf(answer: AnswerRead): string {
  return typeof answer === 'string' ? answer : answer.map(messageText).join('\n\n');
}

/** Whether an answer is only a text: a string, or one message with nothing else than its text. */
export function isText(answer: AnswerRead): boolean {
  if (typeof answer === 'string') return true;
  const [message, ...others] = answer;
  return others.length === 0 && typeof message?.content === 'string' && Object.keys(message).length === 2;
}
