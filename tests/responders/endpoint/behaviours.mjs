/**
 * Answers in the shapes of many servers: each is plain data, and is sent whole or as a stream. `named` holds the shapes of
 * bug reports, `seeded` makes more of the same kinds.
 */

/** A small seeded generator of numbers in [0, 1) (mulberry32). */
export function createRandom(seed) {
  let state = (seed * 2654435761) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const counted = { prompt_tokens: 9, completion_tokens: 21, total_tokens: 30 };
/** An answer as most servers give it. */
const usual = {
  text: 'Lyon.',
  reasoning: '',
  reasoningField: 'reasoning_content',
  finish: 'stop',
  usage: counted,
  shape: {},
};

/** Shapes of bug reports. */
export const named = {
  usual,
  choiceWithoutDelta: { ...usual, shape: { azure: true } },
  usageWithoutChoices: { ...usual, shape: { usagePlace: 'noChoices' } },
  usageInLastChoice: { ...usual, shape: { usagePlace: 'lastChunk' } },
  usageInEachChunk: { ...usual, shape: { usagePlace: 'eachChunk' } },
  usageOfGroq: { ...usual, shape: { usagePlace: 'x_groq' } },
  usageByAnthropicsNames: { ...usual, usage: { input_tokens: 9, output_tokens: 21 } },
  usageWithHiddenThinking: { ...usual, usage: { ...counted, total_tokens: 130 } },
  finishError: { ...usual, text: 'Half a', finish: 'error' },
  finishUnknown: { ...usual, text: 'Half a', finish: 'worker_lost' },
  finishTool: { ...usual, text: 'Let me look.', finish: 'tool_calls' },
  finishNull: { ...usual, finish: null },
  finishEos: { ...usual, finish: 'eos' },
  finishEndTurn: { ...usual, finish: 'end_turn' },
  filtered: { ...usual, text: 'Half a', finish: 'content_filter' },
  declined: { ...usual, text: '', refusal: 'I cannot.' },
  cut: { ...usual, text: 'Half a', finish: 'length', usage: { prompt_tokens: 9, completion_tokens: 4096 } },
  cutEmpty: { ...usual, text: '', finish: 'length', usage: { prompt_tokens: 9, completion_tokens: 4096 } },
  cutThinking: { ...usual, text: '<think>\nWell, hm', finish: 'length' },
  empty: { ...usual, text: '' },
  onlyThinking: { ...usual, text: '<think>Hm.</think>' },
  thinkTags: { ...usual, text: '<think>\nA city.\n</think>\n\nLyon.\n' },
  thinkClosingTag: { ...usual, text: 'A city.\n</think>\n\nLyon.' },
  thinkMagistral: { ...usual, text: '[THINK]A city.[/THINK]Lyon.' },
  thinkField: { ...usual, reasoning: 'A city.' },
  thinkFieldVllm: { ...usual, reasoning: 'A city.', reasoningField: 'reasoning' },
  thinkParts: { ...usual, reasoning: 'A city.', shape: { parts: true } },
  edges: { ...usual, text: '\n\nLyon.\n' },
  bodyError: { ...usual, text: '', bodyError: { message: 'no worker', code: 503 } },
  bodyErrorWithoutCode: { ...usual, text: '', bodyError: { message: 'no worker' } },
  modelNotLoaded: { ...usual, status: 400, body: { error: 'failed to load model' } },
  vllmMessage: { ...usual, status: 400, body: { object: 'error', message: 'too long', code: 400 } },
  errorWithUsage: { ...usual, status: 500, body: { error: { message: 'crashed' }, usage: counted } },
};

const words = ['Lyon', 'is', 'größer', '🦊', '日本', 'a "quoted" word', '{', 'data: x', '\u2028', 'end'];
const finishes = [
  ...Array(6).fill('stop'),
  'eos',
  'end_turn',
  null,
  '',
  'length',
  'content_filter',
  'error',
  'odd',
  'tool_calls',
];
const statusBodies = [
  { error: { message: 'refused', type: 'invalid_request_error', code: null, param: null } },
  { object: 'error', message: 'refused', code: 400 },
  { detail: 'refused' },
  { detail: [{ type: 'value_error', loc: ['body', 'messages'], msg: 'refused', input: 1 }] },
  { error: 'refused' },
  '<html><h1>refused</h1></html>',
  '',
  [],
  null,
];

/** One answer of the kinds above. */
export function seeded(seed) {
  const random = createRandom(seed);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const text = Array.from({ length: Math.floor(random() * 6) }, () => pick(words)).join(' ');
  const thinking = random() < 0.3 ? pick(['Hm.', 'A city.\n\nSo.', '']) : undefined;
  const tagged = random() < 0.5;
  const answer = {
    text: `${thinking !== undefined && tagged ? `<think>\n${thinking}\n</think>\n\n` : ''}${pick(['', ' ', '\n'])}${text}`,
    reasoning: thinking !== undefined && !tagged ? thinking : '',
    reasoningField: pick(['reasoning_content', 'reasoning']),
    finish: pick(finishes),
    usage: pick([
      counted,
      counted,
      counted,
      null,
      { prompt_tokens: 3, completion_tokens: 0 },
      { input_tokens: 4, output_tokens: 5 },
    ]),
    shape: {
      azure: random() < 0.3,
      parts: random() < 0.15,
      usagePlace: pick(['usual', 'noChoices', 'lastChunk', 'eachChunk', 'x_groq']),
      newline: pick(['\n', '\r\n']),
      comments: random() < 0.2,
      tight: random() < 0.2,
      noSpace: random() < 0.2,
      otherForm: random() < 0.1,
      extra: random() < 0.3,
      bytes: 1 + Math.floor(random() * 60),
    },
  };
  const kind = random();
  if (kind < 0.1) return { ...answer, status: pick([400, 404, 409, 413, 422, 500, 503]), body: pick(statusBodies) };
  if (kind < 0.15)
    return { ...answer, bodyError: { message: 'no worker', code: pick([undefined, null, 429, 502, 'odd']) } };
  if (kind < 0.2) return { ...answer, text: '', refusal: 'I cannot.' };
  return answer;
}

/** Fields that nothing is read from. */
const extras = { system_fingerprint: null, prompt_filter_results: [{}], timings: { n: 1 }, service_tier: 4 };
const frame = (object, { extra }) => ({ id: 'c', object, created: 1, model: 'served-model', ...(extra ? extras : {}) });

function contentOf({ text, reasoning, reasoningField, refusal, shape }) {
  const declined = refusal === undefined ? {} : { refusal };
  if (!shape.parts) return { content: text, ...(reasoning === '' ? {} : { [reasoningField]: reasoning }), ...declined };
  const thought = reasoning === '' ? [] : [{ type: 'thinking', thinking: [{ type: 'text', text: reasoning }] }];
  return { content: [...thought, { type: 'text', text }], ...declined };
}

/** The body of an answer that comes whole. */
export function wholeBody(answer) {
  const { finish, usage, bodyError, shape } = answer;
  if (bodyError !== undefined) return { error: bodyError, usage };
  const choice = { index: 0, message: { role: 'assistant', ...contentOf(answer) }, finish_reason: finish };
  const place = shape.usagePlace === 'x_groq' ? { x_groq: { usage } } : { usage };
  return { ...frame('chat.completion', shape), choices: [choice], ...place };
}

/** The events of an answer that is streamed. */
export function streamEvents(answer) {
  const { text, reasoning, reasoningField, finish, refusal, usage, bodyError, shape } = answer;
  const chunk = (fields) => ({ ...frame('chat.completion.chunk', shape), ...fields });
  const delta = (fields) => chunk({ choices: [{ index: 0, delta: fields, finish_reason: null }] });
  const events = [delta({ role: 'assistant', content: '' })];
  if (shape.azure) events.unshift({ id: '', object: '', choices: [], prompt_filter_results: [{ prompt_index: 0 }] });
  if (reasoning !== '' && !shape.parts)
    for (const piece of piecesOf(reasoning)) events.push(delta({ [reasoningField]: piece }));
  if (shape.parts) events.push(delta(contentOf(answer)));
  else for (const piece of piecesOf(text)) events.push(delta({ content: piece }));
  if (refusal !== undefined && !shape.parts) events.push(delta({ refusal }));
  if (bodyError !== undefined) return [...events, { error: bodyError, usage }];
  const last = chunk({ choices: [{ index: 0, delta: {}, finish_reason: finish }] });
  if (shape.azure) events.push(chunk({ choices: [{ index: 0, content_filter_results: {}, finish_reason: null }] }));
  events.push(last);
  if (shape.usagePlace === 'eachChunk') events.forEach((event) => (event.usage = usage && { ...usage }));
  else if (shape.usagePlace === 'lastChunk') last.usage = usage;
  else if (shape.usagePlace === 'x_groq') last.x_groq = { usage };
  else if (shape.usagePlace === 'noChoices') events.push({ ...frame('chat.completion.chunk', shape), usage });
  else events.push(chunk({ choices: [], usage }));
  return events;
}

/** A text in pieces of three UTF-16 units, which splits characters outside of the basic plane. */
const piecesOf = (text) => text.match(/[^]{1,3}/g) ?? [];

/** A stream's bytes, in the packets in which they are sent. */
export function streamPackets(answer) {
  const { newline = '\n', comments, tight, noSpace, noEnd, bytes = 1000 } = answer.shape;
  const lines = streamEvents(answer).map((event) => `data:${noSpace ? '' : ' '}${JSON.stringify(event)}`);
  if (comments) lines.splice(1, 0, ': PROCESSING', 'event: message');
  const ends = [...lines, ...(noEnd ? [] : ['data: [DONE]'])].map((line) => line + newline + (tight ? '' : newline));
  const all = Buffer.from(ends.join(''));
  return Array.from({ length: Math.ceil(all.length / bytes) }, (_, index) =>
    all.subarray(index * bytes, (index + 1) * bytes),
  );
}

/** The tokens that a server with this answer charges for. */
export function billOf({ usage, status, body }) {
  const counts = status === undefined ? usage : body?.usage;
  const input = counts?.prompt_tokens ?? counts?.input_tokens ?? 0;
  const output = counts?.completion_tokens ?? counts?.output_tokens ?? 0;
  return { input, output: Math.max(output, (counts?.total_tokens ?? 0) - input) };
}
