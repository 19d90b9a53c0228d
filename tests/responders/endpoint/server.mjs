/**
 * An HTTP server for the chat completions protocol that behaves like real ones, faults included. It runs as a process of
 * its own: `node server.mjs steady|unreliable|faulty|shapes|billing [--latency ms] [--port n]` prints its address when it listens.
 *
 * The answer to a request depends on the hash of its last message and on how often that message came before, so that all
 * runs get the same answers. `GET /log` lists for each message how often it was asked and answered, and the kind of the last
 * answer. All texts of the server contain the caller's key.
 *
 * The mode `faulty` has the temporary faults of `unreliable` and no refusals, and answers by the template as `steady` does.
 *
 * In the mode `shapes` a message `NAME` or `seed N` is answered by that behaviour of behaviours.mjs, and `GET /answer?NAME` gives
 * it as data. In the mode `billing` every answer costs, also cut and empty ones and those that break off after their usage.
 * `GET /log` has the sum per model in `billed`.
 */
import { createHash } from 'node:crypto';
import http from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { billOf, named, seeded, streamPackets, wholeBody } from './behaviours.mjs';
import { billedAnswer } from './billing.mjs';

const [mode = 'steady'] = process.argv.slice(2);
const option = (name, otherwise) => {
  const place = process.argv.indexOf(`--${name}`);
  return place === -1 ? otherwise : Number(process.argv[place + 1]);
};
const latency = option('latency', 0);

/** By message: how often it was asked, and how often a complete answer was sent. */
const log = new Map();

const share = (text, what) => {
  const hash = createHash('sha256').update(`${what} ${text}`).digest();
  return hash.readUInt32BE(0) / 2 ** 32;
};

const complete = (content, { finish = 'stop', model = 'served-model' } = {}) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_700_000_000,
  model,
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: finish }],
  usage: { prompt_tokens: 20, completion_tokens: 30, total_tokens: 50 },
});

/** The policy's answer in a prompt; the revision is the same with one word changed. */
const policyAnswerOf = (text) => /answer number (\d+) is (\w+)/.exec(text);

const revision = (text) => {
  const [, number = '0', word = 'blue'] = policyAnswerOf(text) ?? [];
  const solution = `answer number ${number} is ${word === 'wrong' ? 'right' : 'better'}`;
  const variants = [
    `{teacher_reasoning}\nThe word was wrong.\n\n{corrected_student_solution}\n${solution}`,
    `**Teacher Reasoning:**\nThe word was wrong.\n\n**Corrected Student Solution:**\n${solution}`,
    `{teacher_reasoning}: The word was wrong.\n{corrected_student_solution}: ${solution}`,
  ];
  return variants[Math.floor(share(text, 'variant') * variants.length)];
};

/** A judge's score of a text, 1 to 10, computed from its hash. */
const scoreOf = (text) => 1 + Math.floor(share(text, 'score') * 10);
const within = (text, tag) => new RegExp(`<${tag}>\\n(.*?)\\n</${tag}>`, 's').exec(text)?.[1] ?? '';

/** The digit after the word `digit`, by which a test says what its judge answers. */
const digitIn = (text) => Number(/digit (\d)/.exec(text)?.[1] ?? 0);

/** The answer to the template in the message; without one, a policy's answer that depends on the seed. */
function answerTo(text, seed) {
  if (text.includes('{corrected_student_solution}')) return revision(text);
  if (text.includes('<right_answers>')) return `It is graded.\n{score}: ${digitIn(within(text, 'answer')) / 10}`;
  if (text.includes('{option}')) return `It is read.\n{option}: ${'ABCD'[digitIn(within(text, 'answer'))] ?? 'none'}`;
  if (text.includes('{verdict}') && within(text, 'task').includes('first place')) return 'The first.\n{verdict}: A';
  if (text.includes('{score}')) return `It is what it is.\n{score}: ${scoreOf(within(text, 'answer'))}`;
  if (text.includes('{verdict}')) {
    const [a, b] = ['answer_a', 'answer_b'].map((tag) => scoreOf(within(text, tag)));
    return `Both were read.\n{verdict}: ${a > b ? 'A' : b > a ? 'B' : 'tie'}`;
  }
  return `reply to "${text}" with seed ${seed}`;
}

const send = (response, status, body, headers = {}) => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
};
const error = (message, code) => ({ error: { message, type: 'server_error', code: code ?? null, param: null } });

/** Temporary faults: a retry gets an answer. Each takes the response object and the caller's key. */
const faults = {
  busy: (response, key) => send(response, 429, error(`rate limit of ${key}`), { 'retry-after': '1' }),
  busyShort: (response, key) => send(response, 429, error(`rate limit of ${key}`), { 'retry-after-ms': '40' }),
  broken: (response, key) => send(response, 500, error(`internal error at ${key}`)),
  gateway: (response, key) => {
    response.writeHead(502, { 'content-type': 'text/html' });
    response.end(`<html><h1>Bad gateway for ${key}</h1></html>`);
  },
  dropped: (response) => response.socket.destroy(),
  cut: (response) => {
    const body = JSON.stringify(complete('cut off'));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(body.length) });
    response.write(body.slice(0, 60));
    setTimeout(() => response.socket?.destroy(), 5);
  },
  truncated: (response) => send(response, 200, JSON.stringify(complete('truncated')).slice(0, 80)),
  invalid: (response, key) => send(response, 200, `this is no JSON, ${key}`),
  otherShape: (response, key) => send(response, 200, { hello: key }),
  slow: (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const drip = setInterval(() => response.write(' '), 200);
    response.on('close', () => clearInterval(drip));
  },
};
const transient = Object.keys(faults);

/** Final answers: a retry gets the same one. */
const lasting = {
  noChoices: (response) => send(response, 200, { ...complete(''), choices: [] }),
  filtered: (response, key) => send(response, 200, complete(`about ${key}`, { finish: 'content_filter' })),
  refused: (response, key) => send(response, 400, error(`the policy was triggered by ${key}`, 'content_filter')),
  cutAnswer: (response, key) => send(response, 200, complete(`{teacher_reasoning}\n${key} and`, { finish: 'length' })),
  unmarked: (response, key) => send(response, 200, complete(`I would rather not follow the format, ${key}.`)),
};

/**
 * The reaction to the n-th request with a message: a tenth of the messages gets a final refusal, a fifth of the others an
 * answer without markers, and a third is answered only at the second to fourth request.
 */
function behaviourOf(text, asked) {
  const kind = share(text, 'kind');
  if (kind < 0.1) return Object.keys(lasting)[Math.floor(kind * 40)];
  const faultsFirst = kind < 0.4 ? 1 + Math.floor(share(text, 'how often') * 3) : 0;
  if (asked <= faultsFirst) return transient[Math.floor(share(text, `fault ${asked}`) * transient.length)];
  return share(text, 'markers') < 0.2 ? 'unmarked' : 'revised';
}

/** Tokens that were charged for, by model. */
const billed = {};
function charge(model, { input, output }) {
  const sum = (billed[model] ??= { input: 0, output: 0, requests: 0 });
  sum.input += input;
  sum.output += output;
  sum.requests += 1;
}

const answerOf = (text) => (text.startsWith('seed ') ? seeded(Number(text.slice(5))) : named[text]);

/** Sends an answer of behaviours.mjs, streamed or whole; with `breaks`, the connection ends after the last byte that counts. */
async function sendShape(response, answer, isStream, breaks = false) {
  const { status, body, shape } = answer;
  if (status !== undefined) return send(response, status, body);
  if (isStream === (shape.otherForm === true)) return send(response, 200, wholeBody(answer));
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const packet of streamPackets(answer)) {
    response.write(packet);
    if (shape.bytes !== undefined) await nextTurn();
  }
  if (breaks) setTimeout(() => response.socket?.destroy(), 5);
  else response.end();
}

const server = http.createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    if (request.url.startsWith('/answer'))
      return send(response, 200, answerOf(decodeURIComponent(request.url.split('?')[1])));
    if (request.method === 'GET') return send(response, 200, { requests: total, log: Object.fromEntries(log), billed });
    total += 1;
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    const { messages, seed, model, stream = false } = body;
    const text = messages.at(-1).content;
    if (text.trim() === 'headerEcho') {
      const { 'x-team': team, 'api-key': apiKey, authorization = 'none' } = request.headers;
      return send(response, 413, { message: `${team}, ${apiKey} and ${authorization}` });
    }
    if (mode === 'shapes') {
      const answer = answerOf(text);
      charge(model, billOf(answer));
      return void sendShape(response, answer, stream);
    }
    if (mode === 'billing') {
      const asked = (log.get(text) ?? 0) + 1;
      log.set(text, asked);
      const { answer, breaks } = billedAnswer(share(`${text} ${model}`, 'kind'), asked, revision(text), body);
      charge(model, billOf(answer));
      return void setTimeout(() => void sendShape(response, answer, stream, breaks), share(text, 'latency') * 30);
    }
    if (mode === 'steady') {
      setTimeout(() => send(response, 200, complete(answerTo(text, seed))), latency);
      return;
    }
    const key = createHash('sha256').update(text).digest('hex');
    const entry = log.get(key) ?? { asked: 0, answered: 0, last: '' };
    entry.asked += 1;
    log.set(key, entry);
    const behaviour = behaviourOf(text, entry.asked);
    const caller = request.headers.authorization;
    setTimeout(
      () => {
        entry.last = behaviour;
        if (behaviour in faults) return faults[behaviour](response, caller);
        response.on('finish', () => (entry.answered += 1));
        if (mode === 'faulty') return send(response, 200, complete(answerTo(text, seed)));
        if (behaviour in lasting) return lasting[behaviour](response, caller);
        send(response, 200, complete(revision(text)));
      },
      latency + (mode === 'steady' ? 0 : share(text, 'latency') * 20),
    );
  });
});
let total = 0;
server.listen(option('port', 0), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/v1`));
