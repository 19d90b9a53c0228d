/**
 * An HTTP server that speaks the chat completions protocol as real ones do, misbehaviour included. It runs as a process of
 * its own: `node server.mjs steady|unreliable [--latency ms] [--port n]` prints its address when it listens.
 *
 * What happens to a request follows from the hash of its last message and from how often that was asked before, so that two
 * runs meet the same server. `GET /log` tells how often each message was asked and answered.
 */
import { createHash } from 'node:crypto';
import http from 'node:http';

const [mode = 'steady'] = process.argv.slice(2);
const option = (name, otherwise) => {
  const place = process.argv.indexOf(`--${name}`);
  return place === -1 ? otherwise : Number(process.argv[place + 1]);
};
const latency = option('latency', 0);

/** By message: how often it was asked, and how often a whole answer was written. */
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

/** The student's answer stands in the prompt between these marks; the revision is the same with one word changed. */
const studentOf = (text) => /answer number (\d+) is (\w+)/.exec(text);

const revision = (text) => {
  const [, number = '0', word = 'blue'] = studentOf(text) ?? [];
  const solution = `answer number ${number} is ${word === 'wrong' ? 'right' : 'better'}`;
  const variants = [
    `{teacher_reasoning}\nThe word was wrong.\n\n{corrected_student_solution}\n${solution}`,
    `**Teacher Reasoning:**\nThe word was wrong.\n\n**Corrected Student Solution:**\n${solution}`,
    `{teacher_reasoning}: The word was wrong.\n{corrected_student_solution}: ${solution}`,
  ];
  return variants[Math.floor(share(text, 'variant') * variants.length)];
};

/** Each takes the response object; `last` says whether the fault stays however often the message is asked. */
const send = (response, status, body, headers = {}) => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
};
const error = (message, code) => ({ error: { message, type: 'server_error', code: code ?? null, param: null } });

const faults = {
  busy: (response) => send(response, 429, error('rate limit'), { 'retry-after': '1' }),
  busyShort: (response) => send(response, 429, error('rate limit'), { 'retry-after-ms': '40' }),
  broken: (response) => send(response, 500, error('internal error')),
  gateway: (response) => {
    response.writeHead(502, { 'content-type': 'text/html' });
    response.end('<html><h1>Bad gateway</h1></html>');
  },
  dropped: (response) => response.socket.destroy(),
  cut: (response) => {
    const body = JSON.stringify(complete('cut off'));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(body.length) });
    response.write(body.slice(0, 60));
    setTimeout(() => response.socket?.destroy(), 5);
  },
  truncated: (response) => send(response, 200, JSON.stringify(complete('truncated')).slice(0, 80)),
  invalid: (response) => send(response, 200, 'this is no JSON'),
  otherShape: (response) => send(response, 200, { hello: 'world' }),
  slow: (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const drip = setInterval(() => response.write(' '), 200);
    response.on('close', () => clearInterval(drip));
  },
};
const transient = Object.keys(faults);

const lasting = {
  noChoices: (response) => send(response, 200, { ...complete(''), choices: [] }),
  filtered: (response) => send(response, 200, complete('', { finish: 'content_filter' })),
  refused: (response) => send(response, 400, error('the content management policy was triggered', 'content_filter')),
  cutAnswer: (response) => send(response, 200, complete('{teacher_reasoning}\nand then', { finish: 'length' })),
};

/** What the server does with the n-th asking of a message: two in ten have no markers, one in ten stays wrong, one in three is wrong at first. */
function behaviourOf(text, asked) {
  if (mode === 'steady') return undefined;
  const kind = share(text, 'kind');
  if (kind < 0.1) return Object.keys(lasting)[Math.floor(kind * 40)];
  if (kind < 0.4) {
    const faultsFirst = 1 + Math.floor(share(text, 'how often') * 3);
    if (asked <= faultsFirst) return transient[Math.floor(share(text, `fault ${asked}`) * transient.length)];
  }
  return undefined;
}

const server = http.createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    if (request.method === 'GET') return send(response, 200, { requests: total, log: Object.fromEntries(log) });
    total += 1;
    const { messages } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    const text = messages.at(-1).content;
    const key = createHash('sha256').update(text).digest('hex');
    const entry = log.get(key) ?? { asked: 0, answered: 0 };
    entry.asked += 1;
    if (mode !== 'steady') log.set(key, entry);
    const behaviour = behaviourOf(text, entry.asked);
    setTimeout(
      () => {
        if (behaviour in faults) return faults[behaviour](response);
        response.on('finish', () => (entry.answered += 1));
        if (behaviour in lasting) return lasting[behaviour](response);
        const unmarked = mode !== 'steady' && share(text, 'markers') < 0.2;
        send(response, 200, complete(unmarked ? 'I would rather not follow the format.' : revision(text)));
      },
      latency + (mode === 'steady' ? 0 : share(text, 'latency') * 20),
    );
  });
});
let total = 0;
server.listen(option('port', 0), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/v1`));
