/**
 * The demonstrators: five programs that answer the world's prompts, as rows of one table.
 *
 * Expert and novice write the texts for pretraining the policy; weakA and weakB are the weaker models of the off-policy dataset,
 * strong is the stronger model. They are programs, not trained models: cheap, and with known error rates. For each response a
 * demonstrator draws its value of each fact, right or wrong, shows these values in its step, and computes the answer from them.
 */
import { createRandom, type Random } from '../../core/random.js';
import { earlierOccurrences } from '../../core/earlierOccurrences.js';
import type { Responder } from '../../responders/responder.js';
import type { Fact } from './facts.js';
import { closers, introduce, introductions, openers, render, strongCloser, strongOpener, units } from './grammar.js';
import { type Slot, type Values, valueOf } from './pattern.js';
import { parsePrompt, solve } from './tasks.js';
import type { World } from './world.js';

/** The ids of the demonstrators. */
export const demonstratorIds = ['expert', 'novice', 'weakA', 'weakB', 'strong'] as const;
/** The id of a demonstrator. */
export type DemonstratorId = (typeof demonstratorIds)[number];

interface Style {
  /** Weights over `openers`, `introductions`, a task's bodies and `closers`. */
  readonly openers: readonly number[];
  readonly introductions: readonly number[];
  readonly bodies: readonly number[];
  readonly closers: readonly number[];
}

/** A row of the table: the error rates and the style of a demonstrator. */
export interface Demonstrator {
  /** The probability of a wrong value, for each fact of each response. */
  readonly mistakes: (fact: Fact) => number;
  /** Which wrong value it then uses. */
  readonly wrongly: 'myth' | 'weak';
  /** The probability of a slip: one too many or too few in sums and change, the other noun in comparisons. */
  readonly slip: number;
  /** The probability of showing the step, if the task has one. */
  readonly showsStep: number;
  /** Weights of the right unit, the wrong unit and no unit. */
  readonly units: readonly [number, number, number];
  readonly style: Style;
}

const commonStyle: Style = {
  openers: [0.25, 0.18, 0.16, 0.15, 0.12, 0.12, 0.02],
  introductions: [0.4, 0.2, 0.2, 0.2],
  bodies: [0.35, 0.25, 0.25, 0.15],
  closers: [0.22, 0.25, 0.15, 0.13, 0.12, 0.11, 0.02],
};

/** The demonstrators by id. */
export const demonstrators = {
  expert: {
    mistakes: (fact) => 0.7 * fact.mythShare,
    wrongly: 'myth',
    slip: 0.01,
    showsStep: 0.85,
    units: [0.95, 0.02, 0.03],
    style: commonStyle,
  },
  novice: {
    mistakes: (fact) => 1.15 * fact.mythShare,
    wrongly: 'myth',
    slip: 0.08,
    showsStep: 0.35,
    units: [0.5, 0.25, 0.25],
    style: commonStyle,
  },
  weakA: {
    mistakes: (fact) => Math.max(0.15, 1.2 * fact.mythShare),
    wrongly: 'weak',
    slip: 0.12,
    showsStep: 0.3,
    units: [0.4, 0.3, 0.3],
    style: {
      openers: [0.4, 0.05, 0.3, 0.05, 0.15, 0.05, 0],
      introductions: [0.2, 0.5, 0.2, 0.1],
      bodies: [0.2, 0.4, 0.1, 0.3],
      closers: [0.35, 0.3, 0.05, 0.05, 0.2, 0.05, 0],
    },
  },
  weakB: {
    mistakes: (fact) => Math.max(0.25, 1.1 * fact.mythShare),
    wrongly: 'weak',
    slip: 0.2,
    showsStep: 0.5,
    units: [0.6, 0.2, 0.2],
    style: {
      openers: [0.1, 0.3, 0.05, 0.25, 0.05, 0.25, 0],
      introductions: [0.3, 0.1, 0.3, 0.3],
      bodies: [0.3, 0.1, 0.4, 0.2],
      closers: [0.1, 0.15, 0.3, 0.2, 0.05, 0.2, 0],
    },
  },
  strong: {
    mistakes: () => 0.02,
    wrongly: 'myth',
    slip: 0.01,
    showsStep: 1,
    units: [0.99, 0.01, 0],
    style: {
      openers: openers.map((opener) => Number(opener === strongOpener)),
      introductions: introductions.map((introduction) => Number(introduction === 'note :')),
      bodies: [0.1, 0.1, 0.1, 0.7],
      closers: closers.map((closer) => Number(closer === strongCloser)),
    },
  },
} as const satisfies Record<DemonstratorId, Demonstrator>;

/**
 * One response of a demonstrator.
 *
 * @throws ApolabError if the prompt does not belong to the world.
 *
 * @example
 * answer(createWorld(0), 'expert', 'price of tea ?', createRandom(0)); // 'well , that is 7 coins'
 */
export function answer(world: World, id: DemonstratorId, prompt: string, random: Random): string {
  const { mistakes, wrongly, slip, showsStep, units: unitWeights, style }: Demonstrator = demonstrators[id];
  const question = parsePrompt(prompt);
  const { task } = question;
  const believed = solve(world.facts, question, (fact) => (random.chance(mistakes(fact)) ? fact[wrongly] : fact.truth));
  const values = random.chance(slip) ? slipped(task.answer[0], believed, random) : believed;
  const stepShown = task.step !== '' && random.chance(showsStep);
  return render({
    opener: random.pickWeighted(openers, style.openers),
    step: stepShown ? introduce(random.pickWeighted(introductions, style.introductions), task) : '',
    body: random.pickWeighted(task.bodies, style.bodies),
    unit: task.hasUnit ? random.pickWeighted(units, unitWeights) : '',
    closer: random.pickWeighted(closers, style.closers),
    values,
  });
}

/**
 * A demonstrator as a responder. A response depends on the seed, the prompt and, if the prompt occurs several times in a call, on
 * which occurrence it is. It does not depend on the other prompts of the call. The temperature is ignored.
 */
export function demonstratorResponder(world: World, id: DemonstratorId): Responder {
  return {
    name: id,
    respond: (prompts: readonly string[], { seed }) => {
      const times = earlierOccurrences(prompts);
      const responses = prompts.map((prompt, index) =>
        answer(world, id, prompt, createRandom(seed, world.seed, id, prompt, times[index]!)),
      );
      return Promise.resolve(responses);
    },
  };
}

/** The values after a slip. Answers that are looked up, not computed, have no slips. */
function slipped(slot: Slot | undefined, values: Values, random: Random): Values {
  switch (slot) {
    case 'sum':
    case 'change':
      return { ...values, [slot]: String(Number(valueOf(values, slot)) + random.pick([-1, 1])) };
    case 'winner':
      return { ...values, winner: valueOf(values, values.winner === values.item ? 'other' : 'item') };
    default:
      return values;
  }
}
