/** The answers of a server that charges for all of them: as many tokens as their text has bytes, and all of them if one is cut. */

/**
 * The answer to a request: a share of the requests gets an answer without text, a cut one, or one that gives nothing else.
 *
 * @param kind a number in [0, 1) that follows from the request
 * @param asked how often the same request came, from 1
 */
export function billedAnswer(kind, asked, text, { messages, max_tokens, stream }) {
  const prompt = messages.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
  const make = (content, finish, more = {}) => {
    const written = finish === 'length' ? max_tokens : Math.min(max_tokens, Buffer.byteLength(content) + 3);
    const usage = { prompt_tokens: prompt + 5, completion_tokens: written, total_tokens: prompt + 5 + written };
    return { text: content, reasoning: '', reasoningField: 'reasoning_content', finish, usage, shape: {}, ...more };
  };
  if (kind < 0.06) return { answer: make('', 'stop') };
  if (kind < 0.14) return { answer: make('', 'length') };
  if (kind < 0.2) return { answer: make(text.slice(0, 20), 'length') };
  if (kind < 0.26) return { answer: make('Half', 'content_filter') };
  if (kind < 0.32) return { answer: make('Half', asked === 1 ? 'error' : 'stop') };
  if (kind < 0.38) return { answer: make('<think>Hm', 'length') };
  if (kind < 0.44 && asked === 1) {
    const { usage } = make('', 'length');
    return { answer: { ...make('', 'stop'), status: 500, body: { error: { message: 'crashed' }, usage } } };
  }
  if (kind < 0.5 && asked === 1) return { answer: make('Half', null, { shape: { noEnd: true } }), breaks: stream };
  return { answer: make(`<think>Hm.</think>\n${text}`, 'stop') };
}
