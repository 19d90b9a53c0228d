/**
 * The minimal reviser of the miniature world, in place of CLAIR's strong model.
 *
 * It keeps opener, introduction, body and closer of a response, corrects the facts and the answer, adds a missing step, and sets the
 * unit to coins. It uses the true value of each fact with probability 0.98, otherwise the myth.
 */
import type { Reviser } from '../../responders/responder.js';
import { createRandom } from '../../core/random.js';
import { type Form, parseResponse, render } from './grammar.js';
import { fill, type Slot, type Values, valueOf } from './pattern.js';
import { factSlots, parsePrompt, type Question, solve } from './tasks.js';
import type { World } from './world.js';

const mistakenShare = 0.02;

/**
 * The reviser of a world. A response outside the grammar and a response that needs no change are skipped, with the reason.
 *
 * @example
 * await minimalReviser(village).revise('price of tea ?', 'sure : it is 4 stones .', 0);
 * // { kind: 'revised', response: 'sure : it is 7 coins .', rationale: 'the price of tea is 7, not 4; ...' }
 */
export function minimalReviser(world: World): Reviser {
  return {
    name: 'minimal reviser',
    revise: (prompt: string, response, seed) => {
      const question = parsePrompt(prompt);
      const form = parseResponse(question, response);
      if (form === undefined) {
        return Promise.resolve({ kind: 'skipped', reason: "the response is not in the world's grammar" });
      }
      const random = createRandom(seed, world.seed, 'reviser', prompt, response);
      const known = solve(world.facts, question, (fact) => (random.chance(mistakenShare) ? fact.myth : fact.truth));
      const revised: Form = {
        ...form,
        step: form.step === '' ? question.task.step : form.step,
        unit: question.task.hasUnit ? 'coins' : '',
        values: known,
      };
      const changes = describeChanges(question, form, revised);
      return Promise.resolve(
        changes.length === 0
          ? { kind: 'skipped', reason: 'already right: there is nothing to revise' }
          : { kind: 'revised', response: render(revised), rationale: changes.join('; ') },
      );
    },
  };
}

/** What the revision changed, one phrase per change. */
function describeChanges({ task }: Question, before: Form, after: Form): string[] {
  const said = (Object.keys(before.values) as Slot[]).filter((slot) => before.values[slot] !== after.values[slot]);
  return [
    ...said.map(
      (slot) => `${nameOf(slot, after.values)} is ${valueOf(after.values, slot)}, not ${before.values[slot]}`,
    ),
    ...(before.step === after.step ? [] : [`the step '${fill(task.step, after.values)}' is missing`]),
    ...(before.unit === after.unit
      ? []
      : [before.unit === '' ? 'the unit is missing' : `prices are in coins, not ${before.unit}`]),
  ];
}

/** A slot's content in words: 'the price of tea', 'the sum'. */
function nameOf(slot: Slot, values: Values): string {
  switch (slot) {
    case 'itemPrice':
    case 'otherPrice':
    case 'itemPlace':
    case 'otherPlace':
      return `the ${factSlots[slot].kind} of ${valueOf(values, factSlots[slot].noun)}`;
    case 'winner':
      return 'the dearer';
    default:
      return `the ${slot}`;
  }
}
