/** Runs a program that prints JSON as its last line, and measures the peak of its memory from outside. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env] besides this process's
 * @returns {Promise<Record<string, unknown>>} what the program printed, with `peakMB` on Linux
 */
export function run(command, args, env = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  let [out, errors, peak] = ['', '', 0];
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (errors = (errors + text).slice(-4000)));
  // The kernel keeps the highest value, so a look every 50 ms misses only what is allocated in the last moment.
  const timer = setInterval(() => (peak = Math.max(peak, highWater(child.pid))), 50);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(timer);
      if (code !== 0) reject(new Error(`${[command, ...args].join(' ')} ended with ${code}:\n${errors}`));
      else
        resolve({ ...JSON.parse(out.trim().split('\n').at(-1)), ...(peak === 0 ? {} : { peakMB: Math.round(peak) }) });
    });
  });
}

/** The most memory that a process has had so far, in MB; 0 if it is gone, or the system is not Linux. */
function highWater(pid) {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return 0;
    throw error;
  }
}

/** The middle value. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
