/**
 * Throughput of `clair`: 20,000 prompts at concurrency 64 against a server process that answers each request after 50 ms, so
 * at most 1,280 per second. Before and after it, the same requests by Node's HTTP client. Prints one JSON object.
 *
 *     npm run build && node --expose-gc tests/bench/pairs/throughput.mjs [prompts]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { clair } from '../../../dist/src/builders/clair.js';
import { endpoint } from '../../../dist/src/responders/endpoint/endpoint.js';
import { pairWriter } from '../../../dist/src/pairs/rows/pairWriter.js';

const prompts = Number(process.argv[2] ?? 20_000);
const latency = 50;
const concurrency = 64;
const ideal = (concurrency * 1000) / latency;

const here = path.dirname(new URL(import.meta.url).pathname);
const server = spawn(
  process.execPath,
  [path.join(here, '../../responders/endpoint/server.mjs'), 'steady', '--latency', latency],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
const [address] = await once(server.stdout, 'data');
const baseUrl = address.toString().trim();
const folder = await mkdtemp(path.join(os.tmpdir(), 'apolab-throughput-'));

const asked = function* (count) {
  for (let index = 0; index < count; index++) {
    yield { prompt: `Question ${index}?`, response: `answer number ${index} is wrong` };
  }
};

/** The builder with the cache on disk and the file of pairs, as in `apolab clair`. */
async function build(count, name) {
  const reviser = endpoint({ model: 'bench', baseUrl, concurrency, cache: path.join(folder, `${name}.cache`) });
  const writer = await pairWriter(path.join(folder, `${name}.jsonl`));
  const memory = [];
  const started = performance.now();
  const startedCpu = process.cpuUsage();
  let pairs = 0;
  for await (const pair of clair({ prompts: asked(count), policy: () => '', reviser })) {
    await writer.write(pair);
    pairs += 1;
    if (pairs % (count / 10) === 0) memory.push(measureMemory(pairs));
  }
  await writer.close();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(startedCpu);
  await reviser.close();
  return { pairs, perSecond: pairs / seconds, cpuMilliseconds: (user + system) / 1000 / pairs, memory };
}

function measureMemory(pairs) {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  return { pairs, rssMB: Math.round(rss / 1e6), heapMB: Math.round(heapUsed / 1e6) };
}

/** Only the requests. */
async function bare(count) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: concurrency });
  const url = new URL(`${baseUrl}/chat/completions`);
  const ask = (index) =>
    new Promise((resolve, reject) => {
      const content = `Question ${index}? answer number ${index} is wrong ${'x'.repeat(1500)}`;
      const body = JSON.stringify({ model: 'bench', messages: [{ role: 'user', content }] });
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const request = http.request(url, { method: 'POST', agent, headers }, (response) => {
        response.resume();
        response.on('end', resolve);
      });
      request.on('error', reject);
      request.end(body);
    });
  let next = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (next < count) await ask(next++);
    }),
  );
  agent.destroy();
  return count / ((performance.now() - started) / 1000);
}

try {
  await build(1000, 'warm-up');
  const before = await bare(prompts / 4);
  const built = await build(prompts, 'measured');
  const after = await bare(prompts / 4);
  const { memory, ...figures } = built;
  const result = {
    ideal,
    ...figures,
    shareOfIdeal: built.perSecond / ideal,
    bare: { perSecond: [before, after], shareOfIdeal: [before / ideal, after / ideal] },
    memory,
    load: os.loadavg(),
    node: process.version,
  };
  console.log(JSON.stringify(result, undefined, 2));
} finally {
  server.kill();
  await rm(folder, { recursive: true });
}
