/**
 * Makes sure that a command can run: does the steps of set-up that are not done, one process at a time.
 */
import { codeOf, acquireLock } from './lock.mjs';
import { explain, SetupError } from './explain.mjs';
import { paths, shown } from './paths.mjs';
import { freeBytes, Interrupted, runLogged, startLog } from './runner.mjs';
import { startStepLine } from './stepLine.mjs';

/** @typedef {import('./steps.mjs').Step} Step */

/**
 * Does every step that is not done, in order, and shows a line for each.
 *
 * @param {readonly Step[]} steps in their order
 * @param {{ force?: boolean, insist?: Step, say?: (line: string) => void }} options force: do all of them, done or not;
 *   insist: do this one, and fail if it fails although it is optional
 * @returns {Promise<number>} how many steps ran; rejects with a SetupError whose message says how to fix the problem
 */
export async function ensureSetUp(steps, { force = false, insist, say = (line) => console.error(line) } = {}) {
  if (!force && insist === undefined && steps.every((step) => step.isDone())) return 0;
  const lock = await guarded('', () =>
    acquireLock(paths.lock, (holder) =>
      say(
        `Another set-up is running here (process ${holder}); waiting for it. If there is none, delete ${shown(paths.lock)}.`,
      ),
    ),
  );
  try {
    // Checked again, because the process that held the lock may have done them.
    const open = force ? [...steps] : steps.filter((step) => step === insist || !step.isDone());
    if (open.length > 0) await guarded('', () => startLog(paths.log));
    for (const step of open) step.prepare?.();
    let ran = 0;
    for (const step of steps) {
      // An earlier step may have undone a later one, which then runs too.
      if (!open.includes(step) && step.isDone()) continue;
      const line = startStepLine(step.title, paths.log);
      let note;
      try {
        note = await guarded(`${step.title} failed. `, () =>
          step.make((command, args, options) =>
            runLogged(command, args, { log: paths.log, onStart: lock.add, ...options }),
          ),
        );
      } catch (error) {
        if (error instanceof SetupError && !(error instanceof Interrupted) && step.optional && step !== insist) {
          line.end('not available');
          say(`${error.message.split('\n')[0]} ${step.optional}`);
          continue;
        }
        line.end(error instanceof Interrupted ? 'interrupted' : 'failed');
        throw error;
      }
      line.end('done');
      if (note) say(note);
      ran++;
    }
    return ran;
  } finally {
    lock.release();
  }
}

/**
 * Turns an error of the file system or of an installer into one message that says how to fix it.
 *
 * @template T
 * @param {string} prefix
 * @param {() => T | Promise<T>} action
 * @returns {Promise<T>}
 */
async function guarded(prefix, action) {
  try {
    return await action();
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    const log = `The whole output is in ${shown(paths.log)}.`;
    if (error instanceof SetupError) throw new SetupError(`${prefix}${error.message}\n${log}`);
    const code = codeOf(error);
    if (code !== undefined && /^(ENOSPC|EDQUOT|EACCES|EPERM|EROFS)$/.test(code))
      throw new SetupError(`${prefix}${explain(String(error), freeBytes())}`);
    throw error;
  }
}
